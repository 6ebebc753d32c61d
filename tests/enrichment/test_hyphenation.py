import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.enrichment.article import Article
from service.enrichment.hyphenation import join_lines
from service.enrichment.values.finder import find_values
from tests.enrichment.texts import texts


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("com-\nply with air-\nline rules", "comply with airline rules"),
        ("com-\r\n  ply with air- \nline rules", "comply with airline rules"),
        ("com\u00ad\nply with it", "comply with it"),
        ("com-\nply; to comply", "comply; to comply"),
        ("in-\nter-\nnal", "internal"),
        ("well-\nknown, air-\nline, well-known", "well-\nknown, airline, well-known"),
        (
            "London-\nbased air-\nline rules and com-\nply",
            "London-\nbased airline rules and comply",
        ),
        ("a well-\nknown man", "a well-\nknown man"),
        ("Asia-\nPacific and com-\nply, air-\nline", "Asia-\nPacific and comply, airline"),
        ("40-\nyear, U.S.-\nled, com-\nply, air-\nline", "40-\nyear, U.S.-\nled, comply, airline"),
    ],
)
def test_hyphenated_words_are_joined(text, joined):
    assert join_lines(text).text == joined


def test_wrapping_at_a_hyphen_is_no_hyphenation():
    lines = ["it rained on the hills and in the valleys"] * 60
    lines[10] += " well-\nknown"
    lines[40] += " short-\nterm"
    text = "\n".join(lines)
    assert join_lines(text).text == text


@given(st.lists(st.sampled_from(["com-\nply", "air-\r\n line", "it", "rained", "x\u00ad\ny"])))
def test_spans_of_whole_words_are_those_of_the_original(words):
    words += ["com-\nply", "air-\nline"]
    joined = join_lines(" ".join(words))
    start = 0
    for word in words:
        whole = "".join(filter(str.isalpha, word))
        end = start + len(whole)
        assert joined.text[start:end] == whole
        first, last = joined.original_span(start, end)
        assert joined.original[first:last] == word
        assert joined.joined_span(first, last) == (start, end)
        start = end + 1


@given(texts)
def test_without_hyphens_at_line_ends_nothing_changes(text):
    joined = join_lines(text)
    if not joined.joints:
        assert joined.text == text


def test_a_date_that_a_line_end_splits_is_found():
    text = "The Commis-\nsion met on 4 Novem-\nber 2026."
    (value,) = find_values(Article(text))
    assert (value.text, str(value.value)) == ("4 Novem-\nber 2026", "2026-11-04")
    assert text[value.start : value.end] == value.text
