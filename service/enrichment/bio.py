"""From tag probabilities to spans of words: the BIO scheme read back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.enrichment.words import Span


class TaggedSpan(NamedTuple):
    """Words ``first`` up to but not including ``last`` are one name.

    ``confidence`` is the mean over its words of the probability that they belong to a name of
    this type, whether at its beginning or inside. ``cut`` are its characters, where these are not
    all of its words.
    """

    first: int
    last: int
    type: str
    confidence: float
    cut: Span | None = None


def decode_tags(probabilities: NDArray[np.floating], tags: Sequence[str]) -> list[TaggedSpan]:
    """The names in a row of words: those of the likeliest sequence of tags that obeys BIO.

    Args:
        probabilities: shape ``(words, tags)``.
        tags: ``"O"`` and ``"B-…"``, ``"I-…"`` of each type.

    Returns:
        Spans in order, not overlapping.
    """
    path = _likeliest_path(probabilities, tuple(tags))
    spans: list[TaggedSpan] = []
    first, kind = 0, ""

    def close(last: int) -> None:
        if kind:
            begin, inside = tags.index(f"B-{kind}"), tags.index(f"I-{kind}")
            words = probabilities[first:last]
            confidence = np.add.reduce(words[:, begin] + words[:, inside]) / (last - first)
            spans.append(TaggedSpan(first, last, kind, min(float(confidence), 1.0)))

    previous = -1
    for word in np.flatnonzero(path != tags.index("O")).tolist():
        tag = tags[path[word]]
        if word != previous + 1 or tag[0] == "B":
            close(previous + 1)
            first, kind = word, tag[2:]
        previous = word
    close(previous + 1)
    return spans


def _likeliest_path(probabilities: NDArray[np.floating], tags: tuple[str, ...]) -> NDArray[np.intp]:
    """The Viterbi path with every transition that BIO allows equally likely (Forney 1973)."""
    begins, follows = _transitions(tags)
    path: NDArray[np.intp] = probabilities.argmax(axis=1)
    if not len(path) or (begins[path[0]] and follows[path[:-1], path[1:]].all()):
        return path  # nothing forbidden in it, hence the likeliest that is allowed
    with np.errstate(divide="ignore"):
        scores = np.log(probabilities.astype(np.float64))
        allowed = np.log(follows.astype(np.float64))
        best = scores[0] + np.log(begins.astype(np.float64))
    origins = np.empty((len(scores), len(tags)), dtype=np.intp)
    for word in range(1, len(scores)):
        candidates = best[:, None] + allowed
        origins[word] = candidates.argmax(axis=0)
        best = candidates.max(axis=0) + scores[word]
    path[-1] = best.argmax()
    for word in range(len(scores) - 1, 0, -1):
        path[word - 1] = origins[word, path[word]]
    return path


@lru_cache(maxsize=8)
def _transitions(tags: tuple[str, ...]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which tags may begin, and which (column) may follow which (row)."""
    begins = np.asarray([tag[0] != "I" for tag in tags])
    follows = np.asarray(
        [[after[0] != "I" or before[2:] == after[2:] for after in tags] for before in tags]
    )
    return begins, follows
