"""What the tone of a document is read from. None of it needs torch."""

import numpy as np
import pytest

from training.documents import DOCUMENT_LABELS, FIGURES, DocumentHead, figures

TONES = np.asarray([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.2, 0.8, 0.0]])


def test_figures_are_weighted_by_length():
    found = dict(zip(FIGURES, figures(TONES, np.asarray([2.0, 6.0, 2.0]), True), strict=True))
    assert found == pytest.approx(
        {
            "mean": 0.2 - 0.6 - 0.04, "title": 1.0, "lead": -0.6, "negative": 0.64,
            "positive": 0.2, "lesser": 0.2, "strong negative": 0.6, "strong positive": 0.2,
        }
    )  # fmt: skip


def test_a_title_alone_is_its_own_lead():
    found = dict(zip(FIGURES, figures(TONES[:1], np.ones(1), True), strict=True))
    assert found["lead"] == found["title"] == 1.0


def test_a_head_gives_probabilities_of_its_labels():
    weights = np.zeros((len(FIGURES), len(DOCUMENT_LABELS)))
    weights[0] = [-5, 0, 5, 0]
    head = DocumentHead(np.asarray([0.0, 1.5, 0.0, -1.0]), weights)
    rows = np.stack([figures(TONES[[i]], np.ones(1), True) for i in range(3)])
    shares = head.probabilities(rows)
    assert shares.sum(1) == pytest.approx(1)
    assert [DOCUMENT_LABELS[i] for i in shares.argmax(1)] == ["POSITIVE", "NEGATIVE", "NEUTRAL"]
