import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from service.enrichment.words import split_words
from service.inference.bundle import wordpieces
from service.inference.bundle.wordpieces import CASES, classify_case, tokenize_words
from tests.bundle import BUNDLE
from tests.enrichment.texts import texts

any_speed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
tokenizer = Tokenizer.from_file(str(BUNDLE / "tokenizer.json"))


@pytest.mark.parametrize(
    ("word", "case"),
    [
        ("biden", "lower"),
        ("Biden", "capitalised"),
        ("I", "capitalised"),
        ("APEC", "upper"),
        ("U.S.", "upper"),
        ("McDonald", "mixed"),
        ("iPhone", "mixed"),
        ("Seok-youl", "capitalised"),
        ("42", "lower"),
        ("你好", "lower"),
    ],
)
def test_the_letter_case_of_a_word_is_classified(word, case):
    assert CASES[classify_case(word)] == case


@any_speed
@given(texts, st.integers(1, 20))
def test_the_pieces_do_not_depend_on_the_stretches_that_are_tokenized_at_once(text, length):
    words = split_words(text)
    whole = tokenize_words(tokenizer, text, words)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wordpieces, "_STRETCH", max(length, 1 + len(max(text.split(), key=len))))
        parts = tokenize_words(tokenizer, text, words)
    for one, other in ((whole.ids, parts.ids), (whole.bounds, parts.bounds)):
        assert one.tolist() == other.tolist()


def test_a_long_run_without_a_place_to_split_is_tokenized_in_parts(monkeypatch):
    monkeypatch.setattr(wordpieces, "_STRETCH", 10)
    text = "😀" * 1000
    pieces = tokenize_words(tokenizer, text, split_words(text))
    assert len(pieces.ids) == 1000 / (2 * 10)
    assert pieces.bounds[-1] == len(pieces.ids)


def test_typographic_quotes_and_spaces_have_the_pieces_of_plain_ones():
    curly = "Russia’s\u00a0“accomplice”\u2003said"
    plain = 'Russia\'s "accomplice" said'
    curly_ids, plain_ids = (
        tokenize_words(tokenizer, text, split_words(text)).ids.tolist() for text in (curly, plain)
    )
    assert curly_ids == plain_ids


def test_each_piece_belongs_to_the_word_in_which_it_begins():
    text = "Seok-youl met Zelenskyy."
    words = split_words(text)
    pieces = tokenize_words(tokenizer, text, words)
    by_word = [
        "".join(
            tokenizer.id_to_token(i).removeprefix("##") for i in pieces.ids[first:last].tolist()
        )
        for first, last in zip(pieces.bounds[:-1], pieces.bounds[1:], strict=True)
    ]
    assert by_word == ["seok-youl", "met", "zelenskyy", "."]


@any_speed
@given(texts)
def test_no_piece_is_lost_in_any_text(text):
    words = split_words(text)
    pieces = tokenize_words(tokenizer, text, words)
    assert pieces.bounds[0] == 0
    assert pieces.bounds[-1] == len(pieces.ids) == len(pieces.cases)
    assert np.all(np.diff(pieces.bounds) >= 0)
    assert len(pieces.bounds) == len(words) + 1
    assert pieces.ids.dtype == pieces.cases.dtype == np.int32


@any_speed
@given(texts)
def test_a_word_never_has_more_pieces_than_a_window(text):
    words = split_words(text)
    assert np.diff(tokenize_words(tokenizer, text, words).bounds).max() <= 100
