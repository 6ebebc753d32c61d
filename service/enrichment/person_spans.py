"""Person spans: titles, particles, initials and letters that a tagger cuts off or adds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import regex

from service.enrichment.bio import TaggedSpan
from service.enrichment.coreference.lexicon import (
    CERTAIN_TITLES,
    CERTAIN_TITLES_WITH_POINT,
    DEFINITE_HEADS,
    GENERIC_ENDINGS,
    GIVEN_NAMES,
    LEGAL_FORMS,
    NAMESAKES,
    PLACE_NOUNS,
    TITLE_PREFIXES,
    TITLED_BRANDS,
    TITLES_OF_NAMES,
)
from service.enrichment.coreference.names import CACHED_FORMS, is_postnominal, is_title, normalize
from service.enrichment.known_names import is_known_person, known_type
from service.enrichment.newsroom import WEEKDAYS
from service.enrichment.span_joining import PLACES_AND_ORGANIZATIONS, merge
from service.enrichment.types import EntityType
from service.enrichment.words import POSSESSIVES

PATRONYMICS = frozenset("ab ap bin bint ibn ould".split())
"""Particles before the name of a father, which only persons have."""

# Lower-case words at the beginning or inside of a person's or a place's name.
PARTICLES = PATRONYMICS | frozenset(
    "al da dal de del dela della den der di dos du el la las le los ten ter van von y zu d' "
    "o'".split()
)
_INITIAL = regex.compile(
    r"[\p{Lu}--X]\.", regex.VERSION1
)  # the X of "Malcolm X." is not an initial
_CAPITALISED = regex.compile(r"\p{Lu}\p{Ll}[\p{L}'’-]+")
_NUMERAL = regex.compile(r"[IVX]{2,}|V")
_MAX_PARTICLES = 3
_HOUSES = frozenset({"bar", "hospital", "hotel", "inn", "pub", "theatre"})
_NO_FAMILY_NAMES = PLACE_NOUNS | DEFINITE_HEADS | GENERIC_ENDINGS | LEGAL_FORMS
_PEERAGES = frozenset(
    {"Countess", "Duchess", "Duke", "Earl", "Marchioness", "Marquess", "Prince", "Princess"}
)


def repair_persons(spans: Sequence[TaggedSpan], words: Sequence[str]) -> list[TaggedSpan]:
    """Correct what a tagger makes of persons' names.

    - Titles alone are not names (``[Det. Supt] . [Lopez]``), nor are letters after one
      (``[Wen] , [MD]``).
    - Particles do not split a name (``[Ursula] von der [Leyen]``), and those of patronymics do not
      end it (``[Rhun ap] Iorwerth``).
    - A given and a family name are one name, whatever the tag of one of them.
    - A family name follows an initial (``[David A.] Price``), or a given name alone.
    - The place of an office is a name of its own (``Mayor of [London] [Sadiq Khan]``).
    - The place of a peerage belongs to the person (``Duchess of [Sussex]``).
    - A full name after the possessive of an organisation is a person's (``[Labour] 's [Sue
      Platt]``).
    - "King" and the like belong to the name after them (``King [Charles]``), and numerals to the
      name before them (``[Leo] XIV``).

    Args:
        spans: the names of a sentence.
        words: of the sentence. The spans index them.
    """
    repaired: list[TaggedSpan] = []
    for position, span in enumerate(spans):
        if _begins_with_office(span, words):
            place = span._replace(last=span.first + 1, type=EntityType.LOCATION)
            repaired.append(place)
            span = span._replace(first=span.first + 1)
        span = _with_father(_with_peerage(span, words), words)
        if repaired and repaired[-1].first >= span.first:
            repaired.pop()  # the title, tagged alone
        before = repaired[-1] if repaired else None
        if before and span.first < before.last:
            continue
        starts = spans[position + 1].first if position + 1 < len(spans) else len(words)
        if _is_title_alone(span, words, spans[position + 1 : position + 2]):
            continue
        if before and before.type == EntityType.PERSON:
            between = words[before.last : span.first]
            letters = [word for word in (*between, *words[span.first : span.last]) if word != ","]
            if all(map(is_postnominal, letters)):
                continue
            if (
                span.type == EntityType.PERSON
                and 0 < len(between) <= _MAX_PARTICLES
                and PARTICLES.issuperset(between)
            ):
                repaired[-1] = merge(before, span, EntityType.PERSON)
                continue
        if before and _belongs_to(span, before, words):
            span = span._replace(type=EntityType.PERSON)
        if before and before.last == span.first and _are_one_person(before, span, words):
            repaired[-1] = merge(before, span, EntityType.PERSON)
            continue
        if span.type == EntityType.PERSON:
            span = _without_second_title(span, words)
            span = _with_family_name(span, words, starts)
            span = _with_rank(span, words, (before.last if before else 0, starts))
        repaired.append(span)
    return repaired


def _begins_with_office(span: TaggedSpan, words: Sequence[str]) -> bool:
    """Whether a person's name has the place of the office before it: "[London Sadiq Khan]"."""
    if span.type != EntityType.PERSON or span.last - span.first < 3 or span.first < 2:
        return False
    if words[span.first - 1] != "of" or not is_title(words[span.first - 2]):
        return False
    return _may_be_place(words[span.first])


