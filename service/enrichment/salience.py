"""Salience: which share of an article's attention each of its entities has."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from service.enrichment.article import Factors

LATE = 0.5
"""What a first mention in the very last word takes off, compared with one in the very first."""

TITLE = 1.0
"""What a mention in the title adds, in mentions."""


def salience(factors: Sequence[Factors]) -> list[float]:
    """The share of each entity; they sum to 1.

    An entity weighs its number of mentions, discounted by how late the first one comes, plus a
    bonus for standing in the title: ``mentions · (1 − LATE · first) + TITLE · in_title``.
    """
    if not factors:
        return []
    weights = np.asarray([f.mentions * (1 - LATE * f.first) + TITLE * f.in_title for f in factors])
    shares: list[float] = (weights / weights.sum()).tolist()
    return shares
