"""A model made of two: one that finds names, and one that tells sentiment."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from service.enrichment.mention_rules import MentionRules, SpanRules
from service.enrichment.model_protocol import (
    PassRunner,
    Target,
    WindowOutput,
    WindowSentiment,
)
from service.enrichment.passes import run_in_batches
from service.enrichment.sentences import split_sentences
from service.enrichment.windows import cut_windows
from service.enrichment.words import Span, WordRange
from service.inference.bundle.bundle import Bundle, BundleOutput
from service.inference.checkpoint.ner import Tagger
from service.inference.checkpoint.sentiment import Classifier, Words
from service.inference.model_info import ModelInfo

Item = TypeVar("Item")


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


class _ClassifierOutput:
    """The names of a window, with sentiment from a classifier in passes of its own.

    Args:
        names: in the form that the model's mention rules take.
        classifier: reads sentences and mentions.
        tokens: of the text.
        limit: most tokens of a pass.
    """

    def __init__(self, names: Any, classifier: Classifier, tokens: _Tokens, limit: int) -> None:
        self.names = names
        self._classifier = classifier
        self._tokens = tokens
        self._limit = limit

    def sentiment(
        self, sentences: Sequence[WordRange], targets: Sequence[Target], passes: PassRunner
    ) -> WindowSentiment:
        """See the protocol."""
        of_sentences = self._run(
            partial(self._classifier.of_stretches, self._tokens.words), sentences, sentences, passes
        )
        known = dict(zip(sentences, of_sentences, strict=True))
        towards_targets = self._run(
            lambda batch: self._classifier.towards(self._tokens.words, batch, known),
            targets,
            [stretch for _, stretch in targets],
            passes,
        )
        return WindowSentiment(of_sentences, towards_targets)

    def _run(
        self,
        run: Callable[[Sequence[Item]], NDArray[np.float32]],
        items: Sequence[Item],
        stretches: Sequence[WordRange],
        passes: PassRunner,
    ) -> NDArray[np.float32]:
        bounds = self._tokens.bounds
        sizes = [int(bounds[last] - bounds[first]) for first, last in stretches]
        return run_in_batches(run, items, sizes, self._limit, passes)


class _BundleOutput:
    """The names of a window, with sentiment from a bundle's passes over the same words.

    Args:
        names: in the form that the model's mention rules take.
        outputs: of the bundle's windows, which are shorter, each with its words.
    """

    def __init__(self, names: Any, outputs: Sequence[tuple[WordRange, BundleOutput]]) -> None:
        self.names = names
        self._outputs = outputs

    def sentiment(
        self, sentences: Sequence[WordRange], targets: Sequence[Target], passes: PassRunner
    ) -> WindowSentiment:
        """See the protocol. The bundle has read the words already."""
        return WindowSentiment(self._of_sentences(sentences), self._towards_targets(targets))

    def _of_sentences(self, sentences: Sequence[WordRange]) -> NDArray[np.float32]:
        """The sentiment of each sentence: the mean over its windows, weighted by words."""
        sums = np.zeros((len(sentences), 3), np.float32)
        for window, output in self._outputs:
            inside = [(k, part) for k, s in enumerate(sentences) if (part := _common(s, window))]
            if inside:
                rows = output.sentence_sentiment([part for _, part in inside])
                for (k, (first, last)), row in zip(inside, rows, strict=True):
                    sums[k] += (last - first) * row
        means: NDArray[np.float32] = sums / sums.sum(axis=1, keepdims=True)
        return means

    def _towards_targets(self, targets: Sequence[Target]) -> NDArray[np.float32]:
        """The sentiment towards each mention, judged by its own window alone."""
        rows = np.zeros((len(targets), 3), np.float32)
        for window, output in self._outputs:
            inside = [
                (k, (mention, stretch))
                for k, target in enumerate(targets)
                if window[0] <= target[0][0] < window[1]
                for mention, stretch in [[_common(each, window) or each for each in target]]
            ]
            if inside:
                rows[[k for k, _ in inside]] = output.target_sentiment([t for _, t in inside])
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
        self.mention_rules: MentionRules = (
            names.mention_rules if isinstance(names, Bundle) else SpanRules()
        )
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
        names: Any
        if isinstance(self._names, Bundle):
            names = self._names.read(tokens.names, words).names
        else:
            names = self._names.names(tokens.names, words)
        if isinstance(self._sentiment, Classifier):
            return _ClassifierOutput(names, self._sentiment, tokens, self.window)
        bundle, pieces, text = self._sentiment, tokens.pieces, tokens.words
        sentences = [part for each in tokens.sentences if (part := _common(each, words))]
        windows = cut_windows(text.text, text.spans, pieces.bounds, sentences, bundle.window)
        ranges = [(parts[0][0], parts[-1][1]) for parts in windows]
        return _BundleOutput(names, [(each, bundle.read(pieces, each)) for each in ranges])


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
