"""Names from a token-classification checkpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.enrichment.bio import TaggedSpan
from service.enrichment.bounds import Check, checked, no_check
from service.enrichment.words import Span, WordRange
from service.inference.checkpoint.checkpoint import Checkpoint
from service.inference.checkpoint.labels import derive_tags


@dataclass(frozen=True)
class NerTokens:
    """The tokens of a text, without special tokens.

    Attributes:
        ids: token ids, shape ``(tokens,)``.
        spans: characters of each token without surrounding white space, shape ``(tokens, 2)``.
        words: characters of each word, shape ``(words, 2)``.
        bounds: the tokens ``bounds[i]`` to ``bounds[i + 1]`` begin in word ``i``.
    """

    ids: NDArray[np.int64]
    spans: NDArray[np.int64]
    words: NDArray[np.int64]
    bounds: NDArray[np.int64]


class NerCheckpoint:
    """Finds names as the transformers pipeline does with ``aggregation_strategy="simple"``.

    Adjacent tokens of one type form a name. It begins with the first character of its first token
    and ends with the last of its last token, even inside a word. Its score is the mean of the
    scores of its tokens.

    Args:
        checkpoint: for token classification.
        mapping: label → entity type; overrides the derived types.

    Raises:
        ModelError: an entity type cannot be derived from a label.
    """

    def __init__(self, checkpoint: Checkpoint, mapping: Mapping[str, str]) -> None:
        self._checkpoint = checkpoint
        tags = derive_tags(checkpoint.files.labels, mapping)
        self.types = tuple(dict.fromkeys(tag.type for tag in tags if tag.type))
        self._type = np.asarray([self.types.index(t.type) if t.type else -1 for t in tags])
        self._begins = np.asarray([tag.begins for tag in tags])
        self._ends = np.asarray([tag.ends for tag in tags])
        self.window = checkpoint.max_tokens

    def tokenize(self, text: str, words: Sequence[Span], check: Check = no_check) -> NerTokens:
        """Tokenize a text of any length; ``check`` is called for each token."""
        encoding = self._checkpoint.encode(text)
        spans = np.asarray(
            [_strip(text, *span) for span in checked(encoding.offsets, check)], np.int64
        )
        spans = spans.reshape(-1, 2)
        places = np.asarray(words, np.int64).reshape(-1, 2)
        bounds = np.append(np.searchsorted(spans[:, 0], places[:, 0]), len(spans))
        bounds[0] = 0
        return NerTokens(np.asarray(encoding.ids, np.int64), spans, places, bounds)

    def find_names(self, tokens: NerTokens, words: WordRange) -> list[TaggedSpan]:
        """Find the names in a range of words; spans count the words of the whole text.

        The range takes one pass, or several where it has more tokens than an input may have.
        """
        first, last = int(tokens.bounds[words[0]]), int(tokens.bounds[words[1]])
        rows = [
            self._checkpoint.token_logits(self._checkpoint.build_input(tokens.ids[begin:end]))
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
                entity_type = self.types[types[group[0]]]
                spans += self._to_span(tokens, first, group, entity_type, scores)
                group = []
            group.append(i)
        return spans

    def _to_span(
        self,
        tokens: NerTokens,
        first: int,
        group: list[int],
        entity_type: str,
        scores: NDArray[np.float32],
    ) -> list[TaggedSpan]:
        visible = [
            (a, b) for a, b in tokens.spans[first + group[0] : first + group[-1] + 1] if a < b
        ]
        if not visible:
            return []
        start, end = int(visible[0][0]), int(visible[-1][1])
        first_word = int(np.searchsorted(tokens.words[:, 0], start, side="right")) - 1
        last_word = int(np.searchsorted(tokens.words[:, 0], end))
        confidence = float(np.mean(scores[group[0] : group[-1] + 1]))
        return [
            TaggedSpan(
                max(first_word, 0), last_word, entity_type, min(confidence, 1.0), (start, end)
            )
        ]


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """The softmax along the last axis."""
    exponentials: NDArray[np.float32] = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probabilities: NDArray[np.float32] = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return probabilities


def _strip(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end
