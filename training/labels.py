"""What the labels of each set mean in ours: tags of names, polarities, graded tones."""

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
"""The four types of CoNLL-2003 that ours belong to; DATE and MONEY belong to none."""
UNLABELLED = -100
"""Label of a word that nobody looked at."""

POLARITIES = ("negative", "neutral", "positive")
Distribution = tuple[float, float, float]
"""Probabilities of the :data:`POLARITIES`."""
CERTAIN: tuple[Distribution, ...] = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
UNKNOWN: Distribution = (0.0, 0.0, 0.0)
TONES: tuple[Distribution, ...] = (
    (1.0, 0.0, 0.0), (0.75, 0.25, 0.0), (0.05, 0.9, 0.05), (0.0, 0.25, 0.75), (0.0, 0.0, 1.0),
)  # fmt: skip
"""What a tone of 1 (clearly negative) to 5 (clearly positive) teaches."""
POLARITY_OF_RATING = (0, 0, 1, 2, 2)
"""Index of the polarity of each tone, and of each of SST's ratings."""
SCALES = ("tone", "film", "valence")
"""What a sentence was judged by; each has an output of its own, and only the tone is served."""
TARGET_SETS = ("articles", "newsmtsc", "targets")
"""Where mentions were judged; in whole articles most are neutral, in the others few."""
_STEEP = 2.5
"""Times the valence −1 … 1 that people gave, in the middle of many, is a probability."""


def of_valence(valence: float) -> Distribution:
    """What a mean valence of −1 … 1 teaches."""
    strength = min(1.0, _STEEP * abs(valence))
    return (strength, 1 - strength, 0.0) if valence < 0 else (0.0, 1 - strength, strength)


@dataclass(frozen=True)
class Scheme:
    """What a set that knows fewer types than we do leaves open.

    Attributes:
        finer: type → the types that it may stand for; by default itself alone.
        hidden: types that the set does not look for, so that a word outside its names may be in
            one of these.
    """

    finer: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()

    def allowed(self, prefix: str, kind: str) -> frozenset[int]:
        """The tags that a label leaves possible; ``prefix`` is B, I or, with any type, O."""
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
"""PERSON, ORGANIZATION and LOCATION alone, as in Universal NER and on Twitter."""


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
"""Every set of tags that a label may leave possible, the single tags first."""


def allowed_tags() -> NDArray[np.bool_]:
    """:data:`TAG_SETS` as a table, shape ``(sets, tags)``."""
    table = np.zeros((len(TAG_SETS), len(TAGS)), dtype=bool)
    for row, tags in enumerate(TAG_SETS):
        table[row, list(tags)] = True
    return table
