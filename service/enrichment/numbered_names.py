"""Numbered names: stock indices, military units and others whose number belongs to the name."""

from __future__ import annotations

from collections.abc import Sequence

import regex

from service.enrichment.bio import TaggedSpan
from service.enrichment.coreference.lexicon import GENERATIONS, INDICES, NUMBERED, NUMBERED_HEADS
from service.enrichment.types import EntityType
from service.enrichment.words import WordRange

_UNITS = frozenset({"points", "point", "per", "percent", "%", "pct", "shares", "stocks"})
_ORDINAL = regex.compile(r"\d{1,3}(?:st|nd|rd|th)")
_SIZE_OF_INDEX = regex.compile("[2-9][05]|[1-9][0-9][05]0?")


def is_number_of_name(span: TaggedSpan, words: Sequence[str]) -> bool:
    """Whether the number after a name is part of it: "FTSE 100", but not "FTSE 20 points"."""
    name = words[span.last - 1].lower()
    is_person = span.type == EntityType.PERSON and span.last - span.first > 1 and name in INDICES
    if is_person or name not in NUMBERED:
        return False
    following = words[span.last + 1].lower() if span.last + 1 < len(words) else ""
    number = words[span.last].isdigit() or words[span.last].lower() in GENERATIONS
    return number and following not in _UNITS


def numbered_unit(name: WordRange, words: Sequence[str]) -> WordRange | None:
    """The words of a name and the ordinal number before it, if they are a military unit.

    "6th Army", but not "2nd Division", which may be that of a league.

    Args:
        name: its words.
        words: of the sentence.
    """
    first, last = name
    unit = words[last - 1].lower()
    if not (unit in NUMBERED_HEADS and words[last - 1][0].isupper() and first):
        return None
    number = _ORDINAL.fullmatch(words[first - 1]) and (unit != "division" or last - first > 1)
    return (first - 1, last) if number else None


def numbered_index(run: WordRange, words: Sequence[str]) -> WordRange | None:
    """The last of some untagged words and the number after it, if they are a stock index.

    Args:
        run: capitalised words.
        words: of the sentence.
    """
    last = run[1]
    number = words[last] if last < len(words) else ""
    following = words[last + 1].lower() if last + 1 < len(words) else ""
    if words[last - 1].lower() in INDICES and _SIZE_OF_INDEX.fullmatch(number):
        return None if following in _UNITS else (last - 1, last + 1)
    return None
