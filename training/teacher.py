"""Larger models, one for names and one for sentiment, that label news for the small model.

Each is MPNet with the heads of the small model, trained on the same windows (Hinton et al. 2015,
"Distilling the Knowledge in a Neural Network").
"""

from __future__ import annotations

from training.train import Recipe

NAMES_SETS = ("worldwide", "conll", "ewt")
SENTIMENT_SETS = ("tone", "towards", "newsmtsc", "targets", "sst", "valence", "contrasts")
WITHOUT = {"names": SENTIMENT_SETS, "sentiment": NAMES_SETS}
"""The sets that each teacher is not trained on."""
TEACHERS = {
    "sentiment": Recipe(
        epochs=3,
        batch_pieces=8 * 192,
        rate=5e-5,
        decay=0.995,
        frozen=6,  # of twelve layers; saves a third of the time
        shares={"tone": 2.0, "newsmtsc": 0.75, "targets": 0.75, "sst": 0.25, "valence": 0.3},
        seed=20261127,
    ),
    "names": Recipe(
        epochs=3, batch_pieces=8 * 192, rate=8e-5, decay=0.995, frozen=2, seed=20261128
    ),
}

_FEWER_OPINIONS = {"tone": 1.0, "newsmtsc": 0.4, "targets": 0.4, "sst": 0.15, "valence": 0.2}
_NAMES = {"worldwide": 1.0, "conll": 0.6, "ewt": 0.8}


def _round(seed: int, shares: dict[str, float], epochs: int = 1) -> Recipe:
    return Recipe(epochs=epochs, rate=1e-4, head_rate=5e-4, shares=shares, seed=seed)


DISTILLATIONS = (
    _round(
        20261130,
        {
            "worldwide": 0.6, "conll": 0.5, "answered": 0.19,
            "tone": 1.0, "newsmtsc": 0.5, "targets": 0.5, "sst": 0.25, "valence": 0.3,
        },
        epochs=2,
    ),
    _round(20261131, {**_NAMES, **_FEWER_OPINIONS, "answered": 0.44}),
    _round(20261132, {**_NAMES, **_FEWER_OPINIONS, "answered": 0.55}),
    _round(
        20261133,
        {
            **_NAMES, **_FEWER_OPINIONS,
            "tone": 0.8, "newsmtsc": 0.35, "answered": 0.5, "contrasts": 2.0,
        },
    ),
)  # fmt: skip
"""Hyperparameters of rounds of further training of the small model, on labels and predictions.
Each round continues from the weights of the one before."""
