"""Salience: which share of an article's attention each of its entities has."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from service.enrichment.types import Factors

LATE = 0.5
"""What a first mention in the very last word takes off, compared with one in the very first."""

TITLE = 2.0
"""What a mention in the title adds, in mentions."""

TYPES = {"LOCATION": 0.7, "MISC": 0.5}
"""What a mention counts of the types that an article is seldom about; of the others, 1."""

LEADING_WORDS = 2
"""Words that may stand before a mention that begins its sentence: "But former president X"."""


def salience(factors: Sequence[Factors], types: Sequence[str]) -> list[float]:
    """The share of each entity; they sum to 1.

    An entity weighs its number of mentions, discounted by how late the first one comes, and more
    for each that begins its sentence, where English has the subject, which readers take for what
    the sentence is about (Grosz, Joshi & Weinstein 1995, "Centering"), and for standing in the
    title: ``TYPES[type] · (mentions · (1 − LATE · first) + leading + TITLE · in_title)``.

    Args:
        factors: of each entity.
        types: likewise.
    """
    if not factors:
        return []
    weights = np.asarray(
        [
            TYPES.get(kind, 1.0)
            * (f.mentions * (1 - LATE * f.first) + f.leading + TITLE * f.in_title)
            for f, kind in zip(factors, types, strict=True)
        ]
    )
    shares: list[float] = (weights / weights.sum()).tolist()
    return shares
