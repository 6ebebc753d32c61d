"""Windows: how a text of any length is cut into passes of the encoder."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from service.enrichment.model_protocol import WordRange
from service.enrichment.words import Span

_CLAUSE_END = frozenset(",;:)]–—-…")


def cut_windows(
    text: str,
    words: Sequence[Span],
    bounds: NDArray[np.int64],
    sentences: Sequence[WordRange],
    limit: int,
) -> list[list[WordRange]]:
    """Pack sentences into windows of at most ``limit`` tokens, in order.

    A sentence longer than that is cut in parts at white space: after a clause if there is one in
    the second half of the part, else anywhere but inside a run of capitalised words (a name), else
    at any white space; only a run without white space is cut between its words.

    Args:
        text: the text.
        words: its words.
        bounds: tokens ``bounds[i]`` up to ``bounds[i + 1]`` are those of word ``i``.
        sentences: the words of each sentence; together all words, in order.
        limit: most tokens in a window, at least those of any word.

    Returns:
        For each window the parts it is made of, each inside one sentence. Together they are all
        the words, each once, in order.
    """
    windows: list[list[WordRange]] = []
    room = 0
    for first, last in sentences:
        while first < last:
            end = last
            if bounds[last] - bounds[first] > limit:
                end = _cut(text, words, bounds, first, last, limit)
            size = int(bounds[end] - bounds[first])
            if not windows or size > room:
                windows.append([])
                room = limit
            windows[-1].append((first, end))
            room -= size
            first = end
    return windows


def _cut(
    text: str,
    words: Sequence[Span],
    bounds: NDArray[np.int64],
    first: int,
    last: int,
    limit: int,
) -> int:
    """The word before which a sentence beginning at ``first`` is best cut."""
    farthest = int(np.searchsorted(bounds, bounds[first] + limit, side="right")) - 1
    farthest = max(first + 1, min(farthest, last - 1))
    best, best_rank = farthest, 0
    for cut in range(farthest, first + (farthest - first) // 2, -1):
        rank = _rank(text, words[cut - 1], words[cut])
        if rank > best_rank:
            best, best_rank = cut, rank
    return best


def _rank(text: str, before: Span, after: Span) -> int:
    if before[1] == after[0]:
        return 0
    if text[before[1] - 1] in _CLAUSE_END:
        return 3
    return 1 if text[before[0]].isupper() and text[after[0]].isupper() else 2
