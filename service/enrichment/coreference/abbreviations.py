"""Abbreviations: the full names that the abbreviations of an article stand for."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

import regex

from service.enrichment.coreference.names import CACHED_FORMS, DASH, Key, Name, clean
from service.enrichment.types import INTERCHANGEABLE_TYPES, EntityType

_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+|&")
_MAX_WORDS = 12
MISTAKEN = frozenset({EntityType.PERSON, EntityType.LOCATION})
"""Types for which a tagger may take an abbreviation of a name of another type."""
_SHORTEST_ACRONYM = 4
"""Letters of an abbreviation that is written as a word, and that only its initials explain."""
_LONGEST_ACRONYM = 10
"""Letters of an abbreviation that is written as a word: "Defra"."""


def abbreviations(names: Sequence[Name], keys: Sequence[Key], text: str) -> dict[int, Key]:
    """The key of the full name that each mention of an abbreviation stands for.

    An abbreviation follows its full name in brackets, or precedes it, or consists of the initials
    of a name of the same type. Where an article defines one twice, the latest definition before a
    mention counts. Persons have no abbreviations, but a tagger may take one for a person or a place
    ("Defra", "N.S.C.").

    Args:
        names: mentions in order of appearance.
        keys: of each mention.
        text: the whole text.

    Returns:
        By the index of the mention.
    """
    by_initials: dict[str, Key] = {}
    definitions: dict[str, list[tuple[int, Key]]] = defaultdict(list)
    candidates: list[int] = []
    for i, (name, key) in enumerate(zip(names, keys, strict=True)):
        if key[0] != EntityType.PERSON:
            for letters in initials(name.text):
                by_initials.setdefault(letters, key)
        if is_acronym(name.text):
            candidates.append(i)
            for full in (i - 1, i + 1):
                if (
                    0 <= full < len(names)
                    and keys[full][0] != EntityType.PERSON
                    and _expands(names[full], name, text)
                ):
                    definitions[_letters(name.text)].append((i, keys[full]))
                    break
    expansions: dict[int, Key] = {}
    for i in candidates:
        letters = _letters(names[i].text)
        if defined := definitions.get(letters):
            latest = bisect_right(defined, i, key=lambda definition: definition[0]) - 1
            expansions[i] = defined[max(0, latest)][1]
            continue
        initial_of = by_initials.get(letters)
        if not initial_of or initial_of == keys[i]:
            continue
        is_word = len(letters) >= _SHORTEST_ACRONYM and initial_of[0] == EntityType.ORGANIZATION
        if is_word or is_abbreviation(names[i].text):
            types = {initial_of[0], keys[i][0]}
            mistaken = keys[i][0] in MISTAKEN and len(letters) > 2 and letters.isalpha()
            if len(types) == 1 or types <= INTERCHANGEABLE_TYPES or mistaken:
                expansions[i] = initial_of
    return expansions


@lru_cache(CACHED_FORMS)
def is_abbreviation(text: str) -> bool:
    """Whether a name is one short word with at least two capitals, or as many as letters: "WHO"."""
    word = clean(text).replace(".", "")
    letters = word.replace("&", "")
    capitals = sum(map(str.isupper, letters))
    return 2 <= len(word) <= 8 and letters.isalpha() and capitals >= 2 and letters[0].isupper()


@lru_cache(CACHED_FORMS)
def is_acronym(text: str) -> bool:
    """Whether a name may be an abbreviation where brackets define it: "WHO", "Defra"."""
    word = clean(text)
    return is_abbreviation(text) or (
        word.isalpha() and word[0].isupper() and len(word) <= _LONGEST_ACRONYM
    )


def _letters(text: str) -> str:
    return clean(text).replace(".", "").upper()


def abbreviates(short: str, full: str) -> bool:
    """Whether the letters of ``short`` stand in ``full`` in order, the first one first.

    After Schwartz & Hearst 2003, "A simple algorithm for identifying abbreviation definitions".
    """
    words = clean(full).upper()
    letters = _letters(short)
    if not words or words[0] != letters[0]:
        return False
    characters = iter(words)
    return all(letter in characters for letter in letters.replace("&", ""))


def in_brackets(before: Name, inner: Name, text: str) -> bool:
    """Whether ``inner`` alone stands in round brackets right after ``before``."""
    return (
        text[before.end : inner.start].strip(" \n\r\t'’\"“”s") == "("
        and text[inner.end : inner.end + 3].lstrip("\"'”’")[:1] == ")"
    )


def _expands(full: Name, short: Name, text: str) -> bool:
    """Whether ``short`` follows ``full`` in brackets, or the reverse."""
    if len(full.text.split()) < 2:
        return False
    if full.start > short.start:
        return in_brackets(short, full, text) and abbreviates(short.text, full.text)
    # "NEW YORK (AP) - Shares fell": the news agency does not abbreviate the place.
    agency = full.text.isupper() and DASH.search(text[short.end : short.end + 3])
    if not in_brackets(full, short, text) or agency:
        return False
    # "Oriol Junqueras (ERC)": a politician and the party, taken for two parties.
    words, letters = clean(full.text).upper().split(), _letters(short.text)
    may_abbreviate = len(words) > 2 or any(word[0] in letters for word in words)
    return (is_abbreviation(short.text) and may_abbreviate) or abbreviates(short.text, full.text)


@lru_cache(CACHED_FORMS)
def initials(text: str) -> frozenset[str]:
    """The initials of all words, of the capitalised ones, of those before "and", and with "&"."""
    words = _WORD.findall(clean(text))
    if len(words) < 2 or len(words) > _MAX_WORDS:
        return frozenset()
    plain = [word for word in words if word != "&"]
    found = {
        "".join(word[0] for word in plain).upper(),
        "".join(word[0] for word in plain if word[0].isupper()),
        "".join(
            word[0] for word in plain if word.lower() not in ("and", "of", "for", "the")
        ).upper(),
    }
    if len(plain) < len(words) or "and" in words:
        found.add("".join("&" if w in ("and", "&") else w[0] for w in words).upper())
    if "and" in words[3:]:  # "Centers for Disease Control and Prevention": CDC
        before = "".join(w[0] for w in words[: words.index("and", 3)] if w[0].isupper())
        found |= {before} if len(before) > 2 else set()
    return frozenset(letters for letters in found if len(letters) > 1)
