"""Larger models, some for names and some for sentiment, that label news for the small model.

Each is MPNet with the heads of the small model, trained on the same windows (Hinton et al. 2015,
"Distilling the Knowledge in a Neural Network").
"""

from __future__ import annotations

from dataclasses import replace

from training.train import Recipe

NAMES_SETS = ("worldwide", "conll", "ewt")
SENTIMENT_SETS = ("tone", "towards", "newsmtsc", "targets", "sst", "valence", "contrasts")
WITHOUT = {"names": SENTIMENT_SETS, "sentiment": NAMES_SETS}
"""The sets that each teacher is not trained on."""
_SENTIMENT = Recipe(
    epochs=5,
    batch_pieces=16 * 192,
    rate=6e-5,
    decay=0.995,
    shares={"tone": 2.0, "newsmtsc": 0.75, "targets": 0.75, "sst": 0.25, "valence": 0.3},
    seed=20261127,
)
_NAMES = Recipe(epochs=5, batch_pieces=16 * 192, rate=8e-5, decay=0.995, shares={}, seed=20261128)
TEACHERS = {
    "sentiment": (_SENTIMENT, replace(_SENTIMENT, seed=20261129)),
    "names": (_NAMES, replace(_NAMES, seed=20261130)),
}
"""Recipes of the teachers of each task; the mean of their predictions is the label."""
