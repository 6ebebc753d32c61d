"""Windows: a text of any length in pieces that fit into one pass of the encoder."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from service.enrichment.bounds import Check, no_check
from service.enrichment.words import Span, WordRange

_CLAUSE_END = frozenset(",;:)]–—-…")


def cut_windows(
    text: str,
    words: Sequence[Span],
    bounds: NDArray[np.int64],
    sentences: Sequence[WordRange],
    limit: int,
    check: Check = no_check,
) -> list[list[WordRange]]:
    """Pack sentences into windows of at most ``limit`` tokens, in order.

    There are as few windows as possible, and the longest is as short as possible: windows of
    similar size are shared out well among cores, and take less attention.

    A longer sentence is cut in parts. The second half of each part determines the cut: after a
    clause if possible; else at white space outside of a run of capitalised words, which may be a
    name; else at any white space; and between two words without white space as a last resort.

    Args:
        text: the whole text.
        words: spans of its words.
        bounds: word ``i`` has the tokens from ``bounds[i]`` up to ``bounds[i + 1]``; shape
            ``(words + 1,)``.
        sentences: the words of each sentence; together all words, in order.
        limit: most tokens in a window, at least as many as in any word.
        check: called for each part. Its exceptions propagate.

    A word without tokens takes the room of one, so that ``limit`` also bounds the words and the
    sentences of a window.

    Returns:
        The parts of each window, each part inside of one sentence. Together they are all the
        words, each once, in order.
    """
    parts: list[WordRange] = []
    sizes: list[int] = []
    bounds = np.append(0, np.cumsum(np.maximum(np.diff(bounds), 1)))
    for first, last in sentences:
        while first < last:
            check()
            end = last
            if bounds[last] - bounds[first] > limit:
                end = _best_cut(text, words, bounds, first, last, limit)
            parts.append((first, end))
            sizes.append(int(bounds[end] - bounds[first]))
            first = end
    starts = _starts(sizes, limit)
    if len(starts) > 1:
        starts = _balanced_starts(sizes, limit, starts)
    return [parts[i:j] for i, j in zip(starts, [*starts[1:], len(parts)], strict=True)]


def _starts(sizes: Sequence[int], limit: int) -> list[int]:
    """The first part of each window, if each takes as many parts as it has room for."""
    starts: list[int] = []
    room = 0
    for part, size in enumerate(sizes):
        if size > room or not starts:
            starts.append(part)
            room = limit
        room -= size
    return starts


def _balanced_starts(sizes: Sequence[int], limit: int, starts: list[int]) -> list[int]:
    """The first part of each window, if as many have the least limit with which they suffice."""
    number = len(starts)
    least, most = max(max(sizes), -(-sum(sizes) // number)), limit
    while least < most:
        middle = (least + most) // 2
        tighter = _starts(sizes, middle)
        if len(tighter) > number:
            least = middle + 1
        else:
            starts, most = tighter, middle
    return starts


def _best_cut(
    text: str,
    words: Sequence[Span],
    bounds: NDArray[np.int64],
    first: int,
    last: int,
    limit: int,
) -> int:
    """The word before which to cut a sentence whose rest begins at the word ``first``."""
    farthest = int(np.searchsorted(bounds, bounds[first] + limit, side="right")) - 1
    farthest = max(first + 1, min(farthest, last - 1))
    best, best_rank = farthest, 0
    for cut in range(farthest, first + (farthest - first) // 2, -1):
        rank = _rank_cut(text, words[cut - 1], words[cut])
        if rank > best_rank:
            best, best_rank = cut, rank
    return best


def _rank_cut(text: str, before: Span, after: Span) -> int:
    """How well a text is cut between two words: 0 (worst) to 3 (after a clause)."""
    if before[1] == after[0]:
        return 0
    if text[before[1] - 1] in _CLAUSE_END:
        return 3
    return 1 if text[before[0]].isupper() and text[after[0]].isupper() else 2
