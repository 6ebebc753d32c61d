"""Aliases: other names of an entity that the article states, such as former and stage names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import regex

from service.enrichment.coreference.names import NameT, normalize, split_at_nickname
from service.enrichment.types import INTERCHANGEABLE_TYPES, EntityType

_REACH = 80
"""Most code points between a name and its alias."""

_NOUN = r"(?:name|nickname|alias|pseudonym|moniker|initials|acronym|handle)"
_WHEN = (
    r"(?:(?:also|better|best|more|most|commonly|formerly|previously|widely|popularly|now|then|once|"
    r"professionally|locally|originally|officially|initially|otherwise|simply|sometimes|often|"
    r"usually|universally|affectionately|since|later|subsequently)\s){0,2}"
)
_KNOWN_AS = (
    rf"{_WHEN}known\s(?:\p{{L}}+ly\s)?(?:to\s\p{{L}}+\s(?:\p{{L}}+\s)?)?"
    rf"(?:as|by\s(?:the|his|her|their|its)\s(?:\p{{L}}+\s)?{_NOUN}(?:\sof)?)"
)
_STATEMENT = rf"""(?:
    (?:(?:who|which|that)\s)?(?:(?:is|was|are|were|has\sbeen|had\sbeen)\s)?
    (?:{_KNOWN_AS}|{_WHEN}(?:re(?:named|branded|titled)|nicknamed|dubbed)(?:\s(?:as|to))?)
  | (?:now|then|once|formerly|previously|originally|initially|since|later)\s(?:called|named)
  | (?:(?:whose|his|her|their|its)\s)?
    (?:real|birth|given|legal|full|former|original|old|new|stage|pen|maiden)\sname
    ,?(?:\s(?:is|was|being)|:)?
  | who\s(?:now\s)?(?:goes|went)\sby(?:\sthe\s{_NOUN}(?:\sof)?)?
  | (?:who\s)?(?:writ|perform|record|rapp?)(?:es|s|ing)(?:\smusic)?\sas
  | (?:who\s)?(?:wrote|(?:writ|perform|record|rapp?)(?:es|s|ed|ing))(?:\smusic)?
    \sunder\sthe\s(?:(?:stage|pen)\s)?{_NOUN}(?:\sof)?
  | (?:who|which)\s(?:\p{{L}}+ly\s)?changed\s(?:his|her|their|its)\s(?:\p{{L}}+\s)?name\s(?:from|to)
  | a\.?k\.?a\.? | alias
)"""
_OPENING = r"(?:\s?[,(\[]\s?|\s?\p{Pd}{1,2}\s?)(?:(?:aged\s)?\d{1,3},\s)?"
_ARTICLE = r"(?P<the>the\s)?[\"“‘'«]?"
_STATED = regex.compile(
    rf"""(?:
        {_OPENING}{_STATEMENT}
      | \s(?:is|was)\s{_KNOWN_AS}
      | \s(?P<bare>known\sas)
      | \s(?:a\.?k\.?a\.?|alias|(?:is|was)\s(?:the\s(?:pen|stage|real|birth)\sname\sof|renamed))
    )\s?{_ARTICLE}""",
    regex.VERBOSE,
)
# Without a participle, names of one type only: "Ann Cole, formerly Barclays" is no alias.
_FORMER = regex.compile(
    rf"{_OPENING}(?:formerly|previously|originally|officially)\s{_ARTICLE}", regex.VERBOSE
)
_BORN = regex.compile(rf"{_OPENING}(?:(?:who\swas\s)?born|n[ée]e?)\s{_ARTICLE}", regex.VERBOSE)
_IS_KNOWN = regex.compile(
    rf"\s(?:is|was|are|were)\s{_WHEN}(?:known|called|nicknamed|dubbed)\b", regex.VERBOSE
)
_ALIAS_FIRST = regex.compile(r"(?:,|\s\()\s?as\s|.*\sname\sof\s\W?")
# "known as Israel's Schindler" and "the London poisoner": the alias is longer than the name.
_LONGER = regex.compile(r"['’](?:s\b|\s)|\p{Pd}?\w|\s(?:of\b|\p{Lu}|\d)")
_LONGER_AFTER_ARTICLE = regex.compile(
    r"\s(?!(?:and|or|but|in|on|at|by|for|from|to|is|was|has|had|will|would|who|which|after|before)\b)\p{Ll}"
)
# "Durban in South Africa, formerly Port Natal": it is not clear which place it was.
_INSIDE = regex.compile(r"\s(?:in|of|near|at)\s(?:the\s)?")
_NEXT_ALIAS = regex.compile(r"[\"”’']?(?:,|,?\s(?P<last>and|or))\s(?:the\s)?[\"“‘']?")
_BORN_BEFORE = regex.compile(r"(?:^|[.!?\n\"”’]\s*)Born\s$")
_SENTENCE_BEFORE = regex.compile(r"(?:^|[.!?\n\"”’]\s*)$")
_PRONOUN_AFTER = regex.compile(r"[^.!?;\n]*,\s(?:he|she|they)\s")
_SUBJECT_BEFORE = regex.compile(r"[^.!?;\n]*,\s")
_NEIGHBOURS = 10
"""Names before or after a name at birth among which its bearer is sought."""


def stated_aliases(names: Sequence[NameT], text: str) -> Iterator[tuple[int, int]]:
    """Pairs of a name and of an alias that the article states for it, as indices into ``names``.

    "Sean Combs, also known as Diddy", "X (formerly Twitter)", "Theresa May, née Brasier", "Born
    Robert Zimmerman, Dylan …", "Isis, also known as Islamic State or Daesh", and "El Chapo" beside
    "Joaquín “El Chapo” Guzmán".

    Args:
        names: mentions in order of appearance.
        text: the whole text.
    """
    for i, (name, other) in enumerate(pairwise(names)):
        between = text[name.end : min(other.start, name.end + _REACH + 1)]
        if 4 < len(between) <= _REACH and _states(names, i, between, text):
            yield (i + 1, i) if _ALIAS_FIRST.fullmatch(between) else (i, i + 1)
            if "known" in between:
                yield from ((i, j) for j in _listed_after(names, i + 1, text))
    for i, name in enumerate(names):
        if name.type == EntityType.PERSON and _BORN_BEFORE.search(
            text, max(0, name.start - 10), name.start
        ):
            bearer = _bearer(names, i, text)
            if bearer is not None:
                yield bearer, i
    yield from _quoted_nicknames(names)


def _listed_after(names: Sequence[NameT], i: int, text: str) -> Sequence[int]:
    """The names of one type after a name in a list that ends with "and" or "or"."""
    for j in range(i + 1, len(names)):
        separator = _NEXT_ALIAS.fullmatch(text, names[j - 1].end, names[j].start)
        if not separator or names[j].type != names[i].type:
            break
        if separator["last"]:
            return range(i + 1, j + 1)
    return ()


def _states(names: Sequence[NameT], i: int, between: str, text: str) -> bool:
    """Whether the words between a name and the next one make the latter an alias."""
    name, other = names[i], names[i + 1]
    types = {name.type, other.type}
    if i > 0 and text[names[i - 1].end : name.start] == " and ":
        return False  # "Ann Cole and Bo Dee, known as Tick and Tock"
    if between in (", as ", " (as ") and _IS_KNOWN.match(text, other.end):
        return len(types) == 1
    if stated := _STATED.fullmatch(between):
        known = len(types) == 1 or types <= INTERCHANGEABLE_TYPES or EntityType.PERSON in types
        if EntityType.NORP in types or (stated["bare"] and types != {EntityType.PERSON}):
            return False  # "a strain of Islam known as", "aka British rapper Ann Cole"
    elif stated := _FORMER.fullmatch(between):
        known = len(types) == 1 or types <= INTERCHANGEABLE_TYPES
    else:
        return types == {EntityType.PERSON} and bool(_BORN.fullmatch(between))
    inside = i > 0 and _INSIDE.fullmatch(text, names[i - 1].end, name.start)
    if not known or inside or normalize(name.text) == normalize(other.text):
        return False
    return not (
        _LONGER.match(text, other.end)
        or (stated["the"] and _LONGER_AFTER_ARTICLE.match(text, other.end))
    )


def _bearer(names: Sequence[NameT], i: int, text: str) -> int | None:
    """The subject of the clause after a name at birth: "Born Robert Zimmerman in Duluth, Dylan".

    A pronoun stands for the person whose name began a sentence last.
    """
    end = names[i].end
    for j in range(i + 1, min(i + 1 + _NEIGHBOURS, len(names))):
        start = names[j].start
        if start > end + _REACH:
            break
        if names[j].type == EntityType.PERSON and text[names[j].end : names[j].end + 1] != ",":
            return j if _SUBJECT_BEFORE.fullmatch(text, end, start) else None
    if _PRONOUN_AFTER.match(text, end, end + _REACH):
        for j in range(i - 1, max(-1, i - 1 - _NEIGHBOURS), -1):
            start = names[j].start
            if names[j].type == EntityType.PERSON and _SENTENCE_BEFORE.search(
                text, max(0, start - 4), start
            ):
                return j
    return None


def _quoted_nicknames(names: Sequence[NameT]) -> Iterator[tuple[int, int]]:
    """Pairs of a name with a nickname in quotation marks, and of the nickname alone."""
    quoted = {
        normalize(parts[0]): i
        for i, name in enumerate(names)
        if name.type == EntityType.PERSON and (parts := split_at_nickname(name.text))
    }
    if not quoted:
        return
    for i, name in enumerate(names):
        form = normalize(name.text)
        if form in quoted and name.type != EntityType.LOCATION:
            yield quoted[form], i


def with_types_of_aliases(
    names: Sequence[NameT], aliases: Sequence[tuple[int, int]]
) -> list[NameT]:
    """Give a name and its alias one type, at all mentions of both.

    A person's name of several words decides, then any other type, since taggers take unknown single
    words for persons.

    Args:
        names: mentions in order of appearance.
        aliases: as :func:`stated_aliases` finds them.
    """
    types: dict[str, str] = {}
    for i, j in aliases:
        pair = (names[i], names[j])
        if names[i].type == names[j].type:
            continue
        people = [each for each in pair if each.type == EntityType.PERSON]
        if any(" " in person.text for person in people):
            chosen: str = EntityType.PERSON
        elif EntityType.ORGANIZATION in (names[i].type, names[j].type):
            chosen = EntityType.ORGANIZATION
        else:
            chosen = next(each.type for each in pair if each.type != EntityType.PERSON)
        types.update({normalize(each.text): chosen for each in pair})
    if not types:
        return list(names)
    return [replace(name, type=types.get(normalize(name.text), name.type)) for name in names]
