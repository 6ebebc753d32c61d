"""The BIO scheme: from the tag probabilities of words to spans."""

from __future__ import annotations

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
    path = _likeliest_path(probabilities, scheme, sentences)
    belongs = probabilities[:, scheme.begin] + probabilities[:, scheme.inside]
    tagged = np.flatnonzero(path != scheme.outside).tolist()
    path_tags = path[tagged].tolist()
    decoded: list[list[TaggedSpan]] = []
    at = 0
    for start, end in sentences:
        runs: list[tuple[int, int, int]] = []  # first word, one past the last, column of the type
        while at < len(tagged) and tagged[at] < end:
            word, tag = tagged[at], path_tags[at]
            at += 1
            if runs and runs[-1][1] == word and not scheme.begins[tag]:
                runs[-1] = (runs[-1][0], word + 1, runs[-1][2])
            else:
                runs.append((word, word + 1, scheme.columns[tag]))
        decoded.append([])
        for first, last, column in runs:
            confidence = float(mean_of(belongs[first:last, column]))
            type_ = scheme.types[column]
            span = TaggedSpan(first - start, last - start, type_, min(confidence, 1.0))
            decoded[-1].append(span)
    return decoded


def mean_of(values: NDArray[np.floating]) -> np.floating:
    """The mean of some values, shape ``(values,)``, sooner than by their method."""
    mean: np.floating = np.add.reduce(values) / len(values) if len(values) > 1 else values[0]
    return mean


class _Scheme(NamedTuple):
    """What follows from a list of tags.

    Attributes:
        outside: the index of ``"O"``.
        types: the types of names.
        begin: the indices of the tags that begin a name, for each type.
        inside: the same of those inside of one.
        begins: whether each tag begins a name.
        columns: the index in ``types`` of each tag's type; -1 for ``"O"``.
        may_begin: which tags may begin a sentence; shape ``(tags,)``.
        may_follow: which (column) may follow which (row); shape ``(tags, tags)``.
    """

    outside: int
    types: list[str]
    begin: list[int]
    inside: list[int]
    begins: list[bool]
    columns: list[int]
    may_begin: NDArray[np.bool_]
    may_follow: NDArray[np.bool_]


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
        may_begin=np.asarray([tag[0] != "I" for tag in tags]),
        may_follow=np.asarray(
            [[after[0] != "I" or before[2:] == after[2:] for after in tags] for before in tags]
        ),
    )


def _likeliest_path(
    probabilities: NDArray[np.floating], scheme: _Scheme, sentences: Sequence[WordRange]
) -> NDArray[np.intp]:
    """The likeliest tag of each word, such that the scheme allows those of each sentence."""
    path: NDArray[np.intp] = probabilities.argmax(axis=1)
    allowed = np.append(True, scheme.may_follow[path[:-1], path[1:]])
    starts = [start for start, end in sentences if start < end]
    allowed[starts] = scheme.may_begin[path[starts]]
    if not allowed.all():  # else the likeliest path of all is allowed
        for start, end in sentences:
            if not allowed[start:end].all():
                path[start:end] = _allowed_path(probabilities[start:end], scheme)
    return path


def _allowed_path(probabilities: NDArray[np.floating], scheme: _Scheme) -> NDArray[np.intp]:
    """The Viterbi path, with all transitions that BIO allows equally likely (Forney 1973)."""
    with np.errstate(divide="ignore"):
        scores = np.log(probabilities.astype(np.float64))
        transitions = np.log(scheme.may_follow.astype(np.float64))
        best = scores[0] + np.log(scheme.may_begin.astype(np.float64))
    origins = np.empty(scores.shape, dtype=np.intp)
    for word in range(1, len(scores)):
        candidates = best[:, None] + transitions
        origins[word] = candidates.argmax(axis=0)
        best = candidates.max(axis=0) + scores[word]
    path = np.empty(len(scores), dtype=np.intp)
    path[-1] = best.argmax()
    for word in range(len(scores) - 1, 0, -1):
        path[word - 1] = origins[word, path[word]]
    return path
