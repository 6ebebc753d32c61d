"""Sentiment from a sequence-classification checkpoint of somebody else's."""

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
from service.inference.backends.runtimes import Input
from service.inference.checkpoint.checkpoint import Checkpoint
from service.inference.checkpoint.labels import POLARITY_NAMES, polarities
from service.inference.checkpoint.ner import softmax

_NEUTRAL = (0.0, 1.0, 0.0)


@dataclass(frozen=True)
class Words:
    """A text and the spans of its words."""

    text: str
    spans: Sequence[Span]

    def __getitem__(self, words: WordRange) -> str:
        return self.text[self.spans[words[0]][0] : self.spans[words[1] - 1][1]]

    def each(self, words: WordRange) -> list[str]:
        """The words of a range, one by one."""
        return [self.text[a:b] for a, b in self.spans[slice(*words)]]


@dataclass(frozen=True)
class _Question:
    """A stretch of text, and a name in it, with the character that it begins at."""

    stretch: str
    name: str | None = None
    at: int = 0


class Classifier:
    """The sentiment of stretches of text, each by itself, and towards the names in them.

    A stretch longer than an input is read in parts of like length, and its probabilities are the
    mean of theirs, weighted by length. Towards a name, a checkpoint for pairs is asked about the
    stretch and the name, as much of the stretch as goes with it; any other about the stretch and
    about the clause that the name stands in, whose mean it is.

    Args:
        checkpoint: of sequence classification.
        mapping: label → polarity, over what is derived.
        pairs: whether it was trained on pairs of a sentence and a name.

    Raises:
        ModelError: its labels are not understood.
    """

    def __init__(self, checkpoint: Checkpoint, mapping: Mapping[str, str], pairs: bool) -> None:
        self._checkpoint = checkpoint
        self._pairs = pairs
        self.target_sentiment: Literal["pairs", "sentences"] = "pairs" if pairs else "sentences"
        self._sums = np.zeros((len(checkpoint.folder.labels), 3), np.float32)
        for label, polarity in enumerate(polarities(checkpoint.folder.labels, mapping)):
            self._sums[label, polarity] = 1

    def of_stretches(self, words: Words, stretches: Sequence[WordRange]) -> NDArray[np.float32]:
        """Negative, neutral, positive of each stretch: ``(stretches, 3)``."""
        return self._ask([_Question(words[stretch]) for stretch in stretches])

    def towards(
        self,
        words: Words,
        targets: Sequence[Target],
        known: Mapping[WordRange, NDArray[np.float32]],
    ) -> NDArray[np.float32]:
        """The same towards each mention in its stretch: ``(targets, 3)``.

        Args:
            words: the text.
            targets: mentions, each with its stretch.
            known: probabilities of stretches that need not be asked about again.
        """
        if self._pairs:
            return self._ask(
                [
                    _Question(words[stretch], words[mention], self._offset(words, mention, stretch))
                    for mention, stretch in targets
                ]
            )
        clauses = [clause_of(m, stretch, words.each(stretch)) for m, stretch in targets]
        stretches = [stretch for _, stretch in targets]
        unknown = [each for each in dict.fromkeys([*stretches, *clauses]) if each not in known]
        rows = {**known, **dict(zip(unknown, self.of_stretches(words, unknown), strict=True))}
        means = [(rows[a] + rows[b]) / 2 for a, b in zip(stretches, clauses, strict=True)]
        return np.asarray(means, np.float32).reshape(-1, len(POLARITY_NAMES))

    @staticmethod
    def _offset(words: Words, mention: WordRange, stretch: WordRange) -> int:
        return words.spans[mention[0]][0] - words.spans[stretch[0]][0]

    def _ask(self, questions: Sequence[_Question]) -> NDArray[np.float32]:
        inputs: list[Input] = []
        weights: list[tuple[int, float]] = []
        for row, question in enumerate(questions):
            for one, tokens in self._inputs(question):
                inputs.append(one)
                weights.append((row, float(tokens)))
        sums = np.zeros((len(questions), len(POLARITY_NAMES)), np.float32)
        for logits, (row, weight) in zip(
            self._checkpoint.runtime.run(inputs), weights, strict=True
        ):
            sums[row] += weight * (softmax(logits) @ self._sums)
        sums[~sums.any(axis=1)] = _NEUTRAL  # there was nothing to read
        shares: NDArray[np.float32] = sums / sums.sum(axis=1, keepdims=True)
        return shares

    def _inputs(self, question: _Question) -> list[tuple[Input, int]]:
        """What has to be read to answer, each with its number of tokens."""
        stretch = self._checkpoint.encode(question.stretch)
        ids = stretch.ids
        if question.name is not None:
            room = self._checkpoint.room_beside(0)
            name = self._checkpoint.encode(question.name).ids[: room // 4]
            room -= len(name)
            starts = [start for start, _ in stretch.offsets]
            token = int(np.searchsorted(starts, question.at))
            begin = max(0, min(token - room // 2, len(ids) - room))
            kept = ids[begin : begin + room]
            return [(self._checkpoint.input(kept, name), len(kept))] if kept else []
        parts = math.ceil(len(ids) / self._checkpoint.room)
        cuts = [len(ids) * part // parts for part in range(parts + 1)] if parts else [0]
        return [(self._checkpoint.input(ids[a:b]), b - a) for a, b in pairwise(cuts)]
