"""Credits: bylines, datelines, agencies and picture credits, whose names are no subjects."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import regex

from service.enrichment.coreference.names import Name
from service.enrichment.newsroom import AGENCIES, CREDIT_ROLES, PICTURE_LABELS
from service.enrichment.types import EntityType


def _any_of(words: Iterable[str]) -> str:
    return "|".join(regex.escape(word) for word in sorted(words, key=len, reverse=True))


_AGENCY = rf"(?i:{_any_of(AGENCIES)})"
_AGENCIES = rf"(?:{_AGENCY}(?:\ *[,/&]\ *{_AGENCY}){{0,3}})"
_CAPITALISED = r"(?:(?:\p{Lu}\.){1,3}|\p{Lu}[\p{L}\p{M}\p{N}'’\-]{0,30}+)"
_PARTICLE = r"(?:d[aei]|del|van|von|der|den|la|al|bin|of|the)\b"
_NAME = rf"{_CAPITALISED}(?:\ {{1,3}}(?:{_CAPITALISED}|{_PARTICLE})){{0,5}}"
_JOINT = r"(?:\ ?,\ ?(?:and\ |&\ )?|\ (?:and|in|for|at|with|via)\ |\ ?[&/|]\ ?)"
_NAMES = rf"{_NAME}(?:{_JOINT}{_NAME}){{0,9}}"
_DATE = (
    r"(?:\d{1,2}\ )?\p{Lu}\p{Ll}{2,8}\.?(?:\ \d{1,2})?(?:,?\ \d{4})?"  # "3 November 2026", "Nov. 3"
)
_REST = r"\p{L}[\p{L}\p{M}.'’\-]{0,30}+"
_PLACE = rf"\p{{Lu}}[\p{{L}}\p{{M}}.'’\-]{{0,30}}+(?:[\ /]{_REST}){{0,4}}"
_CAPITALS = r"\p{Lu}[\p{Lu}\p{M}.'’\-]{1,30}+(?:[\ /]\p{Lu}[\p{Lu}\p{M}.'’\-]{0,30}+){0,4}"
_DETAILS = rf"(?:,\ (?:{_DATE}|{_PLACE})){{0,3}}"
_DASHED = rf"(?:{_PLACE}{_DETAILS}\ *[(\[/]\ *{_AGENCIES}\ *[)\]/]\ *(?:\p{{Pd}}{{1,2}}|:))"
# Indian agencies leave the dash out.
_DATELINE = rf"(?:{_DASHED}|{_CAPITALS}{_DETAILS}\ *\(\ *{_AGENCIES}\ *\))"
_END = r"(?=[ \t]*+$)"

# At the beginning of a line.
_OPENING = regex.compile(
    rf"""
      (?:\p{{Lu}}\w{{1,20}}\ )?[Bb][Yy]:?\ +{_NAMES}(?:[ \t]*(?:,|\||\p{{Pd}})[^.!?]{{0,60}})?{_END}
    | (?:\p{{Lu}}\w{{1,20}}\ )?B[Yy]:?\ +{_NAMES}\ +{_DATELINE}
    | {_DATELINE}
    | {_AGENCIES}\ *(?::|\p{{Pd}}|\|)(?=\s)
    | {_AGENCIES}{_END}
    """,
    regex.VERBOSE,
)
_PLACES = regex.compile(
    rf"{_CAPITALS}{_DETAILS}\ *(?:\([^()]{{2,30}}\)\ *)?\p{{Pd}}{{1,2}}(?=\ )", regex.VERBOSE
)
# Anywhere in a line. Each alternative begins with a mark or a word that few places have.
_WITHIN = regex.compile(
    rf"""
      (?:^|(?<=[(\[;.|]\ ?)|(?<=\ \p{{Pd}}\ ))(?i:{_any_of(CREDIT_ROLES)})
      (?:\ and\ \w{{1,20}})?\ +by:?\ +{_NAMES}(?=\ *(?:[;.)\]|/]|$))
    | (?:^|(?<=[(\[;.|]\ ?))(?i:{_any_of(PICTURE_LABELS)})(?:\ by)?:
      \ *{_NAMES}(?=\ *(?:[;.)\]|]|$))
    | \bAP\ Photo/{_NAMES}
    | [(\[]\ *{_AGENCIES}\ *[)\]]
    | (?:(?:\b(?i:copyright)\ )?(?:©|\(c\))\ *(?:\d{{4}},?\ )?|\b(?i:copyright)\ \d{{4}},?\ )
      {_NAMES}
    | (?<=\ )(?:\p{{Pd}}{{1,2}}|\|)\ *{_AGENCIES}{_END}
    | (?:/\ *|\bvia\ ){_AGENCY}(?=\ *(?:[;.)\]|/]|$))
    """,
    regex.VERBOSE,
)
_NAME_AT_END = regex.compile(rf"{_NAMES}\ ?$", regex.VERBOSE)
_LINE = regex.compile(r"[^\r\n\v\f\x85\u2028\u2029]+")
_NAME_REACH = 60
"""Code points before an agency in which the photographer's name stands."""


@dataclass(frozen=True)
class Credit:
    """A stretch whose names are no subjects.

    Attributes:
        start: first code point.
        end: one past the last.
        only_places: whether that holds for places alone: "LEEDS — The mayor …" is a dateline,
            "TESCO — Shares rose …" is none.
    """

    start: int
    end: int
    only_places: bool = False


def find_credits(text: str) -> list[Credit]:
    """Where ``text`` names who made it, and where it was written, rather than what it is about.

    Bylines ("By Ann Lee and Bo Ray"), datelines ("ROME, Nov 3 (Reuters) -"), agencies in brackets
    or at the end of a line, credits ("Reporting by Ann Lee; Editing by Bo Ray"), pictures ("Photo:
    Ann Lee/Getty Images") and copyright notices.

    The time is linear in the length of the text.

    Returns:
        Credits in order, without overlap.
    """
    credits: list[Credit] = []
    for line in _LINE.finditer(text):
        content, shift = line[0], line.start()
        at = len(content) - len(content.lstrip())
        if opening := _OPENING.match(content, at):
            credits.append(Credit(shift + at, shift + opening.end()))
            at = opening.end()
        elif place := _PLACES.match(content, at):
            credits.append(Credit(shift + at, shift + place.end(), only_places=True))
            at = place.end()
        for match in _WITHIN.finditer(content, at):
            start = match.start()
            if match[0].startswith(("/", "via")):
                reach = max(at, start - _NAME_REACH)
                name = _NAME_AT_END.search(content[reach:start])
                start = reach + name.start() if name else start
            credits.append(Credit(shift + start, shift + match.end()))
            at = match.end()
    return credits


def in_credit(credits: Sequence[Credit], mention: Name) -> bool:
    """Whether a mention stands in one of ``credits``, which are in order."""
    at = bisect_right(credits, mention.start, key=lambda credit: credit.start) - 1
    if at < 0 or credits[at].end <= mention.start:
        return False
    return not credits[at].only_places or mention.type == EntityType.LOCATION
