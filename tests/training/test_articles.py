"""Whole articles with tones and targets. None of it needs torch."""

import json

import pytest

from training.articles import TARGETS_FILE, TONES_FILE, read_articles, source_of
from training.labels import CERTAIN, TONES

ARTICLE = {
    "id": "business/1",
    "title": "Acme wins",
    "text": "Acme beat Bolt. *** Bolt is sad.",
    "document": "M",
    "sentences": [
        {"section": "title", "start": 0, "end": 9, "tone": 5},
        {"section": "text", "start": 0, "end": 15, "tone": 4},
        {"section": "text", "start": 16, "end": 19, "tone": 3},
        {"section": "text", "start": 20, "end": 32, "tone": 1},
    ],
}
TARGETS = {
    "id": "business/1",
    "targets": [
        {"section": "title", "start": 0, "end": 4, "polarity": "positive"},
        {"section": "text", "start": 10, "end": 14, "polarity": "neutral"},
        {"section": "text", "start": 20, "end": 24, "polarity": "negative"},
    ],
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / TONES_FILE).write_text(json.dumps(ARTICLE) + "\n")
    (tmp_path / TARGETS_FILE).write_text(json.dumps(TARGETS) + "\n")
    return tmp_path


def test_each_sentence_has_its_tone_and_marks_alone_are_no_sentence(tokenizer, folder):
    (article,) = read_articles(tokenizer, folder)
    assert [s.text for s in article.sentences] == ["Acme wins", "Acme beat Bolt.", "Bolt is sad."]
    assert article.tones == (5, 4, 1)
    assert [s.polarity for s in article.sentences] == [TONES[4], TONES[3], TONES[0]]
    assert (article.document, article.titled, article.source) == ("M", True, "bbc")


def test_targets_go_to_the_sentence_of_their_section(tokenizer, folder):
    (article,) = read_articles(tokenizer, folder)
    assert [s.targets for s in article.sentences] == [
        ((0, 1, CERTAIN[2]),),
        ((2, 3, CERTAIN[1]),),
        ((0, 1, CERTAIN[0]),),
    ]


def test_sentiment_towards_names_can_be_left_out(tokenizer, folder):
    (article,) = read_articles(tokenizer, folder, towards=False)
    assert not any(s.targets for s in article.sentences)


@pytest.mark.parametrize(
    ("identifier", "source"),
    [("persent_dev/3642", "persent"), ("worldwide/in_herald_5", "worldwide"), ("sport/1", "bbc")],
)
def test_the_source_is_told_by_the_identifier(identifier, source):
    assert source_of(identifier) == source
