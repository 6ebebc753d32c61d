"""The BIO scheme: from the tag probabilities of words to spans."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.enrichment.words import Span

OUTSIDE = "O"


class TaggedSpan(NamedTuple):
    """One name: the words from ``first`` up to but not including ``last``.

    Attributes:
        first: its first word.
        last: one past its last word.
        type: entity type.
        confidence: mean over its words of the probability that they belong to a name of this type,
            whether at its beginning or inside of it; 0–1.
        characters: its code points in the text, where it does not cover whole words.
    """

    first: int
    last: int
    type: str
    confidence: float
    characters: Span | None = None


def decode_tags(probabilities: NDArray[np.floating], tags: Sequence[str]) -> list[TaggedSpan]:
    """The names in the likeliest sequence of tags that the BIO scheme allows.

    Args:
        probabilities: of each tag for each word of a sentence, shape ``(words, tags)``.
        tags: ``"O"``, and ``"B-…"`` and ``"I-…"`` of each type.

    Returns:
        Spans in order, without overlap.
    """
    path = _likeliest_path(probabilities, tuple(tags))
    spans: list[TaggedSpan] = []
    first, type_ = 0, ""

    def close_span(last: int) -> None:
        if type_:
            begin, inside = tags.index(f"B-{type_}"), tags.index(f"I-{type_}")
            words = probabilities[first:last]
            confidence = np.add.reduce(words[:, begin] + words[:, inside]) / (last - first)
            spans.append(TaggedSpan(first, last, type_, min(float(confidence), 1.0)))

    previous = -1
    for word in np.flatnonzero(path != tags.index(OUTSIDE)).tolist():
        tag = tags[path[word]]
        if word != previous + 1 or tag[0] == "B":
            close_span(previous + 1)
            first, type_ = word, tag[2:]
        previous = word
    close_span(previous + 1)
    return spans


def _likeliest_path(probabilities: NDArray[np.floating], tags: tuple[str, ...]) -> NDArray[np.intp]:
    """The Viterbi path, with all transitions that BIO allows equally likely (Forney 1973)."""
    may_begin, may_follow = _transitions(tags)
    path: NDArray[np.intp] = probabilities.argmax(axis=1)
    if not len(path) or (may_begin[path[0]] and may_follow[path[:-1], path[1:]].all()):
        return path  # the likeliest path of all is allowed
    with np.errstate(divide="ignore"):
        scores = np.log(probabilities.astype(np.float64))
        transitions = np.log(may_follow.astype(np.float64))
        best = scores[0] + np.log(may_begin.astype(np.float64))
    origins = np.empty((len(scores), len(tags)), dtype=np.intp)
    for word in range(1, len(scores)):
        candidates = best[:, None] + transitions
        origins[word] = candidates.argmax(axis=0)
        best = candidates.max(axis=0) + scores[word]
    path[-1] = best.argmax()
    for word in range(len(scores) - 1, 0, -1):
        path[word - 1] = origins[word, path[word]]
    return path


@lru_cache(maxsize=8)
def _transitions(tags: tuple[str, ...]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which tags may begin a sentence, and which (column) may follow which (row)."""
    may_begin = np.asarray([tag[0] != "I" for tag in tags])
    may_follow = np.asarray(
        [[after[0] != "I" or before[2:] == after[2:] for after in tags] for before in tags]
    )
    return may_begin, may_follow
