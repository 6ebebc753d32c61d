"""Estimates of the tokens of a text."""

import pytest

from service.execution.token_cost import estimate_tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("President Joe Biden met Fumio Kishida in Lima on Friday.", 11),
        ("(" * 1000, 1000),
        ("a " * 1000, 1000),
        ("😀" * 1000, 1000),
        ("", 0),
    ],
)
def test_words_and_marks_count(text, tokens):
    assert tokens <= estimate_tokens(text) <= 1.5 * tokens


def test_a_long_text_is_estimated_by_parts_of_it():
    sentence = "President Joe Biden met Fumio Kishida in Lima on Friday. "
    assert estimate_tokens(sentence * 10_000) == pytest.approx(
        10_000 * estimate_tokens(sentence), rel=0.03
    )
