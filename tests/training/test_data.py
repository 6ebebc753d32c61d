"""How labelled sentences become pieces and windows. None of it needs torch."""

import random

import pytest

from training.data import Target, held_out, make_sentence, pack
from training.labels import CERTAIN, CONLL, TAG_SETS, TAGS, UNLABELLED


def test_a_label_goes_to_every_word_of_its_span(tokenizer):
    sentence = make_sentence(tokenizer, "Here is Peter Blackburn.", spans=[(8, 23, "PERSON")])
    assert [TAGS[i] for i in sentence.tags] == ["O", "O", "B-PERSON", "I-PERSON", "O"]
    assert sentence.names == ((2, 4, "PERSON"),)


def test_a_coarse_label_is_kept_as_what_it_leaves_open(tokenizer):
    sentence = make_sentence(tokenizer, "In Wembley", spans=[(3, 10, "LOCATION")], scheme=CONLL)
    assert [TAG_SETS[i] for i in sentence.tags] == [
        CONLL.allowed("O", ""),
        CONLL.allowed("B", "LOCATION"),
    ]


def test_a_sentence_that_nobody_labelled_is_not_taken_to_be_without_names(tokenizer):
    sentence = make_sentence(tokenizer, "Here is Peter.")
    assert set(sentence.tags) == {UNLABELLED}
    assert sentence.names is None


def test_targets_become_ranges_of_words(tokenizer):
    sentence = make_sentence(
        tokenizer, "He praised Joe Biden’s plan.", targets=[Target(11, 20, CERTAIN[2])]
    )
    assert sentence.targets == ((2, 4, CERTAIN[2]),)


def test_case_damage_changes_the_cases_and_not_the_pieces(tokenizer):
    sentence = make_sentence(tokenizer, "Peter reads")
    assert [cases.tolist() for cases in sentence.damaged] == [[2, 2], [0, 0], [1, 1]]
    assert sentence.pieces.cases.tolist() == [1, 0]


def test_the_same_items_are_held_out_in_every_run():
    kept = [key for key in map(str, range(600)) if held_out(key, 6)]
    assert kept[:4] == ["4", "11", "13", "18"]
    assert len(kept) == pytest.approx(100, abs=30)


def test_packing_keeps_every_sentence_in_order_within_the_limit(tokenizer):
    sentences = [make_sentence(tokenizer, "word " * n) for n in (5, 9, 1, 30, 12, 7, 2) * 10]
    windows = list(pack(sentences, 40, random.Random(0)))
    assert [s for window in windows for s in window] == sentences
    assert all(sum(len(s.pieces.ids) for s in window) <= 40 for window in windows)


def test_without_short_windows_each_is_as_full_as_when_served(tokenizer):
    sentences = [make_sentence(tokenizer, "word " * n) for n in (20, 15, 5, 6, 30)]
    windows = pack(sentences, 40, random.Random(0), short=0.0)
    assert [[len(s.tags) for s in window] for window in windows] == [[20, 15, 5], [6, 30]]
