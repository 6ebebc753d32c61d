"""Larger teachers, one of names and one of sentiment, trained as the small model is.

Each is MPNet with the same heads on the same windows, so that one pass over a window of unlabelled
news answers all that the small model is to learn from it (Hinton et al. 2015, "Distilling the
Knowledge in a Neural Network").
"""

from __future__ import annotations

from training.train import Recipe

NAMES_SETS = ("worldwide", "conll", "ewt")
SENTIMENT_SETS = ("tone", "towards", "newsmtsc", "targets", "sst", "valence", "contrasts")
WITHOUT = {"names": SENTIMENT_SETS, "sentiment": NAMES_SETS}
"""What each teacher does not learn from."""
TEACHERS = {
    "sentiment": Recipe(
        epochs=3,
        batch_pieces=8 * 192,
        rate=5e-5,
        decay=0.995,
        frozen=6,  # of twelve layers: two thirds of the time
        shares={"tone": 2.0, "newsmtsc": 0.75, "targets": 0.75, "sst": 0.25, "valence": 0.3},
        seed=20261127,
    ),
    "names": Recipe(
        epochs=3, batch_pieces=8 * 192, rate=8e-5, decay=0.995, frozen=2, seed=20261128
    ),
}

DISTILLATION = Recipe(
    epochs=2,
    rate=1e-4,
    head_rate=5e-4,
    shares={
        "worldwide": 0.6, "conll": 0.5,
        "tone": 1.0, "newsmtsc": 0.5, "targets": 0.5, "sst": 0.25, "valence": 0.3,
    },
    seed=20261130,
)  # fmt: skip
"""The small model, trained further on labels and on the teacher's answers."""
