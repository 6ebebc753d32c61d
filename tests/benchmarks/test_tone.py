import json

import pytest

from benchmarks.tone import auc, judge, measure_tone
from service.enrichment.pipeline import Enricher
from tests.fakes import FakeDetector, FakeModel
from training.articles import ONE_IN
from training.data import held_out

TITLE = "It was good for Acme"
TEXT = "It was dreadful of Putin. It was there. The good man praised Biden."


def record(identifier, document, tones):
    starts = [0, 26, 40]
    ends = [25, 39, len(TEXT)]
    sentences = [{"section": "title", "start": 0, "end": len(TITLE), "tone": tones[0]}]
    sentences += [
        {"section": "text", "start": start, "end": end, "tone": tone}
        for start, end, tone in zip(starts, ends, tones[1:], strict=True)
    ]
    return {
        "id": identifier, "title": TITLE, "text": TEXT, "document": document,
        "sentences": sentences,
    }  # fmt: skip


def target(name, polarity, section="text"):
    text = TITLE if section == "title" else TEXT
    start = text.index(name)
    return {"section": section, "start": start, "end": start + len(name), "polarity": polarity}


@pytest.fixture
def enricher():
    return Enricher(FakeModel(), FakeDetector())


def test_auc_counts_ordered_pairs_and_half_of_the_ties():
    assert auc([0, 2], [-0.3, 0.1]) == 1
    assert auc([0, 2], [0.1, -0.3]) == 0
    assert auc([0, 2, 1, 3], [0.4, 0.4, 0.9, -1]) == 0.5
    assert auc([0, 0, 2, 2], [-0.9, 0.2, 0.1, 0.3]) == 0.75


def test_labels_are_compared_with_the_served_sentences_and_mentions(enricher):
    targets = [
        target("Acme", "positive", "title"),
        target("Putin", "negative"),
        target("Biden", "neutral"),
        target("man", "positive"),
    ]
    judged = judge(enricher, record("a", "4", [5, 1, 3, 1]), targets)
    assert [(j.gold, j.served, j.rating) for j in judged.sentences] == [
        (2, 2, 5), (0, 0, 1), (1, 1, 3), (0, 2, 1),
    ]  # fmt: skip
    assert [(j.gold, j.served) for j in judged.mentions] == [(2, 2), (0, 0), (1, 2), (2, 1)]
    assert judged.found == 3
    assert [each.gold for each in judged.documents] == [2]


def test_only_held_out_articles_are_scored(enricher, tmp_path):
    numbers = [str(n) for n in range(200)]
    kept = [n for n in numbers if held_out(n, ONE_IN)][:2]
    left_out = next(n for n in numbers if not held_out(n, ONE_IN))
    tones = [5, 1, 3, 5]
    records = [
        record(kept[0], "4", tones),
        record(kept[1], "1", [5, 1, 3, 1]),
        record(left_out, "3", [1, 5, 1, 1]),
    ]
    (tmp_path / "news_tone_train.jsonl").write_text("\n".join(map(json.dumps, records)))
    (tmp_path / "news_targets_train.jsonl").write_text(
        json.dumps({"id": kept[0], "targets": [target("Putin", "neutral")]})
    )
    rows = {(name, what): value for name, what, value in measure_tone(enricher, tmp_path)}
    whole = "Tone dev, all: sentences"
    assert rows[whole, "clearly negative called positive"] == pytest.approx(100 / 3)
    assert rows["Tone dev, BBC: documents", "AUC, score"] == 50
    assert rows["Tone dev, all: mentions", "neutral called otherwise"] == 100
    assert rows["Tone dev, all: mentions", "labelled mentions found"] == 100
    assert not any("US news" in name for name, _ in rows)
