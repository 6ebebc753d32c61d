"""Patterns of the names, places, dates and agencies in credits, for ``regex.VERBOSE``."""

from __future__ import annotations

from collections.abc import Iterable

import regex

from service.enrichment.newsroom import AGENCIES as _AGENCY_NAMES
from service.enrichment.newsroom import AUTHOR_ROLES


def any_of(words: Iterable[str]) -> str:
    """A pattern of the words, the longest first."""
    return "|".join(regex.escape(word) for word in sorted(words, key=len, reverse=True))


AGENCY = rf"(?i:{any_of(_AGENCY_NAMES)})"
AGENCIES = rf"(?:{AGENCY}(?:\ *[,/&]\ *{AGENCY}){{0,3}})"
DESK = r"(?:\ \p{Lu}\p{Ll}{2,20}){0,2}"  # "Reuters Breakingviews", "AFP Sports"
CAPITALISED = r"(?:(?:\p{Lu}\.){1,3}|\p{Lu}[\p{L}\p{M}\p{N}'’\-]{0,30}+)"
PARTICLE = r"(?:d[aei]|del|van|von|der|den|la|al|bin|of|the)\b"
NAME = rf"{CAPITALISED}(?:\ {{1,3}}(?:{CAPITALISED}|{PARTICLE})){{0,5}}"
JOINT = r"(?:\ ?,\ ?(?:and\ |&\ )?|\ (?:and|in|for|at|with|via)\ |\ ?[&/|]\ ?)"
NAMES = rf"{NAME}(?:{JOINT}{NAME}){{0,9}}"
DATE = (
    r"(?:\d{1,2}\ )?\p{Lu}\p{Ll}{2,8}\.?(?:\ \d{1,2})?(?:,?\ \d{4})?"  # "3 November 2026", "Nov. 3"
)
REST = r"\p{L}[\p{L}\p{M}.'’\-]{0,30}+"
PLACE = rf"\p{{Lu}}[\p{{L}}\p{{M}}.'’\-]{{0,30}}+(?:[\ /]{REST}){{0,4}}"
CAPITALS = r"\p{Lu}[\p{Lu}\p{M}.'’\-]{1,30}+(?:[\ /]\p{Lu}[\p{Lu}\p{M}.'’\-]{0,30}+){0,4}"
DETAILS = rf"(?:,\ (?:{DATE}|{PLACE})){{0,3}}"
DASH = r"(?:\p{Pd}{1,2}|:)"
DASHED = rf"(?:{PLACE}{DETAILS}\ *[(\[/]\ *{AGENCIES}{DESK}\ *[)\]/]\ *{DASH})"
# Indian agencies leave the dash out.
DATELINE = (
    rf"(?:{DASHED}|{CAPITALS}{DETAILS}\ *"
    rf"(?:\(\ *{AGENCIES}\ *\)|,\ *{AGENCIES}\ *{DASH}(?=\s)))"
)
END = r"(?=[ \t]*+$)"
ROLE = rf"(?i:{any_of(AUTHOR_ROLES)})"
