"""The tone of a whole article from those of its sentences: a softmax regression on a few figures.

Which figures is settled by cross-validation on whole articles. ``MIXED`` is a label of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

DOCUMENT_HEAD = "document_tone.json"
"""The file of a bundle that the head is in."""
DOCUMENT_LABELS = ("NEGATIVE", "NEUTRAL", "POSITIVE", "MIXED")
LABEL_OF_TONE = {"1": 0, "2": 0, "3": 1, "4": 2, "5": 2, "M": 3}
"""Index of the document label of each tone of a document."""
FIGURES = (
    "mean", "title", "lead", "negative", "positive", "lesser", "strong negative", "strong positive",
)  # fmt: skip
_LEAD = 4
_STRONG = 0.5


def figures(
    tones: NDArray[np.floating], lengths: NDArray[np.floating], titled: bool
) -> NDArray[np.float64]:
    """What the label of an article is read from, in the order of :data:`FIGURES`.

    The score of a sentence is P(positive) − P(negative). ``mean`` is that of all, ``title`` that of
    the title, or of the first sentence, ``lead`` that of the first four; ``negative`` and
    ``positive`` are the mean probabilities, ``lesser`` the smaller of the two; the strong ones the
    shares of sentences that are likelier than not negative or positive. All but the title's and the
    lead's are weighted by length.

    Args:
        tones: probabilities of each sentence, shape ``(sentences, 3)``, at least one.
        lengths: of each sentence, in any unit.
        titled: whether the first sentence is the title.
    """
    weights = lengths / lengths.sum()
    scores = tones[:, 2] - tones[:, 0]
    negative, _, positive = weights @ tones
    lead = scores[int(titled) :][:_LEAD] if len(scores) > int(titled) else scores
    return np.asarray(
        [
            weights @ scores, scores[0], lead.mean(), negative, positive, min(negative, positive),
            weights @ (tones[:, 0] >= _STRONG), weights @ (tones[:, 2] >= _STRONG),
        ]
    )  # fmt: skip


@dataclass(frozen=True)
class DocumentHead:
    """Logits of the :data:`DOCUMENT_LABELS`: ``bias + figures @ weights``.

    Attributes:
        bias: shape ``(labels,)``.
        weights: shape ``(figures, labels)``.
    """

    bias: NDArray[np.float64]
    weights: NDArray[np.float64]

    def probabilities(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Of the labels, shape ``(articles, labels)``, from the figures of each article."""
        logits = rows @ self.weights + self.bias
        raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
        shares: NDArray[np.float64] = raised / raised.sum(axis=-1, keepdims=True)
        return shares

    def to_json(self) -> dict[str, Any]:
        """As a bundle keeps it."""
        return {
            "labels": list(DOCUMENT_LABELS),
            "figures": list(FIGURES),
            "bias": self.bias.round(4).tolist(),
            "weights": self.weights.round(4).tolist(),
        }
