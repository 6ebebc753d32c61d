"""Sentiment from a sequence-classification checkpoint."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from service.enrichment.clauses import clause_of
from service.enrichment.model_protocol import Target
from service.enrichment.words import Span, WordRange
from service.inference.backends.base import Input
from service.inference.checkpoint.checkpoint import Checkpoint
from service.inference.checkpoint.labels import derive_polarities
from service.inference.checkpoint.ner import softmax
from service.inference.model_info import POLARITIES

_NEUTRAL = (0.0, 1.0, 0.0)


@dataclass(frozen=True)
class Words:
    """A text and the spans of its words."""

    text: str
    spans: Sequence[Span]

    def __getitem__(self, words: WordRange) -> str:
        return self.text[self.spans[words[0]][0] : self.spans[words[1] - 1][1]]

    def split(self, words: WordRange) -> list[str]:
        """The words of a range, one by one."""
        return [self.text[a:b] for a, b in self.spans[slice(*words)]]


@dataclass(frozen=True)
class _Query:
    """A stretch of text and, for target sentiment, a name in it.

    Attributes:
        stretch: the text.
        name: the target; ``None`` for the sentiment of the stretch itself.
        offset: of the name in the stretch, in characters.
    """

    stretch: str
    name: str | None = None
    offset: int = 0


class SentimentCheckpoint:
    """Classifies the sentiment of stretches of text, and towards the names in them.

    A stretch longer than an input is split into parts of equal length; its probabilities are the
    mean of theirs, weighted by length. For the sentiment towards a name, a checkpoint for pairs
    reads the stretch, or the part of it around the name that fits, together with the name. Any
    other checkpoint reads the stretch and the clause around the name; the result is their mean.

    Args:
        checkpoint: for sequence classification.
        mapping: label → polarity; overrides the derived polarities.
        pairs: whether the checkpoint was trained on pairs of a sentence and a name.

    Raises:
        ModelError: a polarity cannot be derived from a label.
    """

    def __init__(self, checkpoint: Checkpoint, mapping: Mapping[str, str], pairs: bool) -> None:
        self._checkpoint = checkpoint
        self._pairs = pairs
        self.target_sentiment: Literal["pairs", "sentences"] = "pairs" if pairs else "sentences"
        labels = checkpoint.files.labels
        self._polarity_of_label = np.zeros((len(labels), len(POLARITIES)), np.float32)
        for label, polarity in enumerate(derive_polarities(labels, mapping)):
            self._polarity_of_label[label, polarity] = 1

    def classify_stretches(
        self, words: Words, stretches: Sequence[WordRange]
    ) -> NDArray[np.float32]:
        """Negative, neutral, positive of each stretch: shape ``(stretches, 3)``."""
        return self._classify([_Query(words[stretch]) for stretch in stretches])

    def classify_targets(
        self,
        words: Words,
        targets: Sequence[Target],
        known: Mapping[WordRange, NDArray[np.float32]],
    ) -> NDArray[np.float32]:
        """Negative, neutral, positive towards each mention: shape ``(targets, 3)``.

        Args:
            words: the text.
            targets: mentions, each with its stretch.
            known: probabilities of stretches that have been classified already.
        """
        if self._pairs:
            return self._classify(
                [
                    _Query(words[stretch], words[mention], self._offset(words, mention, stretch))
                    for mention, stretch in targets
                ]
            )
        clauses = [clause_of(m, stretch, words.split(stretch)) for m, stretch in targets]
        stretches = [stretch for _, stretch in targets]
        unknown = [each for each in dict.fromkeys([*stretches, *clauses]) if each not in known]
        classified = self.classify_stretches(words, unknown)
        rows = {**known, **dict(zip(unknown, classified, strict=True))}
        means = [(rows[a] + rows[b]) / 2 for a, b in zip(stretches, clauses, strict=True)]
        return np.asarray(means, np.float32).reshape(-1, len(POLARITIES))

    @staticmethod
    def _offset(words: Words, mention: WordRange, stretch: WordRange) -> int:
        return words.spans[mention[0]][0] - words.spans[stretch[0]][0]

    def _classify(self, queries: Sequence[_Query]) -> NDArray[np.float32]:
        inputs: list[Input] = []
        weights: list[tuple[int, float]] = []
        for row, query in enumerate(queries):
            for sequence, tokens in self._build_inputs(query):
                inputs.append(sequence)
                weights.append((row, float(tokens)))
        sums = np.zeros((len(queries), len(POLARITIES)), np.float32)
        logits_of_inputs = self._checkpoint.backend.run(inputs)
        for logits, (row, weight) in zip(logits_of_inputs, weights, strict=True):
            sums[row] += weight * (softmax(logits) @ self._polarity_of_label)
        sums[~sums.any(axis=1)] = _NEUTRAL  # nothing to read
        means: NDArray[np.float32] = sums / sums.sum(axis=1, keepdims=True)
        return means

    def _build_inputs(self, query: _Query) -> list[tuple[Input, int]]:
        """The inputs that a query takes, each with its number of tokens."""
        stretch = self._checkpoint.encode(query.stretch)
        ids = stretch.ids
        if query.name is not None:
            limit = self._checkpoint.max_first_tokens(0)
            name = self._checkpoint.encode(query.name).ids[: limit // 4]
            limit -= len(name)
            starts = [start for start, _ in stretch.offsets]
            token = int(np.searchsorted(starts, query.offset))
            begin = max(0, min(token - limit // 2, len(ids) - limit))
            kept = ids[begin : begin + limit]
            return [(self._checkpoint.build_input(kept, name), len(kept))] if kept else []
        parts = math.ceil(len(ids) / self._checkpoint.max_tokens)
        cuts = [len(ids) * part // parts for part in range(parts + 1)] if parts else [0]
        return [(self._checkpoint.build_input(ids[a:b]), b - a) for a, b in pairwise(cuts)]