def _may_be_place(word: str) -> bool:
    """Whether a word is a place, or a place and a family name: "London"."""
    return normalize(word) in NAMESAKES or known_type(word) == EntityType.LOCATION


def _with_peerage(span: TaggedSpan, words: Sequence[str]) -> TaggedSpan:
    """The span as a person, from the peerage whose place it is or that it begins with.

    Neither a ship nor a pub, "Prince of Wales Theatre", is one.
    """
    first = span.first
    if first > 1 and words[first - 1] == "of" and span.type == EntityType.LOCATION:
        first -= 2
    titled = words[first] in _PEERAGES and words[first + 1 : first + 2] == ["of"]
    if not titled or span.last - first < 3:
        return span
    if span.type not in PLACES_AND_ORGANIZATIONS and not _may_be_place(words[first + 2]):
        return span  # "Prince of Persia", a game
    following = words[span.last] if span.last < len(words) else " "
    house = not _HOUSES.isdisjoint({words[span.last - 1].lower(), following})
    goes_on = following[0].isupper() or house
    if goes_on or (first and words[first - 1].isupper()):
        return span
    return span._replace(first=first, type=EntityType.PERSON)


def _belongs_to(span: TaggedSpan, before: TaggedSpan, words: Sequence[str]) -> bool:
    """Whether a full name is that of a person of the organisation before it."""
    first, last = words[span.first].lower(), words[span.last - 1].lower()
    return (
        span.type == before.type == EntityType.ORGANIZATION
        and span.last - span.first == 2
        and span.first == before.last + 1
        and words[before.last] in POSSESSIVES
        and (first in GIVEN_NAMES or is_known_person(last))
        and bool(_CAPITALISED.fullmatch(words[span.last - 1]))
        and last not in _NO_FAMILY_NAMES
    )


def _with_father(span: TaggedSpan, words: Sequence[str]) -> TaggedSpan:
    """The span as a person, with the name after the patronymic particle that it ends in."""
    if (
        span.last - span.first == 2
        and words[span.last - 1] in PATRONYMICS
        and span.last < len(words)
        and _CAPITALISED.fullmatch(words[span.last])
    ):
        return span._replace(last=span.last + 1, type=EntityType.PERSON)
    return span


def is_certain_title(word: str) -> bool:
    """Whether a word is a title that only persons have: "Ms", "Cllr", "Gen."."""
    plain = normalize(word) if word[0].isupper() else ""
    return plain in CERTAIN_TITLES or (word[-1] == "." and plain in CERTAIN_TITLES_WITH_POINT)


