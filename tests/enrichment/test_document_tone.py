import numpy as np
import pytest

from service.enrichment.document_tone import FIGURES, LABELS, DocumentHead, document_figures

TONES = np.asarray([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.2, 0.8, 0.0]])


def test_the_figures_are_weighted_by_length():
    figures = document_figures(TONES, np.asarray([2.0, 6.0, 2.0]), True)
    assert dict(zip(FIGURES, figures, strict=True)) == pytest.approx(
        {
            "mean": 0.2 - 0.6 - 0.04, "title": 1.0, "lead": -0.6, "negative": 0.64,
            "positive": 0.2, "lesser": 0.2, "strong_negative": 0.6, "strong_positive": 0.2,
        }
    )  # fmt: skip


def test_the_lead_of_a_title_without_text_is_the_title():
    figures = document_figures(TONES[:1], np.ones(1), True)
    found = dict(zip(FIGURES, figures, strict=True))
    assert found["lead"] == found["title"] == 1.0


def test_a_head_gives_the_probabilities_of_each_label():
    weights = np.zeros((len(FIGURES), len(LABELS)))
    weights[0] = [-5, 0, 5, 0]
    head = DocumentHead(np.asarray([0.0, 1.5, 0.0, -1.0]), weights)
    rows = np.stack([document_figures(TONES[[i]], np.ones(1), True) for i in range(3)])
    shares = head.probabilities(rows)
    assert shares.sum(1) == pytest.approx(1)
    assert [LABELS[i] for i in shares.argmax(1)] == ["POSITIVE", "NEGATIVE", "NEUTRAL"]
