"""Short forms: abbreviations and the shortened names of organisations."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import lru_cache

import regex

from service.enrichment.coreference.lexicon import (
    CLUB_CITIES,
    CLUB_ENDINGS,
    DEFINITE_HEADS,
    GENERIC_ENDINGS,
    INDEX_ENDINGS,
    INDICES,
    LOCAL_ENDINGS,
    MAIN_INDICES,
    PLACE_ENDINGS,
    PLACE_PREFIXES,
    PLACES_WITH_PREFIX,
)
from service.enrichment.coreference.names import CACHED_FORMS, DASH, Key, Name, clean
from service.enrichment.known_names import is_known_place, known_type
from service.enrichment.things import bare_thing, law_without_year
from service.enrichment.types import OTHER_TYPES, EntityType

_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+|&")
_INTERCHANGEABLE = frozenset({EntityType.ORGANIZATION, EntityType.PRODUCT, EntityType.MISC})
_MAX_WORDS = 12
_MAX_COMPANY = 3
"""Most words of a company's name whose last one may stand for it."""
# "The House" is not the White House, and "the Union" is not the State of the Union.
_NO_NAME_BEFORE_HEAD = frozenset(
    "white democratic republican gop lower upper of the and for".split()
)
MISTAKEN = frozenset({EntityType.PERSON, EntityType.LOCATION})
"""Types for which a tagger may take an abbreviation of a name of another type."""
_SHORTEST_ACRONYM = 4
"""Letters of an abbreviation that is written as a word, and that only its initials explain."""
_LONGEST_ACRONYM = 10
"""Letters of an abbreviation that is written as a word: "Defra"."""


def short_organizations(
    keys: Iterable[Key],
    companies: Container[Key] = frozenset(),
    definite: Container[Key] = frozenset(),
) -> Iterator[tuple[Key, Key]]:
    """Pairs of a short form and the full name of an organisation, where only one full name fits.

    One that has three times as many mentions as all others that fit counts as the only one.

    "Labour" and "Labour Party", "United" or "Leeds" and "Leeds United", "Department of Justice" and
    "US Department of Justice". The first words of a company stand for it: "Vestas" and "Vestas Wind
    Systems A/S", and so does its last one: "Lufthansa" and "Deutsche Lufthansa AG". A club stands
    without its city: "Bayern" and "Bayern Munich". After "the", the head noun stands for it: "the
    Bank" for the Bank of England.

    Args:
        keys: of all mentions, in order of appearance.
        companies: the keys of names with a legal form.
        definite: the keys of names after "the".
    """
    distinct = Counter(keys)
    organizations = [key for key in distinct if key[0] == EntityType.ORGANIZATION]
    forms = {tuple(form.split()) for _, form in organizations}
    heads = {words for words in forms if _organization(words) in definite}
    full_forms: dict[tuple[str, ...], set[tuple[str, ...]]] = defaultdict(set)
    for words in forms:
        if len(words) > _MAX_WORDS:
            continue
        for cut in range(1, len(words)):
            start, end = words[:cut], words[cut:]
            shortened = end[0] in GENERIC_ENDINGS or _organization(words) in companies
            shortened |= len(end) == 1 and end[0] in CLUB_ENDINGS  # Leeds beside Leeds United
            if end[0] in LOCAL_ENDINGS:
                shortened |= (EntityType.LOCATION, " ".join(start)) not in distinct
            if (start in forms and shortened) or (start in heads and end[0] in ("of", "for")):
                full_forms[start].add(words)
            if len(end) == 1:
                if cut == 1 and start in forms and _is_city(end[0]):
                    full_forms[start].add(words)  # Bayern beside Bayern Munich
                if end in forms and _is_end_of_company(words, companies):
                    full_forms[end].add(words)
            if (end in heads and start[-1] not in _NO_NAME_BEFORE_HEAD) or (
                end in forms and (len(end) > 1 or end[0] in CLUB_ENDINGS or is_team(end[0]))
            ):
                full_forms[end].add(words)
    for key in organizations:
        candidates = full_forms.get(tuple(key[1].split()), set())
        candidates = {
            full for full in candidates if candidates.isdisjoint(full_forms.get(full, ()))
        }
        mentions = sum(distinct[_organization(full)] for full in candidates)
        for full in candidates:
            if 4 * distinct[_organization(full)] >= 3 * mentions:
                yield key, _organization(full)


def _is_city(word: str) -> bool:
    return word in CLUB_CITIES or is_known_place(word)


def _is_end_of_company(words: Sequence[str], companies: Container[Key]) -> bool:
    return _organization(words) in companies and is_distinctive_end(words)


