"""The tone of a whole article: a softmax regression on figures of its sentences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.enrichment.types import Polarity

LABELS = (Polarity.NEGATIVE, Polarity.NEUTRAL, Polarity.POSITIVE, Polarity.MIXED)
"""The labels of a document, in the order of the regression's output."""

FIGURES = (
    "mean", "title", "lead", "negative", "positive", "lesser", "strong_negative", "strong_positive",
)  # fmt: skip
"""The input of the regression; see :func:`document_figures`."""

STRONG = 0.5
"""Least probability of a strongly negative or positive sentence: likelier than not."""

_LEAD = 4


def document_figures(
    sentences: NDArray[np.floating], lengths: NDArray[np.floating], titled: bool
) -> NDArray[np.float64]:
    """Summarise the sentences of an article, in the order of :data:`FIGURES`.

    The score of a sentence is P(positive) − P(negative). ``mean`` is the mean score, ``title`` the
    score of the title or, without one, of the first sentence, and ``lead`` the mean score of the
    first four sentences after the title. ``negative`` and ``positive`` are mean probabilities, and
    ``lesser`` is the smaller of the two. ``strong_negative`` and ``strong_positive`` are the shares
    of sentences that are negative or positive with a probability of at least :data:`STRONG`. All
    but ``title`` and ``lead`` are weighted by length.

    Args:
        sentences: probabilities of negative, neutral and positive, shape ``(sentences, 3)``; at
            least one sentence.
        lengths: of each sentence, in any unit, shape ``(sentences,)``.
        titled: whether the first sentence is the title.

    Returns:
        Shape ``(figures,)``.
    """
    weights = lengths / np.add.reduce(lengths)
    scores = sentences[:, 2] - sentences[:, 0]
    negative, _, positive = weights @ sentences
    lead = scores[int(titled) :][:_LEAD] if len(scores) > int(titled) else scores
    return np.asarray(
        [
            weights @ scores, scores[0], np.add.reduce(lead) / len(lead),
            negative, positive, min(negative, positive),
            weights @ (sentences[:, 0] >= STRONG), weights @ (sentences[:, 2] >= STRONG),
        ]
    )  # fmt: skip


@dataclass(frozen=True)
class DocumentHead:
    """The regression: the logits of :data:`LABELS` are ``bias + figures @ weights``.

    Attributes:
        bias: shape ``(labels,)``.
        weights: shape ``(figures, labels)``.
    """

    bias: NDArray[np.float64]
    weights: NDArray[np.float64]

    def probabilities(self, figures: NDArray[np.float64]) -> NDArray[np.float64]:
        """The probabilities of :data:`LABELS`, shape ``(..., labels)``.

        Args:
            figures: of one or more articles, shape ``(..., figures)``.
        """
        logits = figures @ self.weights + self.bias
        raised = np.exp(logits - np.maximum.reduce(logits, axis=-1, keepdims=True))
        shares: NDArray[np.float64] = raised / np.add.reduce(raised, axis=-1, keepdims=True)
        return shares
