"""A model made of two: one that finds names, and one that tells sentiment."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.enrichment.bio import TaggedSpan
from service.enrichment.model_protocol import Target, WindowOutput, WordRange
from service.enrichment.sentences import split_sentences
from service.enrichment.windows import cut_windows
from service.enrichment.words import Span
from service.inference.bundle.bundle import Bundle, WindowReading
from service.inference.checkpoint.ner import Tagger
from service.inference.checkpoint.sentiment import Classifier, Words
from service.inference.model_info import ModelInfo

_NO_TAGS: NDArray[np.float32] = np.empty((0, 0), np.float32)


@dataclass(frozen=True)
class _Tokens:
    """The tokens of the one that finds names, by which windows are cut, and of the bundle.

    ``sentences`` are those of the text, at whose ends the bundle's own windows are cut.
    """

    words: Words
    names: Any
    pieces: Any
    sentences: Sequence[WordRange]

    @property
    def bounds(self) -> NDArray[np.int64]:
        bounds: NDArray[np.int64] = self.names.bounds
        return bounds


class _ClassifierReading:
    """Names of a window, and a classifier that is asked about its sentences."""

    def __init__(
        self,
        spans: Sequence[TaggedSpan] | None,
        tag_probabilities: NDArray[np.float32],
        classifier: Classifier,
        words: Words,
    ) -> None:
        self.spans = spans
        self.tag_probabilities = tag_probabilities
        self._classifier = classifier
        self._words = words
        self._known: dict[WordRange, NDArray[np.float32]] = {}

    def sentence_sentiment(self, sentences: Sequence[WordRange]) -> NDArray[np.float32]:
        """See the protocol."""
        rows = self._classifier.of_stretches(self._words, sentences)
        self._known.update(zip(sentences, rows, strict=True))
        return rows

    def target_sentiment(self, targets: Sequence[Target]) -> NDArray[np.float32]:
        """See the protocol. What the sentences have been found to be is not asked again."""
        return self._classifier.towards(self._words, targets, self._known)


class _BundleReading:
    """Names of a window, and what the bundle has read of the same words in shorter windows."""

    def __init__(
        self,
        spans: Sequence[TaggedSpan] | None,
        readings: Sequence[tuple[WordRange, WindowReading]],
    ) -> None:
        self.spans = spans
        self.tag_probabilities = _NO_TAGS
        self._readings = readings

    def sentence_sentiment(self, sentences: Sequence[WordRange]) -> NDArray[np.float32]:
        """See the protocol. A sentence in two windows has the mean of its parts, by length."""
        sums = np.zeros((len(sentences), 3), np.float32)
        for window, reading in self._readings:
            inside = [(k, part) for k, s in enumerate(sentences) if (part := _common(s, window))]
            if inside:
                rows = reading.sentence_sentiment([part for _, part in inside])
                for (k, (first, last)), row in zip(inside, rows, strict=True):
                    sums[k] += (last - first) * row
        means: NDArray[np.float32] = sums / sums.sum(axis=1, keepdims=True)
        return means

    def target_sentiment(self, targets: Sequence[Target]) -> NDArray[np.float32]:
        """See the protocol. What stands in another window than the mention's is left out."""
        rows = np.zeros((len(targets), 3), np.float32)
        for window, reading in self._readings:
            inside = [
                (k, (mention, stretch))
                for k, target in enumerate(targets)
                if window[0] <= target[0][0] < window[1]
                for mention, stretch in [[_common(each, window) or each for each in target]]
            ]
            if inside:
                found = reading.target_sentiment([target for _, target in inside])
                rows[[k for k, _ in inside]] = found
        return rows


class CombinedModel:
    """A :class:`service.enrichment.model_protocol.Model` of two parts. Threads may share one.

    Args:
        about: describes it.
        names: finds the names.
        sentiment: tells the sentiment.
    """

    def __init__(
        self, about: ModelInfo, names: Tagger | Bundle, sentiment: Classifier | Bundle
    ) -> None:
        self.identity = about.identity
        self.languages = about.languages
        self.window = names.window
        self.tags: Sequence[str] = names.tags if isinstance(names, Bundle) else ()
        self.one_pass = isinstance(sentiment, Bundle)
        self._names, self._sentiment = names, sentiment

    def tokenize(self, text: str, words: Sequence[Span]) -> _Tokens:
        """The tokens of a text of any length, for either part."""
        own = self._names.tokenize(text, words)
        if not isinstance(self._sentiment, Bundle):
            return _Tokens(Words(text, words), own, None, ())
        pieces = self._sentiment.tokenize(text, words)
        return _Tokens(Words(text, words), own, pieces, _sentences(text, words))

    def read(self, tokens: _Tokens, words: WordRange) -> WindowOutput:
        """One pass over the given words, and the bundle's over the same."""
        spans: Sequence[TaggedSpan] | None = None
        tags = _NO_TAGS
        if isinstance(self._names, Bundle):
            tags = self._names.read(tokens.names, words).tag_probabilities
        else:
            spans = self._names.names(tokens.names, words)
        if isinstance(self._sentiment, Classifier):
            return _ClassifierReading(spans, tags, self._sentiment, tokens.words)
        bundle, pieces, text = self._sentiment, tokens.pieces, tokens.words
        sentences = [part for each in tokens.sentences if (part := _common(each, words))]
        windows = cut_windows(text.text, text.spans, pieces.bounds, sentences, bundle.window)
        ranges = [(parts[0][0], parts[-1][1]) for parts in windows]
        return _BundleReading(spans, [(each, bundle.read(pieces, each)) for each in ranges])


def _sentences(text: str, words: Sequence[Span]) -> list[WordRange]:
    """The words of each sentence: together all, in order."""
    starts = [start for start, _ in words]
    firsts = [bisect_left(starts, start) for start, _ in split_sentences(text)]
    cuts = sorted({0, *firsts, len(words)})
    return list(pairwise(cuts))


def _common(one: WordRange, other: WordRange) -> WordRange | None:
    """The words that two ranges have in common, if any."""
    first, last = max(one[0], other[0]), min(one[1], other[1])
    return (first, last) if first < last else None
