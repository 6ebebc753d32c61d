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
    windows: list[list[WordRange]] = []
    room = 0
    bounds = np.append(0, np.cumsum(np.maximum(np.diff(bounds), 1)))
    for first, last in sentences:
        while first < last:
            check()
            end = last
            if bounds[last] - bounds[first] > limit:
                end = _best_cut(text, words, bounds, first, last, limit)
            size = int(bounds[end] - bounds[first])
            if not windows or size > room:
                windows.append([])
                room = limit
            windows[-1].append((first, end))
            room -= size
            first = end
    return windows


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
