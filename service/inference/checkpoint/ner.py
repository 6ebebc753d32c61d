"""Names from a token-classification checkpoint of somebody else's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.enrichment.bio import TaggedSpan
from service.enrichment.words import Span, WordRange
from service.inference.checkpoint.checkpoint import Checkpoint
from service.inference.checkpoint.labels import entity_tags


@dataclass(frozen=True)
class TaggerTokens:
    """The tokens of a text, without special ones.

    Attributes:
        ids: of the vocabulary, shape ``(tokens,)``.
        spans: characters of each token, no white space at either end; shape ``(tokens, 2)``.
        words: characters of each word, shape ``(words, 2)``.
        bounds: tokens ``bounds[i]`` up to ``bounds[i + 1]`` begin in word ``i``.
    """

    ids: NDArray[np.int64]
    spans: NDArray[np.int64]
    words: NDArray[np.int64]
    bounds: NDArray[np.int64]


class Tagger:
    """Reads names as the pipeline of transformers does with ``aggregation_strategy="simple"``.

    Neighbouring tokens of one type are one name, from the first character of the first to the last
    of the last, wherever in a word these are; the score is the mean of the tokens' own.

    Args:
        checkpoint: of token classification.
        mapping: label → type, over what is derived.

    Raises:
        ModelError: its labels are not understood.
    """

    def __init__(self, checkpoint: Checkpoint, mapping: Mapping[str, str]) -> None:
        self._checkpoint = checkpoint
        tags = entity_tags(checkpoint.folder.labels, mapping)
        self.types = tuple(dict.fromkeys(tag.type for tag in tags if tag.type))
        self._type = np.asarray([self.types.index(t.type) if t.type else -1 for t in tags])
        self._begins = np.asarray([tag.begins for tag in tags])
        self._ends = np.asarray([tag.ends for tag in tags])
        self.window = checkpoint.room

    def tokenize(self, text: str, words: Sequence[Span]) -> TaggerTokens:
        """The tokens of a text of any length."""
        encoding = self._checkpoint.encode(text)
        spans = np.asarray([_trimmed(text, *span) for span in encoding.offsets], np.int64)
        spans = spans.reshape(-1, 2)
        places = np.asarray(words, np.int64).reshape(-1, 2)
        bounds = np.append(np.searchsorted(spans[:, 0], places[:, 0]), len(spans))
        bounds[0] = 0
        return TaggerTokens(np.asarray(encoding.ids, np.int64), spans, places, bounds)

    def names(self, tokens: TaggerTokens, words: WordRange) -> list[TaggedSpan]:
        """One pass over the given words, and the names in them, words counted in the whole text.

        Words of more tokens than an input takes are read in several.
        """
        first, last = int(tokens.bounds[words[0]]), int(tokens.bounds[words[1]])
        rows = [
            self._checkpoint.logits(self._checkpoint.input(tokens.ids[begin:end]))
            for begin in range(first, last, self.window)
            for end in [min(begin + self.window, last)]
        ]
        if not rows:
            return []
        probabilities = softmax(np.concatenate(rows))
        best = probabilities.argmax(axis=1)
        scores = probabilities.max(axis=1)
        types, begins, ends = self._type[best], self._begins[best], self._ends[best]
        spans: list[TaggedSpan] = []
        group: list[int] = []
        for i in [*np.flatnonzero(types >= 0).tolist(), -1]:
            if group and not (
                i == group[-1] + 1
                and types[i] == types[group[-1]]
                and not begins[i]
                and not ends[group[-1]]
            ):
                kind = self.types[types[group[0]]]
                spans += self._span(tokens, first, group, kind, scores)
                group = []
            group.append(i)
        return spans

    def _span(
        self,
        tokens: TaggerTokens,
        first: int,
        group: list[int],
        kind: str,
        scores: NDArray[np.float32],
    ) -> list[TaggedSpan]:
        seen = [(a, b) for a, b in tokens.spans[first + group[0] : first + group[-1] + 1] if a < b]
        if not seen:
            return []
        start, end = int(seen[0][0]), int(seen[-1][1])
        begin = int(np.searchsorted(tokens.words[:, 0], start, side="right")) - 1
        until = int(np.searchsorted(tokens.words[:, 0], end))
        confidence = float(np.mean(scores[group[0] : group[-1] + 1]))
        return [TaggedSpan(max(begin, 0), until, kind, min(confidence, 1.0), (start, end))]


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities along the last axis."""
    raised: NDArray[np.float32] = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: NDArray[np.float32] = raised / raised.sum(axis=-1, keepdims=True)
    return shares


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end
