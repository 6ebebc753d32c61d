"""Fitting the head that gives an article its label, and cross-validating it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from training.documents import DOCUMENT_LABELS, DocumentHead


def fit_head(
    rows: NDArray[np.float64], labels: NDArray[np.int64], decay: float = 1e-2
) -> DocumentHead:
    """The regression with the least penalised cross entropy.

    Args:
        rows: figures, shape ``(articles, figures)``.
        labels: index into :data:`DOCUMENT_LABELS`, shape ``(articles,)``.
        decay: of the squared weights of standardised figures.
    """
    mean, spread = rows.mean(0), rows.std(0) + 1e-6
    inputs, gold = torch.from_numpy((rows - mean) / spread), torch.from_numpy(labels)
    shape = (rows.shape[1] + 1, len(DOCUMENT_LABELS))
    weights = torch.zeros(shape, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=300, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = functional.cross_entropy(inputs @ weights[1:] + weights[0], gold)
        loss = loss + decay * weights[1:].square().sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    solved = weights.detach().numpy()
    slopes = solved[1:] / spread[:, None]
    return DocumentHead(solved[0] - mean @ slopes, slopes)


def cross_validated(
    rows: NDArray[np.float64],
    labels: NDArray[np.int64],
    groups: Sequence[int],
    decay: float = 1e-2,
) -> NDArray[np.int64]:
    """The label that each article gets from a head fitted on the other groups."""
    groups_ = np.asarray(groups)
    predicted = np.empty(len(labels), np.int64)
    for group in np.unique(groups_):
        own = groups_ == group
        head = fit_head(rows[~own], labels[~own], decay)
        predicted[own] = head.probabilities(rows[own]).argmax(1)
    return predicted
