"""Regular expressions: from lists of words, and their search in long texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from service.enrichment.bounds import Check

_PIECE = 16_384
"""Code points that are searched between two checks: some 100 ms of the worst texts."""

_LONGEST = 512
"""Most code points of a match, including its lookahead."""


def any_of(words: Iterable[str], ignore_case: bool = False) -> str:
    """A pattern for any of the words, the longest that fits.

    It compares the first letter once for all words that share it, since most words of a text begin
    like none of them.

    Args:
        words: at least one, none empty.
        ignore_case: also match other cases of the words; they have to be in lower case.
    """
    ordered = sorted(set(words), key=lambda word: (word[0], -len(word), word))
    branches = []
    for first, sharing in groupby(ordered, key=lambda word: word[0]):
        rest = "|".join(re.escape(word[1:]) for word in sharing)
        if ignore_case and first.isalpha():
            branches.append(f"[{first}{first.upper()}](?i:{rest})")
        else:
            branches.append(f"{re.escape(first)}(?:{rest})")
    return f"(?:{'|'.join(branches)})"


def find_all(pattern: re.Pattern[str], text: str, check: Check) -> Iterator[re.Match[str]]:
    """The matches of a pattern in a text of any length, in order, without overlap.

    Args:
        pattern: with matches far shorter than a piece of the text.
        text: of any length.
        check: called for each piece. Its exceptions propagate.
    """
    end = 0
    for begin in range(0, len(text), _PIECE):
        check()
        following = begin + _PIECE
        for match in pattern.finditer(text, max(begin, end), following + _LONGEST):
            if match.start() >= following:
                break
            end = match.end()
            yield match
