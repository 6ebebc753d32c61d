"""The labels of the model, and how the labels of each data set translate into them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from numpy.typing import NDArray

TYPES = (
    "PERSON", "ORGANIZATION", "LOCATION", "FACILITY", "NORP", "PRODUCT", "MISC", "DATE", "MONEY",
)  # fmt: skip
TAGS = ("O", *(f"{prefix}-{kind}" for kind in TYPES for prefix in "BI"))
FOLDED = {
    "PERSON": "PERSON",
    "ORGANIZATION": "ORGANIZATION",
    "LOCATION": "LOCATION",
    "FACILITY": "LOCATION",
    "NORP": "MISC",
    "PRODUCT": "MISC",
    "MISC": "MISC",
}
"""Type → the type of CoNLL-2003 that contains it. DATE and MONEY are in none."""
UNLABELLED = -100
"""Tag of a word in a set without names."""

POLARITIES = ("negative", "neutral", "positive")
Distribution = tuple[float, float, float]
"""Probabilities of the :data:`POLARITIES`."""
CERTAIN: tuple[Distribution, ...] = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
UNKNOWN: Distribution = (0.0, 0.0, 0.0)
TONES: tuple[Distribution, ...] = (
    (1.0, 0.0, 0.0), (0.75, 0.25, 0.0), (0.05, 0.9, 0.05), (0.0, 0.25, 0.75), (0.0, 0.0, 1.0),
)  # fmt: skip
"""Target distributions of the tones from 1 (clearly negative) to 5 (clearly positive)."""
POLARITY_OF_RATING = (0, 0, 1, 2, 2)
"""Index of the polarity of each tone, and of each rating of SST."""
SCALES = ("tone", "film", "valence")
"""Kinds of sentence labels. Each has its own output layer; only the tone is served."""
TARGET_SETS = ("articles", "newsmtsc", "targets")
"""Sets of labelled mentions. Most mentions are neutral in whole articles, few in the others."""
_STEEP = 2.5
"""Probability of a polarity per unit of mean valence, which ranges from −1 to 1."""


def of_valence(valence: float) -> Distribution:
    """The target distribution of a mean valence from −1 to 1."""
    strength = min(1.0, _STEEP * abs(valence))
    return (strength, 1 - strength, 0.0) if valence < 0 else (0.0, 1 - strength, strength)


@dataclass(frozen=True)
class Scheme:
    """The relation between the types of a set and those of the model, if the set has fewer.

    Attributes:
        finer: type of the set → types of the model that it may stand for; by default itself.
        hidden: types that the set does not annotate, so that a word outside its names may belong
            to one of them.
    """

    finer: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()

    def allowed(self, prefix: str, kind: str) -> frozenset[int]:
        """The tags that are compatible with a label; ``prefix`` is B, I or, for any type, O."""
        if prefix == "O":
            inside = chain.from_iterable((f"B-{k}", f"I-{k}") for k in self.hidden)
            return frozenset(TAGS.index(tag) for tag in ("O", *inside))
        return frozenset(TAGS.index(f"{prefix}-{k}") for k in self.finer.get(kind, (kind,)))


_OF_CONLL = {"LOCATION": ("LOCATION", "FACILITY"), "MISC": ("MISC", "NORP", "PRODUCT")}
NINE = Scheme()
CONLL = Scheme(_OF_CONLL, hidden=("DATE", "MONEY"))
THREE = Scheme(
    {"LOCATION": ("LOCATION", "FACILITY")},
    hidden=("FACILITY", "NORP", "PRODUCT", "MISC", "DATE", "MONEY"),
)
"""PERSON, ORGANIZATION and LOCATION, as in Universal NER."""


def _sets() -> tuple[frozenset[int], ...]:
    single = [frozenset([i]) for i in range(len(TAGS))]
    open_ = (
        scheme.allowed(prefix, kind)
        for scheme in (CONLL, THREE)
        for prefix in "BIO"
        for kind in TYPES
    )
    return tuple(dict.fromkeys([*single, *open_]))


TAG_SETS = _sets()
"""All sets of tags that a label may be compatible with, the single tags first."""


def allowed_tags() -> NDArray[np.bool_]:
    """:data:`TAG_SETS` as a table, shape ``(sets, tags)``."""
    table = np.zeros((len(TAG_SETS), len(TAGS)), dtype=bool)
    for row, tags in enumerate(TAG_SETS):
        table[row, list(tags)] = True
    return table
