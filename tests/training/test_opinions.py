"""Readers of the sets of single sentences. None of it needs torch."""

import json

from training.labels import CERTAIN, SCALES, TARGET_SETS, UNKNOWN
from training.opinions import (
    hold_out,
    read_newsmtsc,
    read_sst,
    read_targets,
    sst_sentences,
    target_sentences,
    valence_sentences,
)

NEWS = "He praised Joe Biden’s plan, not Putin."


def test_targets_of_newsmtsc_become_ranges_of_words(tokenizer, tmp_path):
    record = {
        "sentence_normalized": NEWS,
        "targets": [{"from": 11, "to": 20, "polarity": 6.0}, {"from": 33, "to": 38, "polarity": 2}],
    }
    path = tmp_path / "news.jsonl"
    path.write_text(json.dumps(record) + "\n")
    (sentence,) = target_sentences(tokenizer, read_newsmtsc(path), "newsmtsc")
    assert sentence.targets == ((2, 4, CERTAIN[2]), (8, 9, CERTAIN[0]))
    assert TARGET_SETS[sentence.target_set] == "newsmtsc"
    assert sentence.polarity == UNKNOWN


def test_marked_targets_have_their_polarity_by_name(tmp_path):
    path = tmp_path / "targets.jsonl"
    record = {"text": NEWS, "targets": [{"start": 33, "end": 38, "polarity": "negative"}]}
    path.write_text(json.dumps(record) + "\n")
    assert read_targets(path) == [(NEWS, [(33, 38, 0)])]


def test_the_last_twelfth_is_held_out():
    assert hold_out(list(range(24))) == (list(range(22)), [22, 23])


def test_sst_is_joined_and_has_three_polarities(tokenizer, tmp_path):
    path = tmp_path / "sst.txt"
    path.write_text("0 they wo n't like it .\n2 a film\n4 it 's splendid\n")
    assert read_sst(path)[0] == ("they won't like it .", 0)
    sentences = sst_sentences(tokenizer, path)
    assert [s.polarity for s in sentences] == list(CERTAIN)
    assert {SCALES[s.scale] for s in sentences} == {"film"}


def test_valence_is_a_scale_of_its_own(tokenizer, tmp_path):
    path = tmp_path / "valence.jsonl"
    path.write_text(json.dumps({"text": "Good.", "valence": 0.2}) + "\n")
    (sentence,) = valence_sentences(tokenizer, path)
    assert (SCALES[sentence.scale], sentence.polarity) == ("valence", (0.0, 0.5, 0.5))
