import json

import pytest

from benchmarks.document_sentiment import auc, measure_documents
from service.enrichment.pipeline import Enricher
from tests.fakes import FakeDetector, FakeModel


def test_auc_counts_ordered_pairs_and_half_of_the_ties():
    assert auc([0, 2], [-0.3, 0.1]) == 1
    assert auc([0, 2], [0.1, -0.3]) == 0
    assert auc([0, 2, 1], [0.4, 0.4, 0.9]) == 0.5
    assert auc([0, 0, 2, 2], [-0.9, 0.2, 0.1, 0.3]) == 0.75


def test_documents_are_scored_beside_baselines(tmp_path):
    articles = [
        ("It was bad. " + "It was good. " * 5, "Positive"),
        ("It was good. " + "It was bad. " * 5, "Negative"),
        ("It was there.", "Neutral"),
        ("\x85", "Neutral"),
    ]
    path = tmp_path / "articles.jsonl"
    lines = [json.dumps({"text": text, "sentiment": label}) for text, label in articles]
    path.write_text("\n".join(lines), "utf-8")
    assert dict(measure_documents(Enricher(FakeModel(), FakeDetector()), path)) == {
        "macro-F1, document's label": 100,
        "macro-F1, baseline: sign of the score": 100,
        "macro-F1, baseline: label of the first sentence": pytest.approx(100 / 3),
        "macro-F1, baseline: most frequent label": pytest.approx(100 / 6),
        "AUC, document's score": 100,
        "AUC, baseline: sign of the score": 100,
        "AUC, baseline: score of the first sentence": 0,
    }
