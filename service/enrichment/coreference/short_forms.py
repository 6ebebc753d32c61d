"""Short forms: the shortened names of organisations, stock indices, places, storms and laws."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence

from service.enrichment.coreference.lexicon import (
    CLUB_CITIES,
    CLUB_ENDINGS,
    DEFINITE_HEADS,
    GENERIC_ENDINGS,
    INDEX_ENDINGS,
    INDICES,
    LOCAL_ENDINGS,
    MAIN_INDICES,
    NICKNAMES_OF_CLUBS,
    PLACE_ENDINGS,
    PLACE_PREFIXES,
    PLACES_WITH_PREFIX,
)
from service.enrichment.coreference.names import Key
from service.enrichment.known_names import is_known_place, known_type
from service.enrichment.things import bare_thing, law_without_year
from service.enrichment.types import INTERCHANGEABLE_TYPES, OTHER_TYPES, EntityType

_MAX_WORDS = 12
"""Words of the longest name that is shortened."""
_MAX_COMPANY = 3
"""Most words of a company's name whose last one may stand for it."""
# "The House" is not the White House, and "the Union" is not the State of the Union.
_NO_NAME_BEFORE_HEAD = frozenset(
    "white democratic republican gop lower upper of the and for".split()
)


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


def nicknames_of_clubs(keys: Iterable[Key]) -> Iterator[tuple[Key, Key]]:
    """Pairs of the nickname and the name of a club, where only one club fits: "Spurs", "Tottenham".

    Args:
        keys: of all mentions, in order of appearance.
    """
    clubs = {form for type_, form in keys if type_ == EntityType.ORGANIZATION}
    for nickname in sorted(NICKNAMES_OF_CLUBS.keys() & clubs):
        named = [form for form in NICKNAMES_OF_CLUBS[nickname] if form in clubs]
        # "Leicester" and "Leicester City" are one club.
        if named and all(form.startswith(named[0]) for form in named):
            yield _organization([nickname]), _organization([named[-1]])


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
        if words and words[0] in INDICES and key[0] in INTERCHANGEABLE_TYPES:
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
