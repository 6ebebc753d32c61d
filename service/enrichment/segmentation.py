"""Segmentation: an article as sentences and words, with the title as its first line."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from service.enrichment.article import Article
from service.enrichment.bio import TaggedSpan
from service.enrichment.bounds import Bounds, Check, no_check
from service.enrichment.hyphenation import JoinedText, join_lines
from service.enrichment.sentences import paragraphs, split_sentences
from service.enrichment.types import Section
from service.enrichment.words import Span, WordRange, split_words

_GAP = "\n\n"


@dataclass(frozen=True)
class Segmentation:
    """The sentences and words of an article. All offsets count code points.

    Attributes:
        source: the analysed text: the title, an empty line, and the text; or the text alone. Its
            words are whole, see :mod:`service.enrichment.hyphenation`.
        title_end: one past the title in ``source``; 0 without a title.
        gap: code points between title and text.
        sentence_spans: spans of the sentences in ``source``.
        sentences: the words of each sentence, at least one; together all words, in order.
        words: spans of the words in ``source``.
        sections: the title, empty without one, and the text.
    """

    source: str
    title_end: int
    gap: int
    sentence_spans: tuple[Span, ...]
    sentences: tuple[WordRange, ...]
    words: tuple[Span, ...]
    sections: tuple[JoinedText, JoinedText]

    @cached_property
    def lowercase_words(self) -> frozenset[str]:
        """The distinct words without a capital letter."""
        return frozenset(filter(str.islower, self._word_texts))

    @cached_property
    def sentence_lengths(self) -> NDArray[np.float64]:
        """Words in each sentence, shape ``(sentences,)``."""
        return np.asarray([last - first for first, last in self.sentences], np.float64)

    @cached_property
    def _word_texts(self) -> list[str]:
        source = self.source
        return [source[start:end] for start, end in self.words]

    @cached_property
    def _sentence_starts(self) -> list[int]:
        return [first for first, _ in self.sentences]

    def sentence_of(self, word: int) -> int:
        """Index of the sentence that holds a word."""
        return bisect_right(self._sentence_starts, word) - 1

    def word_text(self, word: int) -> str:
        """The characters of a word."""
        return self._word_texts[word]

    def word_texts(self, words: WordRange) -> list[str]:
        """The characters of each word of a range."""
        return self._word_texts[slice(*words)]

    def characters(self, first: int, last: int) -> Span:
        """The span of ``source`` from the word ``first`` up to but not including ``last``."""
        return self.words[first][0], self.words[last - 1][1]

    def characters_of(self, span: TaggedSpan) -> Span:
        """The span of ``source`` that a tagged span covers."""
        return span.characters or (self.words[span.first][0], self.words[span.last - 1][1])

    def has_alphanumeric(self, words: WordRange) -> bool:
        """Whether a range of words holds a letter or a digit: punctuation alone names nothing."""
        first, last = words
        return any(map(str.isalnum, self.source[self.words[first][0] : self.words[last - 1][1]]))

    def split_at_title(self, span: TaggedSpan) -> list[TaggedSpan]:
        """Split a span that crosses from the title into the text; leave any other as it is."""
        start, end = self.characters_of(span)
        if not start < self.title_end < end:
            return [span]
        word = bisect_left(self.words, (self.title_end, 0))
        return [
            span._replace(last=word, characters=(start, self.words[word - 1][1])),
            span._replace(first=word, characters=(self.words[word][0], end)),
        ]

    def locate(self, start: int, end: int) -> tuple[Section, int, int]:
        """The section of the article that holds a span of ``source``, and the span within it."""
        title, text = self.sections
        if start < self.title_end:
            return "title", *title.original_span(start, end)
        shift = self.title_end + self.gap
        return "text", *text.original_span(start - shift, end - shift)

    def original(self, start: int, end: int) -> str:
        """The characters of the article that a span of ``source`` comes from."""
        section, start, end = self.locate(start, end)
        return self.sections[section == "text"].original[start:end]


def segment(
    article: Article, bounds: Bounds | None = None, check: Check = no_check
) -> Segmentation:
    """Split an article into sentences, none of which crosses from title to text, and words.

    Args:
        article: of any length.
        bounds: most sentences and words; none by default.
        check: called now and then. Its exceptions propagate.

    Raises:
        BoundExceeded: the article has too many sentences or words.
    """
    sections = join_lines(article.title or ""), join_lines(article.text)
    headline, text = sections[0].text, sections[1].text
    source, title, gap = text, 0, 0
    if article.title is not None:
        source = headline + _GAP + text
        title, gap = len(headline), len(_GAP)
    if bounds and len(source) > 2 * bounds.sentences:
        # Each paragraph is a sentence or more; counting them first is far cheaper.
        visible = sum(
            not source[start:end].isspace() for start, end in paragraphs(source) if end > start
        )
        bounds.check_sentences(visible)
        check()
    in_title = split_sentences(article.title, check) if article.title else []
    spans = [sections[0].joined_span(*span) for span in in_title]
    for span in split_sentences(article.text, check):
        start, end = sections[1].joined_span(*span)
        spans.append((start + title + gap, end + title + gap))
    sentences: list[WordRange] = []
    words: list[Span] = []
    if bounds:
        bounds.check_sentences(len(spans))
    for start, end in spans:
        first = len(words)
        words += split_words(source, start, end, check)
        sentences.append((first, len(words)))
        if bounds:
            bounds.check_words(len(words))
    return Segmentation(source, title, gap, tuple(spans), tuple(sentences), tuple(words), sections)
