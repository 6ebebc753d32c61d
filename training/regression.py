"""Fits the regression that gives whole articles their sentiment."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from service.enrichment.document_tone import LABELS, DocumentHead


def fit_head(
    rows: NDArray[np.float64], labels: NDArray[np.int64], decay: float = 3e-2
) -> DocumentHead:
    """Fit a softmax regression with an L2 penalty.

    Args:
        rows: figures, shape ``(articles, figures)``.
        labels: index into :data:`~service.enrichment.document_tone.LABELS`, shape ``(articles,)``.
        decay: factor of the penalty on the weights of standardised figures.
    """
    mean, spread = rows.mean(0), rows.std(0) + 1e-6
    inputs, gold = torch.from_numpy((rows - mean) / spread), torch.from_numpy(labels)
    shape = (rows.shape[1] + 1, len(LABELS))
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
