"""Segmentation: an article as sentences and words, with the title as its first line."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from service.enrichment.bio import TaggedSpan
from service.enrichment.sentences import split_sentences
from service.enrichment.types import Article, Section
from service.enrichment.words import Span, split_words

_GAP = "\n\n"


@dataclass(frozen=True)
class Segmentation:
    """A text cut up.

    Attributes:
        source: what is analysed: the title, an empty line, and the text; or the text alone.
        title: code points of ``source`` that are the title.
        gap: code points between title and text.
        sentence_spans: spans of the sentences into ``source``.
        sentences: the words of each sentence, at least one; together all words, in order.
        words: spans of the words into ``source``.
    """

    source: str
    title: int
    gap: int
    sentence_spans: tuple[Span, ...]
    sentences: tuple[tuple[int, int], ...]
    words: tuple[Span, ...]

    def is_name(self, first: int, last: int) -> bool:
        """Whether a row of words has a letter or a digit: marks alone name nothing."""
        start, end = self.words[first][0], self.words[last - 1][1]
        return any(map(str.isalnum, self.source[start:end]))

    def without_gap(self, span: TaggedSpan) -> list[TaggedSpan]:
        """The same span; or the two that it is made of, if it goes from the title into the text."""
        start, end = span.cut or (self.words[span.first][0], self.words[span.last - 1][1])
        if not start < self.title < end:
            return [span]
        word = bisect_left(self.words, (self.title, 0))
        return [
            span._replace(last=word, cut=(start, self.words[word - 1][1])),
            span._replace(first=word, cut=(self.words[word][0], end)),
        ]

    def locate(self, start: int, end: int) -> tuple[Section, int, int]:
        """The section that a span of ``source`` lies in, and the span into that section."""
        if start < self.title:
            return "title", start, end
        shift = self.title + self.gap
        return "text", start - shift, end - shift


def segment(article: Article) -> Segmentation:
    """Cut an article into sentences, none across title and text, and these into words."""
    source, title, gap = article.text, 0, 0
    if article.title is not None:
        source = article.title + _GAP + article.text
        title, gap = len(article.title), len(_GAP)
    spans = split_sentences(article.title) if article.title else []
    spans += [(a + title + gap, b + title + gap) for a, b in split_sentences(article.text)]
    sentences: list[tuple[int, int]] = []
    words: list[Span] = []
    for start, end in spans:
        first = len(words)
        words += split_words(source, start, end)
        sentences.append((first, len(words)))
    return Segmentation(source, title, gap, tuple(spans), tuple(sentences), tuple(words))
