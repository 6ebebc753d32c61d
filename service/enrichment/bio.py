"""The BIO scheme: from the tag probabilities of words to spans."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.enrichment.words import Span, WordRange

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
    return decode_sentences(probabilities, tags, [(0, len(probabilities))])[0]


def decode_sentences(
    probabilities: NDArray[np.floating], tags: Sequence[str], sentences: Sequence[WordRange]
) -> list[list[TaggedSpan]]:
    """The names of each sentence, as :func:`decode_tags` finds them.

    Args:
        probabilities: of each tag for each word of all sentences, shape ``(words, tags)``.
        tags: ``"O"``, and ``"B-…"`` and ``"I-…"`` of each type.
        sentences: the words of each sentence, in order, one after the other.

    Returns:
        Spans in order, without overlap. They count the words of their sentence.
    """
    if not len(probabilities):
        return [[] for _ in sentences]
    scheme = _scheme(tuple(tags))
    path: NDArray[np.intp] = probabilities.argmax(axis=1)
    tagged = np.flatnonzero(path != scheme.outside)
    words = list(zip(tagged.tolist(), path[tagged].tolist(), strict=True))
    decoded: list[list[TaggedSpan]] = []
    at = 0
    for start, end in sentences:
        first = at
        while at < len(words) and words[at][0] < end:
            at += 1
        runs = _runs(words[first:at], scheme)
        if runs is None:
            of_sentence = enumerate(_allowed_path(probabilities[start:end], scheme), start)
            runs = _runs([each for each in of_sentence if each[1] != scheme.outside], scheme) or []
        spans = []
        for first, last, column in runs:
            begin, inside = scheme.begin[column], scheme.inside[column]
            belongs = probabilities[first:last, begin] + probabilities[first:last, inside]
            confidence = min(float(mean_of(belongs)), 1.0)
            spans.append(TaggedSpan(first - start, last - start, scheme.types[column], confidence))
        decoded.append(spans)
    return decoded


def mean_of(values: NDArray[np.floating]) -> np.floating:
    """The mean of some values, shape ``(values,)``, faster than by its method."""
    mean: np.floating = np.add.reduce(values) / len(values) if len(values) > 1 else values[0]
    return mean


class _Scheme(NamedTuple):
    """What follows from a list of tags.

    Attributes:
        outside: the index of ``"O"``.
        types: the types of names.
        begin: the index of the tag that begins a name, for each type.
        inside: the same of that inside of one.
        begins: whether each tag begins a name.
        columns: the index in ``types`` of each tag's type; -1 for ``"O"``.
    """

    outside: int
    types: list[str]
    begin: list[int]
    inside: list[int]
    begins: list[bool]
    columns: list[int]


@lru_cache(maxsize=8)
def _scheme(tags: tuple[str, ...]) -> _Scheme:
    types = [tag[2:] for tag in tags if tag[0] == "B"]
    return _Scheme(
        outside=tags.index(OUTSIDE),
        types=types,
        begin=[tags.index(f"B-{type_}") for type_ in types],
        inside=[tags.index(f"I-{type_}") for type_ in types],
        begins=[tag[0] == "B" for tag in tags],
        columns=[types.index(tag[2:]) if tag != OUTSIDE else -1 for tag in tags],
    )


def _runs(words: Sequence[tuple[int, int]], scheme: _Scheme) -> list[tuple[int, int, int]] | None:
    """The names of a sentence.

    Args:
        words: index and tag of each word with a tag other than ``"O"``.
        scheme: of the tags.

    Returns:
        The first word of each, one past its last, and the column of its type; ``None`` if the
        scheme does not allow the tags.
    """
    runs: list[tuple[int, int, int]] = []
    end = column = -1
    for word, tag in words:
        if scheme.begins[tag]:
            column = scheme.columns[tag]
            runs.append((word, word + 1, column))
        elif word == end and scheme.columns[tag] == column:
            runs[-1] = (runs[-1][0], word + 1, column)
        else:
            return None
        end = word + 1
    return runs


def _allowed_path(probabilities: NDArray[np.floating], scheme: _Scheme) -> list[int]:
    """The Viterbi path, with all transitions that BIO allows equally likely (Forney 1973)."""
    with np.errstate(divide="ignore"):
        scores: list[list[float]] = np.log(probabilities.astype(np.float64)).tolist()
    best = scores[0]
    for tag in scheme.inside:
        best[tag] = -math.inf
    origins: list[list[int]] = []
    for row in scores[1:]:
        likeliest = max(best)
        origin = [best.index(likeliest)] * len(row)
        following = [likeliest + score for score in row]
        for begin, inside in zip(scheme.begin, scheme.inside, strict=True):
            one, other = (begin, inside) if begin < inside else (inside, begin)
            of_type = one if best[one] >= best[other] else other
            origin[inside] = of_type if best[of_type] > -math.inf else 0
            following[inside] = best[of_type] + row[inside]
        origins.append(origin)
        best = following
    path = [best.index(max(best))]
    for origin in reversed(origins):
        path.append(origin[path[-1]])
    return path[::-1]