def is_distinctive_end(words: Sequence[str]) -> bool:
    """Whether the last word of a company's name may stand for it: "Lufthansa", "Bosch".

    Args:
        words: of its normalized name, without a legal form.
    """
    return (
        len(words) <= _MAX_COMPANY
        and words[-1] not in GENERIC_ENDINGS
        and words[-1] not in DEFINITE_HEADS
        and known_type(words[-1]) != EntityType.LOCATION
        and "of" not in words
        and "and" not in words
    )


def _organization(words: Sequence[str]) -> Key:
    return EntityType.ORGANIZATION, " ".join(words)


def is_head(words: Sequence[str]) -> bool:
    """Whether a normalized name is a noun such as "bank" or "university" alone."""
    return len(words) == 1 and words[0] in DEFINITE_HEADS


def is_team(word: str) -> bool:
    """Whether a word may be the short form of a team's name: "Pirates", "Yankees"."""
    return word.endswith("s") and len(word) > 4


def short_indices(keys: Iterable[Key]) -> Iterator[tuple[Key, Key]]:
    """Pairs of names of one stock index: "FTSE" and "FTSE 100", "Nikkei" and "Nikkei average".

    A name without a number belongs to the one with a number if there is only one, or to the main
    one: beside "FTSE 100" and "FTSE 250", "FTSE" is the former. Taggers type indices as MISC and
    ORGANIZATION alike.

    Args:
        keys: of all mentions, in order of appearance.
    """
    by_base: dict[str, dict[tuple[str, ...], list[Key]]] = defaultdict(lambda: defaultdict(list))
    for key in dict.fromkeys(keys):
        words = key[1].split()
        if words and words[0] in INDICES and key[0] in _INTERCHANGEABLE:
            numbers = tuple(word for word in words if word.isdigit())
            base = [word for word in words if not word.isdigit() and word not in INDEX_ENDINGS]
            by_base[" ".join(base)][numbers].append(key)
    for family, variants in by_base.items():
        numbered = [numbers for numbers in variants if numbers]
        if () in variants:
            usual = [numbers for numbers in numbered if numbers == (MAIN_INDICES.get(family),)]
            if len(numbered) == 1 or usual:
                variants[(usual or numbered)[0]] += variants.pop(())
        for first, *others in variants.values():
            for other in others:
                yield other, first


def short_places(keys: Iterable[Key]) -> Iterator[tuple[Key, Key]]:
    """Pairs of names of one place, where only one full name fits.

    "Socotra" and "Socotra Island", "Falklands" and "Falkland Islands", "Cleveland" and "City of
    Cleveland", "Paris" and "Paris, France".

    Args:
        keys: of all mentions, in order of appearance.
    """
    places = [form for type_, form in dict.fromkeys(keys) if type_ == EntityType.LOCATION]
    full_forms: dict[str, list[str]] = defaultdict(list)
    for form in places:
        for short in _shortened_place(form):
            full_forms[short].append(form)
    for form in places:
        if len(full_forms.get(form, ())) == 1:
            yield (EntityType.LOCATION, form), (EntityType.LOCATION, full_forms[form][0])


def _shortened_place(form: str) -> Iterator[str]:
    before, _, after = form.partition(", ")
    if after and "," not in after:
        yield before
    start, _, ending = form.rpartition(" ")
    if ending in PLACE_ENDINGS and start:
        yield start
        if ending == "islands":
            yield f"{start}s"
    for prefix in PLACE_PREFIXES:
        place = form.removeprefix(f"{prefix} ")
        if place != form and place not in PLACES_WITH_PREFIX:
            yield place


def short_things(keys: Iterable[Key]) -> Iterator[tuple[Key, Key]]:
    """Pairs of names of one storm or law: "Gaemi" and "Typhoon Gaemi".

    A law without a year is one with a year if there is just one: "Voting Rights Act" and "Voting
    Rights Act of 1965".

    Args:
        keys: of all mentions, in order of appearance.
    """
    things = dict.fromkeys(key for key in keys if key[0] in OTHER_TYPES)
    laws = Counter(law_without_year(form) for _, form in things if law_without_year(form) != form)
    for key in things:
        bare = (key[0], bare_thing(key[1]))
        if laws[law := law_without_year(key[1])] == 1:
            bare = (key[0], law)
        if bare != key and bare in things:
            yield key, bare


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
            if len(types) == 1 or types <= _INTERCHANGEABLE or mistaken:
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
    return is_abbreviation(short.text) or abbreviates(short.text, full.text)


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
