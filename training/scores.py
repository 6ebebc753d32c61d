"""Measures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from training.labels import POLARITIES


def macro_f1(gold: Sequence[int], predicted: Sequence[int]) -> float:
    """Unweighted mean over the polarities of the F1 of each, in 0–1."""
    g, p = np.asarray(gold), np.asarray(predicted)
    return float(
        np.mean(
            [
                2 * np.sum((g == k) & (p == k)) / max(1, np.sum(g == k) + np.sum(p == k))
                for k in range(len(POLARITIES))
            ]
        )
    )
