import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from service.enrichment.article import Article
from service.enrichment.segmentation import segment
from service.enrichment.windows import cut_windows
from tests.enrichment.texts import texts
from tests.fakes import FakeModel


def windows_of(text: str, limit: int) -> list[list[str]]:
    segments = segment(Article(text))
    bounds = FakeModel().tokenize(text, segments.words).bounds
    windows = cut_windows(text, segments.words, bounds, segments.sentences, limit)
    return [
        [text[segments.words[first][0] : segments.words[last - 1][1]] for first, last in parts]
        for parts in windows
    ]


def test_whole_sentences_are_packed_together():
    text = "One two three. Four five six. Seven eight nine."
    assert windows_of(text, 14) == [
        ["One two three.", "Four five six."],
        ["Seven eight nine."],
    ]


def cut(lengths: list[int], limit: int) -> list[list[tuple[int, int]]]:
    """Windows of sentences with so many words of one token each."""
    ends = np.cumsum(lengths).tolist()
    sentences = list(zip([0, *ends], ends, strict=False))
    words = [(i, i + 1) for i in range(ends[-1])]
    return cut_windows("a" * ends[-1], words, np.arange(ends[-1] + 1), sentences, limit)


def test_windows_are_of_similar_size():
    assert [len(parts) for parts in cut([5] * 5, 20)] == [3, 2]
    assert [len(parts) for parts in cut([5] * 5, 12)] == [2, 2, 1]
    assert [len(parts) for parts in cut([9, 2, 9], 12)] == [2, 1]
    assert [len(parts) for parts in cut([30, 4, 4, 4], 40)] == [1, 3]


@given(st.lists(st.integers(1, 20), min_size=1, max_size=30), st.integers(20, 60))
def test_windows_are_as_few_and_as_short_as_possible(lengths, limit):
    windows = cut(lengths, limit)

    def fewest(most):
        number, room = 0, 0
        for length in lengths:
            number, room = (number, room) if length <= room else (number + 1, most)
            room -= length
        return number

    longest = max(parts[-1][1] - parts[0][0] for parts in windows)
    assert len(windows) == fewest(limit)
    assert longest == max(lengths) or fewest(longest - 1) > len(windows)


def test_a_long_sentence_is_cut_after_a_clause():
    text = "one two three, four five six seven eight nine ten"
    assert windows_of(text, 6)[0] == ["one two three,"]


def test_a_long_sentence_is_not_cut_inside_a_name():
    text = "and so they said that it was the late John Ronald Reuel Tolkien who did it"
    assert not any(parts[0].endswith(("John", "Ronald", "Reuel")) for parts in windows_of(text, 16))


@given(texts, st.integers(16, 60))
def test_every_word_is_in_exactly_one_window_and_no_window_is_too_long(text, limit):
    segments = segment(Article(text))
    bounds = FakeModel().tokenize(text, segments.words).bounds
    windows = cut_windows(text, segments.words, bounds, segments.sentences, limit)
    position = 0
    for parts in windows:
        assert 0 < bounds[parts[-1][1]] - bounds[parts[0][0]] <= limit
        for first, last in parts:
            assert first == position < last
            assert any(a <= first and last <= b for a, b in segments.sentences)
            position = last
    assert position == len(segments.words)


def test_words_without_tokens_take_the_room_of_one():
    text = "a b c"
    segments = segment(Article(text))
    bounds = np.zeros(4, dtype=np.int64)
    assert cut_windows(text, segments.words, bounds, segments.sentences, 2) == [
        [(0, 2)],
        [(2, 3)],
    ]
