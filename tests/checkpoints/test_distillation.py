"""What teachers predict, and how the small model learns from it."""

import gzip
import json

import numpy as np
import pytest

from training.answers import UNLABELLED_NEWS, News, answered_documents, ask, unlabelled_news
from training.articles import TONES_FILE
from training.data import held_out
from training.labels import TAGS
from training.readers import WindowReading, mean_reader

ARTICLES = [
    News("1", "Mensah wins", "Kofi Mensah won in Accra. Nobody was surprised."),
    News("2", "", "It rained."),
]


def names_with_capitals(windows):
    """Tags each word with a capital as a person, with a probability of 0.8."""
    readings = []
    for window in windows:
        rows = []
        for sentence in window:
            tags = np.zeros((len(sentence.tags), len(TAGS)), np.float32)
            capitals = sentence.pieces.cases[sentence.pieces.bounds[:-1]] == 1
            tags[:, 0] = np.where(capitals, 0.2, 1)
            tags[capitals, TAGS.index("B-PERSON")] = 0.8
            rows.append(tags)
        nothing = np.zeros((0, 3), np.float32)
        readings.append(WindowReading(np.concatenate(rows), nothing, nothing))
    return readings


def cheerful(windows):
    return [
        WindowReading(
            np.zeros((0, len(TAGS)), np.float32),
            np.tile(np.float32([0.1, 0.2, 0.7]), (len(window), 1)),
            np.tile(np.float32([0.25, 0.5, 0.25]), (sum(len(s.targets) for s in window), 1)),
        )
        for window in windows
    ]


def test_predictions_are_read_back_as_labels(tokenizer, tmp_path):
    path = tmp_path / "answers.jsonl"
    ask(names_with_capitals, cheerful, tokenizer, ARTICLES, path, 190)
    first, second = answered_documents(tokenizer, path)
    assert [s.text.strip() for s in first] == [
        "Mensah wins", "Kofi Mensah won in Accra.", "Nobody was surprised.",
    ]  # fmt: skip
    assert len(second) == 1
    sentence = first[1]
    assert sentence.polarity == pytest.approx((0.1, 0.2, 0.7))
    assert [target[:2] for target in sentence.targets] == [(0, 1), (1, 2), (4, 5)]
    assert sentence.targets[0].polarity == pytest.approx((0.25, 0.5, 0.25))
    assert sentence.answered.sum(1) == pytest.approx(1, abs=1e-3)
    person = sentence.answered[:, TAGS.index("B-PERSON")]
    assert person.tolist() == pytest.approx([0.8, 0.8, 0, 0, 0.8, 0], abs=1e-3)


def test_labelling_continues_after_the_last_complete_line(tokenizer, tmp_path):
    whole, parts = tmp_path / "whole.jsonl", tmp_path / "parts.jsonl"
    ask(names_with_capitals, cheerful, tokenizer, ARTICLES, whole, 190)
    ask(names_with_capitals, cheerful, tokenizer, ARTICLES[:1], parts, 190)
    with parts.open("a") as file:
        file.write('{"id": "2", "sent')
    ask(names_with_capitals, cheerful, tokenizer, ARTICLES, parts, 190)
    assert parts.read_bytes() == whole.read_bytes()


def test_teachers_of_a_task_are_averaged():
    def always(probability):
        row = np.float32([[probability, 0, 1 - probability]])
        return lambda windows: [WindowReading(row, row, row) for _ in windows]

    readings = mean_reader([always(0.25), always(0.75), always(0.5)])([[], []])
    assert len(readings) == 2
    for part in readings[0][:3]:
        assert part.tolist() == [[0.5, 0, 0.5]]
    assert readings[0].labels == TAGS


def test_news_that_the_service_rejects_or_that_tunes_the_model_is_not_labelled(tmp_path):
    tuning = next(f"t{n}" for n in range(50) if held_out(f"t{n}", 6))
    learnt = next(f"t{n}" for n in range(50) if not held_out(f"t{n}", 6))
    texts = {
        tuning: "Held out.",
        learnt: "Learnt.",
        "new": "New.",
        "broken": "A\x7fB",
        "blank": " ",
    }
    records = [{"id": key, "title": "", "text": text} for key, text in texts.items()]
    lines = "".join(json.dumps(record) + "\n" for record in records)
    for name in (f"sentiment/{TONES_FILE}", *UNLABELLED_NEWS):
        (tmp_path / name).parent.mkdir(exist_ok=True)
    labelled = "".join(json.dumps({"id": key}) + "\n" for key in (tuning, learnt))
    (tmp_path / "sentiment" / TONES_FILE).write_text(labelled)
    (tmp_path / UNLABELLED_NEWS[0]).write_bytes(gzip.compress(lines.encode()))
    (tmp_path / UNLABELLED_NEWS[1]).write_text("")
    assert {article.id for article in unlabelled_news(tmp_path)} == {learnt, "new"}