def with_titled_person(span: TaggedSpan, words: Sequence[str]) -> TaggedSpan:
    """Type a name after a title that only persons have, or before letters: ``Ms [Nwosu]``."""
    if span.type == EntityType.PERSON or span.last - span.first > 3:
        return span
    if span.last - span.first == 3 and is_postnominal(words[span.last - 1]):
        return span._replace(type=EntityType.PERSON)
    inside = span.last - span.first > 1 and is_certain_title(words[span.first])
    before = span.first > 0 and is_certain_title(words[span.first - 1])
    # "Det . Lopez", where the abbreviation and its point are two words
    pointed = (
        span.first > 1
        and words[span.first - 1] == "."
        and (is_certain_title(words[span.first - 2] + "."))
    )
    if not (inside or before or pointed):
        return span
    name = words[span.first + inside]
    if normalize(name) in TITLED_BRANDS or words[span.last - 1].lower() in DEFINITE_HEADS:
        return span
    return span._replace(type=EntityType.PERSON)


def _is_title_alone(
    span: TaggedSpan, words: Sequence[str], following: Sequence[TaggedSpan]
) -> bool:
    after = span.last
    if not (words[span.first] == "." or _belongs_to_title(words[span.first])):
        return False
    if not all(word == "." or _belongs_to_title(word) for word in words[span.first : after]):
        return False
    pointed = words[after : after + 1] == ["."]
    after += pointed
    if after >= len(words) or not words[after][0].isupper():
        return False
    person = (
        bool(following) and following[0].first == after and (following[0].type == EntityType.PERSON)
    )
    return pointed or person or _belongs_to_title(words[after])


def _are_one_person(one: TaggedSpan, other: TaggedSpan, words: Sequence[str]) -> bool:
    """Whether two words side by side are one name: ``[Jermaine PERSON] [Jenas ORGANIZATION]``."""
    types = {one.type, other.type}
    return (
        EntityType.PERSON in types
        and types <= {EntityType.PERSON, EntityType.ORGANIZATION, EntityType.LOCATION}
        and other.last - one.first == 2
        and all(_CAPITALISED.fullmatch(word) for word in words[one.first : other.last])
        and normalize(words[one.first]) not in TITLES_OF_NAMES
    )


@lru_cache(CACHED_FORMS)
def _belongs_to_title(word: str) -> bool:
    return is_title(word, after_title=True) or normalize(word) in TITLE_PREFIXES


def _without_second_title(span: TaggedSpan, words: Sequence[str]) -> TaggedSpan:
    """The span without a word that is a title only after another one: "Det [Con Sarah Patel]"."""
    titled = span.first > 0 and is_title(words[span.first - 1])
    if titled and span.last - span.first > 2 and is_title(words[span.first], after_title=True):
        return span._replace(first=span.first + 1)
    return span


def _with_family_name(span: TaggedSpan, words: Sequence[str], limit: int) -> TaggedSpan:
    given = words[span.first].lower() if span.last - span.first == 1 else ""
    if (
        given in GIVEN_NAMES
        and span.last < limit
        and _CAPITALISED.fullmatch(words[span.last])
        and words[span.last].lower() not in WEEKDAYS
        and not is_title(words[span.last])
    ):
        return span._replace(last=span.last + 1)  # "[Donald] Trump"
    if (
        span.last - span.first > 1
        and span.last < limit
        and _INITIAL.fullmatch(words[span.last - 1])
        and _CAPITALISED.fullmatch(words[span.last])
        and not is_title(words[span.last])
    ):
        return span._replace(last=span.last + 1)
    return span


def _is_numbered(words: Sequence[str], number: int) -> bool:
    return len(words[number]) > 1 and bool(_NUMERAL.fullmatch(words[number]))


def _with_rank(span: TaggedSpan, words: Sequence[str], limits: tuple[int, int]) -> TaggedSpan:
    rank = span.first - 1
    length = span.last - span.first
    if length == 1 and span.last < limits[1] and _is_numbered(words, span.last):
        span, length = span._replace(last=span.last + 1), 2  # "[Leo] XIV"
    numbered = length == 2 and _NUMERAL.fullmatch(words[span.last - 1])
    if (
        rank >= limits[0]
        and (length == 1 or numbered)
        and words[rank][0].isupper()
        and words[rank].lower() in TITLES_OF_NAMES
        and words[span.first][0].isupper()
    ):
        number = span.last < limits[1] and not numbered and _NUMERAL.fullmatch(words[span.last])
        return span._replace(first=rank, last=span.last + bool(number))
    return span
