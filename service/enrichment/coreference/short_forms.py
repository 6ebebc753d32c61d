"""Short forms: abbreviations and the shortened names of organisations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import regex

from service.enrichment.coreference.names import CACHED_FORMS, DASH, Key, Name, clean
from service.enrichment.types import EntityType

# Last words that the short form of an organisation's name omits.
_GENERIC_ENDINGS = frozenset(
    "ag airlines airways association bank co coalition company communications corp corporation "
    "electronics energy enterprises entertainment fc financial foods group holdings inc industries "
    "international limited ltd motor motors networks oil party petroleum pharmaceuticals pictures "
    "plc records sa securities services software studios systems technologies telecom".split()
)
# Last words that are themselves the short form of a club's name.
_CLUB_ENDINGS = frozenset(
    "albion athletic city county hotspur orient rangers rovers town united villa wanderers "
    "wednesday".split()
)
_ALPHANUMERIC = regex.compile(r"[\p{L}\p{N}]+")


def short_organizations(keys: Iterable[Key]) -> Iterator[tuple[Key, Key]]:
    """Pairs of a short form and the full name of an organisation, where only one full name fits.

    "Labour" and "Labour Party", "United" and "Leeds United", "Department of Justice" and "US
    Department of Justice".

    Args:
        keys: of all mentions, in order of appearance.
    """
    forms = {tuple(form.split()) for type_, form in keys if type_ == EntityType.ORGANIZATION}
    full_forms: dict[tuple[str, ...], set[tuple[str, ...]]] = defaultdict(set)
    for words in forms:
        for cut in range(1, len(words)):
            start, end = words[:cut], words[cut:]
            if start in forms and end[0] in _GENERIC_ENDINGS:
                full_forms[start].add(words)
            if end in forms and (len(end) > 1 or end[0] in _CLUB_ENDINGS):
                full_forms[end].add(words)
    for key in dict.fromkeys(keys):
        if key[0] == EntityType.ORGANIZATION:
            candidates = full_forms.get(tuple(key[1].split()), ())
            if len(candidates) == 1:
                yield key, (key[0], " ".join(*candidates))


def abbreviations(
    names: Sequence[Name], keys: Sequence[Key], text: str
) -> Iterator[tuple[Key, Key]]:
    """Pairs of an abbreviation and the name it stands for.

    An abbreviation follows its long form in brackets, or consists of the initials of a name of the
    same type. Persons have none.

    Args:
        names: mentions in order of appearance.
        keys: of each mention.
        text: the whole text.
    """
    by_initials: dict[str, Key] = {}
    for name, key in zip(names, keys, strict=True):
        for initials in _initials(name.text):
            if key[0] != EntityType.PERSON:
                by_initials.setdefault(initials, key)
    for i, (name, key) in enumerate(zip(names, keys, strict=True)):
        if key[0] == EntityType.PERSON or not _is_abbreviation(name):
            continue
        if i and keys[i - 1][0] != EntityType.PERSON and _expands(names[i - 1], name, text):
            yield key, keys[i - 1]
            continue
        full = by_initials.get(_letters(name))
        if full and full != key and full[0] == key[0]:
            yield key, full


def _letters(name: Name) -> str:
    return clean(name.text).replace(".", "")


def _is_abbreviation(name: Name) -> bool:
    letters = _letters(name)
    return 2 <= len(letters) <= 8 and letters.isalpha() and letters.isupper()


def _expands(full: Name, short: Name, text: str) -> bool:
    """Whether ``short`` follows ``full`` in brackets."""
    if len(full.text.split()) < 2:
        return False
    between = text[full.end : short.start]
    after = text[short.end : short.end + 3]
    # "NEW YORK (AP) - Shares fell": the news agency does not abbreviate the place.
    agency = full.text.isupper() and DASH.search(after)
    return between.strip() == "(" and after[:1] == ")" and not agency


@lru_cache(CACHED_FORMS)
def _initials(text: str) -> frozenset[str]:
    """The initials of all words, and those of the capitalised ones."""
    words = _ALPHANUMERIC.findall(clean(text))
    if len(words) < 2:
        return frozenset()
    capitals = "".join(word[0] for word in words if word[0].isupper())
    return frozenset({"".join(word[0] for word in words).upper(), capitals} - {""})
