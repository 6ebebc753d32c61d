"""A model made of two: one finds names, the other classifies sentiment."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from service.enrichment.bounds import Check, no_check
from service.enrichment.mention_rules import MentionRules, SpanRules
from service.enrichment.model_protocol import (
    Judged,
    PassRunner,
    Target,
    WindowOutput,
    WindowSentiment,
)
from service.enrichment.passes import run_in_batches
from service.enrichment.sentences import split_sentences
from service.enrichment.sentiment import reconcile
from service.enrichment.windows import cut_windows
from service.enrichment.words import Span, WordRange
from service.inference.bundle.bundle import Bundle, BundleOutput
from service.inference.checkpoint.ner import NerCheckpoint
from service.inference.checkpoint.sentiment import SentimentCheckpoint, Words
from service.inference.model_info import POLARITIES, ModelInfo

Item = TypeVar("Item")


@dataclass(frozen=True)
class _Tokens:
    """A text as the parts of a combined model take it.

    Attributes:
        words: of the text.
        names: tokens of the part that finds names; windows are cut by them.
        pieces: tokens of the bundle, where it classifies sentiment.
        sentences: of the text; the bundle's own windows end at their ends.
    """

    words: Words
    names: Any
    pieces: Any
    sentences: Sequence[WordRange]

    @property
    def bounds(self) -> NDArray[np.int64]:
        bounds: NDArray[np.int64] = self.names.bounds
        return bounds


class _CheckpointOutput:
    """The names of a window, with sentiment from further passes of a checkpoint.

    Args:
        names: as the mention rules of the model take them.
        sentiment: classifies sentences and targets.
        tokens: of the text.
        limit: most tokens in a pass.
    """

    def __init__(
        self, names: Any, sentiment: SentimentCheckpoint, tokens: _Tokens, limit: int
    ) -> None:
        self.names = names
        self._checkpoint = sentiment
        self._tokens = tokens
        self._limit = limit

    def sentiment(
        self, sentences: Sequence[WordRange], targets: Sequence[Target], passes: PassRunner
    ) -> WindowSentiment:
        """The sentiment of sentences and towards mentions in the window, by further passes."""
        of_sentences = self._run(
            partial(self._checkpoint.classify_stretches, self._tokens.words),
            sentences,
            sentences,
            passes,
        )
        known = dict(zip(sentences, of_sentences, strict=True))
        towards_targets = self._run(
            lambda batch: self._checkpoint.classify_targets(self._tokens.words, batch, known),
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
        names: as the mention rules of the model take them.
        outputs: of the bundle's windows, which are shorter, each with its words.
    """

    def __init__(self, names: Any, outputs: Sequence[tuple[WordRange, BundleOutput]]) -> None:
        self.names = names
        self._outputs = outputs

    def sentiment(
        self, sentences: Sequence[WordRange], targets: Sequence[Target], passes: PassRunner
    ) -> WindowSentiment:
        """The sentiment of sentences and towards mentions in the window, without a pass."""
        return WindowSentiment(self._of_sentences(sentences), self._towards_targets(targets))

    def _of_sentences(self, sentences: Sequence[WordRange]) -> NDArray[np.float32]:
        """The sentiment of each sentence: the reconciled mean over its windows, by their words."""
        sums = np.zeros((len(sentences), len(POLARITIES)), np.float32)
        windows_of = np.zeros(len(sentences), np.int64)
        for window, output in self._outputs:
            inside = [(k, part) for k, s in enumerate(sentences) if (part := _intersect(s, window))]
            if inside:
                rows = output.sentence_sentiment([part for _, part in inside])
                for (k, (first, last)), row in zip(inside, rows, strict=True):
                    sums[k] += (last - first) * row
                    windows_of[k] += 1
        means: NDArray[np.float32] = sums / sums.sum(axis=1, keepdims=True)
        for row in np.flatnonzero(windows_of > 1):
            means[row] = reconcile(means[row])
        return means

    def _towards_targets(self, targets: Sequence[Target]) -> NDArray[np.float32]:
        """The sentiment towards each mention, by its own window alone."""
        rows = np.zeros((len(targets), len(POLARITIES)), np.float32)
        for window, output in self._outputs:
            inside = [
                (k, (mention, stretch))
                for k, target in enumerate(targets)
                if window[0] <= target[0][0] < window[1]
                for mention, stretch in [[_intersect(each, window) or each for each in target]]
            ]
            if inside:
                rows[[k for k, _ in inside]] = output.target_sentiment([t for _, t in inside])
        return rows


class CombinedModel:
    """A :class:`~service.enrichment.model_protocol.Model` of two parts. Thread-safe.

    Args:
        info: describes the model.
        names: finds names.
        sentiment: classifies sentiment.
    """

    def __init__(
        self,
        info: ModelInfo,
        names: NerCheckpoint | Bundle,
        sentiment: SentimentCheckpoint | Bundle,
    ) -> None:
        self.identity = info.identity
        self.languages = info.languages
        self.window = names.window
        self.mention_rules: MentionRules = (
            names.mention_rules if isinstance(names, Bundle) else SpanRules()
        )
        self.document_head = sentiment.document_head if isinstance(sentiment, Bundle) else None
        self._names, self._sentiment = names, sentiment

    def tokenize(self, text: str, words: Sequence[Span], check: Check = no_check) -> _Tokens:
        """Tokenize a text of any length for both parts; ``check`` is called now and then."""
        own = self._names.tokenize(text, words, check)
        if not isinstance(self._sentiment, Bundle):
            return _Tokens(Words(text, words), own, None, ())
        pieces = self._sentiment.tokenize(text, words, check)
        return _Tokens(Words(text, words), own, pieces, _split_into_sentences(text, words, check))

    def read(self, tokens: _Tokens, words: WordRange) -> WindowOutput:
        """Run the passes of both parts over a window."""
        names: Any
        if isinstance(self._names, Bundle):
            names = self._names.read(tokens.names, words).names
        else:
            names = self._names.find_names(tokens.names, words)
        if isinstance(self._sentiment, SentimentCheckpoint):
            return _CheckpointOutput(names, self._sentiment, tokens, self.window)
        bundle, pieces, text = self._sentiment, tokens.pieces, tokens.words
        sentences = [part for each in tokens.sentences if (part := _intersect(each, words))]
        windows = cut_windows(text.text, text.spans, pieces.bounds, sentences, bundle.window)
        ranges = [(parts[0][0], parts[-1][1]) for parts in windows]
        return _BundleOutput(names, [(each, bundle.read(pieces, each)) for each in ranges])

    def sentiment(
        self, windows: Sequence[Judged[Any]], passes: PassRunner
    ) -> Iterator[WindowSentiment]:
        """See the protocol; window by window."""
        for output, sentences, targets in windows:
            yield output.sentiment(sentences, targets, passes)


def _split_into_sentences(text: str, words: Sequence[Span], check: Check) -> list[WordRange]:
    """The words of each sentence, in order; every word belongs to one."""
    starts = [start for start, _ in words]
    firsts = [bisect_left(starts, start) for start, _ in split_sentences(text, check)]
    cuts = sorted({0, *firsts, len(words)})
    return list(pairwise(cuts))


def _intersect(one: WordRange, other: WordRange) -> WordRange | None:
    """The words that both ranges contain; ``None`` if there are none."""
    first, last = max(one[0], other[0]), min(one[1], other[1])
    return (first, last) if first < last else None
