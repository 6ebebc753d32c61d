"""Gender of persons: by the form of address, the given name, and the pronouns around a mention."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import regex

from service.enrichment.coreference.lexicon import (
    FEMALE_NAMES,
    FEMALE_RELATIVES,
    FEMALE_TITLES,
    HONORIFICS,
    MALE_NAMES,
    MALE_RELATIVES,
    MALE_TITLES,
    TITLE_FORMS,
)
from service.enrichment.coreference.names import Name, is_title, normalize, titles_before
from service.enrichment.types import EntityType

Gender = Literal["m", "f"]

_COMMON_TITLES = HONORIFICS | {"mx", "dr"}
"""Titles that do not tell persons of one family name apart."""

_GENDERED = regex.compile(
    rf"\b(?=\p{{Lu}})(?i:(?P<m>{'|'.join(sorted(MALE_TITLES))})|{'|'.join(sorted(FEMALE_TITLES))})"
    r"\b\.?\s*$"
)
_RELATIVE = regex.compile(
    rf"\b(?:(?P<m>{'|'.join(sorted(MALE_RELATIVES))})|{'|'.join(sorted(FEMALE_RELATIVES))})"
    r"(?P<comma>,)?\ $"
)
_LONGEST = max(map(len, MALE_TITLES | FEMALE_TITLES | MALE_RELATIVES | FEMALE_RELATIVES)) + 2
"""Code points of the longest gendered word before a name, with a mark and a space after it."""

_REACH = 120
"""Code points on either side of a mention in which a pronoun may refer to it."""

_PRONOUN = regex.compile(
    r"\b(?:(?P<m>he|him|his|himself)|she|her|hers|herself)\b", regex.IGNORECASE
)
_SENTENCE_END = regex.compile(
    r"[.!?][\p{Pf}\"')]*\s+(?=[\p{Lu}\p{Pi}\"'])(?<!\b\p{Lu}\p{Ll}{0,3}\.\s+)|\R\R"
)
# "When he arrived, Smith …", "In her speech, Smith …"
_OPENING_CLAUSE = regex.compile(
    r"(?:^|[.!?][\p{Pf}\"')]*\s+|\R)(?:After|Although|As|At|Because|Before|Despite|During|For|In|On|Once|"
    r"Since|Though|When|While|With)\b(?P<clause>[^.!?,]{1,80}),\s*$"
)


def address_gender(text: str, start: int, end: int) -> Gender | None:
    """The gender implied by the form of address before a name or at its beginning, or by kinship.

    Kinship is a noun directly before the name ("his sister Ann Lee") or, if the name is set off by
    commas, before the first ("his sister, Ann Lee, left").

    Args:
        text: the whole text.
        start: first code point of the name.
        end: one past its last code point.

    Returns:
        ``"m"``, ``"f"``, or ``None`` without any of these.
    """
    first_word, _, rest = text[start:end].partition(" ")
    address = _GENDERED.search(first_word) if rest else None
    before = text[max(0, start - _LONGEST) : start]
    address = address or _GENDERED.search(before)
    if not address and (address := _RELATIVE.search(before)):
        set_off = text[end : end + 1] in (",", ".", ";")
        address = None if address["comma"] and not set_off else address
    if not address:
        return None
    return "m" if address["m"] else "f"


def address_title(text: str, start: int, end: int) -> str | None:
    """The last title before a person's name or at its beginning, other than "Mr" and the like.

    Titles that are written in several ways have one form: "Det." and "Detective".

    Args:
        text: the whole text.
        start: first code point of the name.
        end: one past its last code point.
    """
    words = text[start:end].split()
    inside = titles_before(words)
    word = words[inside - 1] if inside else text[max(0, start - _REACH) : start].rpartition("\n")[2]
    before = word.split()[-1:] if text[start - 1 : start] == " " or inside else []
    if not (before and before[0][0].isupper() and is_title(before[0])):
        return None
    title = normalize(before[0]).rpartition(" ")[2]
    return TITLE_FORMS.get(title, title) if title not in _COMMON_TITLES else None


def given_name_gender(form: str) -> Gender | None:
    """The gender that the given name of a normalized full name implies."""
    given, _, family = form.partition(" ")
    if not family:
        return None
    if given in MALE_NAMES:
        return "m"
    return "f" if given in FEMALE_NAMES else None


def pronoun_gender(text: str, start: int, end: int, previous: int, following: int) -> Gender | None:
    """The gender of the first pronoun that may refer to a mention.

    It stands after the mention in the same sentence ("Smith said he was innocent"), at the
    beginning of the next one ("Smith left. He …"), or in an opening clause before the mention
    ("When he arrived, Smith …"), with no other person between.

    Args:
        text: the whole text.
        start: first code point of the mention.
        end: one past its last code point.
        previous: one past the last code point of the person named before it.
        following: first code point of the person named after it.
    """
    after = text[end : min(following, end + _REACH)]
    border = _SENTENCE_END.search(after)
    pronoun = _PRONOUN.search(after, 0, border.start() if border else len(after))
    if not pronoun:
        opening = _OPENING_CLAUSE.search(text[max(previous, start - _REACH) : start])
        pronoun = _PRONOUN.search(opening["clause"]) if opening else None
    if not pronoun and border:
        pronoun = _PRONOUN.match(after, border.end())
    if not pronoun:
        return None
    return "m" if pronoun["m"] else "f"


def sentence_starts(text: str) -> list[int]:
    """Where sentences and paragraphs after the first one start."""
    return [border.end() for border in _SENTENCE_END.finditer(text)]


def person_borders(names: Sequence[Name], length: int) -> list[tuple[int, int]]:
    """For each mention the end of the person named before it, and the start of the one after."""
    ends, starts = [], []
    end, start = 0, length
    for name in names:
        ends.append(end)
        if name.type == EntityType.PERSON:
            end = name.end
    for name in reversed(names):
        starts.append(start)
        if name.type == EntityType.PERSON:
            start = name.start
    return list(zip(ends, reversed(starts), strict=True))
