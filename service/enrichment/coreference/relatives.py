"""Relatives: mentions that the words of kinship around them tell apart from a namesake."""

from __future__ import annotations

from typing import Literal

import regex

from service.enrichment.coreference.forms_of_address import Gender
from service.enrichment.coreference.lexicon import (
    FEMALE_RELATIVES,
    GROUPS_OF_RELATIVES,
    MALE_RELATIVES,
)
from service.enrichment.words import APOSTROPHES, POSSESSIVES

Owner = Gender | Literal["several"] | None
"""Who has a relative: a man, a woman, one or several of those before, or somebody who is named."""

_SINGULAR = "|".join(sorted(MALE_RELATIVES | FEMALE_RELATIVES))
_NOUN = rf"(?:(?:{_SINGULAR})s?|wives|{'|'.join(sorted(GROUPS_OF_RELATIVES))})"
_REACH = 120
"""Code points before and after a name in which the words of kinship may stand."""

_LIST_OF_RELATIVES = regex.compile(
    r"\b(?:(?P<f>[Hh]er)|(?P<m>[Hh]is)|(?P<several>[Tt]heir|couple['’]s|an?|two|three|four)|\p{Lu}\w*['’]s?)(?P<noun>)"
    rf"(?:\s[\p{{Ll}}\d-]+){{0,3}}?\s{_NOUN},?\s(?:\p{{Lu}}[\w-]*(?:,\s(?:and\s)?|\sand\s))*$"
)
_IS_OF = regex.compile(rf"(?:\b(?:is|was)|,)\s(?:the|an?)\s{_NOUN}\s(?:of|to)\s$")
_IS = regex.compile(r"\b(?:is|was)\s$")
_OWN_RELATIVE = regex.compile(rf"(?:['’]s?)?\s(?:[\p{{Ll}}-]+\s){{0,2}}{_NOUN}\b")
_APPOSITION = regex.compile(rf"(?:['’]s?)?\s(?:[\p{{Ll}}-]+\s){{0,2}}{_NOUN}[,.]")


def listed_relative(text: str, start: int) -> tuple[int, Owner] | None:
    """The place of the kinship noun before a bare given name, and whose relative it is.

    "He is survived by his sons, John and Peter": both names are those of relatives.

    Args:
        text: the whole text.
        start: first code point of the name.
    """
    found = _LIST_OF_RELATIVES.search(text[max(0, start - _REACH) : start])
    if not found:
        return None
    owner: Owner = None
    if found["f"] or found["m"]:
        owner = "f" if found["f"] else "m"
    elif found["several"]:
        owner = "several"
    return max(0, start - _REACH) + found.start("noun"), owner


def describes_relative(text: str, start: int, end: int) -> bool:
    """Whether a name only names whose relative another person is.

    "He is Ann Cole's cousin", "Bo Cole, a cousin of Ann Cole".

    Args:
        text: the whole text.
        start: first code point of the name.
        end: one past its last code point.
    """
    before, after = text[max(0, start - _REACH) : start], text[end : end + _REACH]
    if _IS_OF.search(before):
        return True
    if not (text[end - 2 : end] in POSSESSIVES or after[:1] in APOSTROPHES):
        return False
    pattern = _APPOSITION if before.endswith(", ") else _OWN_RELATIVE
    return bool(pattern.match(after)) and bool(before.endswith(", ") or _IS.search(before))
