"""Names, and the forms under which they are compared and displayed."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import regex

from service.enrichment.coreference.forms_of_address import TITLES
from service.enrichment.types import EntityType

# Forms of one name that no rule relates.
ALIASES = {
    "us": "united states",
    "usa": "united states",
    "united states of america": "united states",
    "america": "united states",
    "uk": "united kingdom",
    "britain": "united kingdom",
    "great britain": "united kingdom",
    "un": "united nations",
    "eu": "european union",
    "uae": "united arab emirates",
    "man utd": "manchester united",
    "man united": "manchester united",
    "man city": "manchester city",
}
DASH = regex.compile(r"\p{Pd}")
CACHED_FORMS = 4096
"""Names whose forms are cached: an article needs each of them a dozen times."""

_POSSESSIVE = regex.compile(r"['’](?:[sS]$|$)")
_BROKEN_COMPOUND = regex.compile(r"(?<=\w\p{Pd})\s*\R\s*(?=\w)")  # "Asia-" at the end of a line
_EDGE = regex.compile(r"^[^\p{L}\p{N}]+|[^\p{L}\p{N}.)]+$")
_WEB_DOMAIN = regex.compile(r"\.(?:com|net|org|co\.uk)$", regex.IGNORECASE)

Key = tuple[str, str]
"""Entity type and comparable form of a name. Names with the same key are one entity."""


@dataclass(frozen=True)
class Name:
    """A name in a text.

    Attributes:
        start: its first code point in the whole text.
        end: one past its last code point.
        text: exactly the characters from ``start`` to ``end``.
        type: an :class:`~service.enrichment.types.EntityType` or another label of a model.
    """

    start: int
    end: int
    text: str
    type: str


NameT = TypeVar("NameT", bound=Name)


@lru_cache(CACHED_FORMS)
def clean(text: str) -> str:
    """``text`` on one line, without a leading article or a possessive ending."""
    name = _EDGE.sub("", _POSSESSIVE.sub("", " ".join(_BROKEN_COMPOUND.sub("", text).split())))
    if name[:4].lower() == "the " and len(name) > 4:
        name = name[4:]
    return name or text


@lru_cache(CACHED_FORMS)
def normalize(text: str) -> str:
    """The cleaned ``text`` without case, diacritics, abbreviation points, or hyphens."""
    decomposed = unicodedata.normalize("NFKD", clean(text).casefold())
    plain = "".join(c for c in decomposed if not unicodedata.combining(c) and c != ".")
    return " ".join(DASH.sub(" ", plain).replace("’", "'").split()) or text


def key_of(name: Name) -> Key:
    """The key of ``name``: persons lose their titles, organisations their web domains."""
    form = normalize(name.text)
    if name.type == EntityType.PERSON:
        words = form.split()
        while len(words) > 1 and words[0] in TITLES:
            words.pop(0)
        form = " ".join(words)
    elif name.type == EntityType.ORGANIZATION:
        form = normalize(_WEB_DOMAIN.sub("", clean(name.text)))
        if form.endswith(" utd"):
            form = form.removesuffix("utd") + "united"
    return (name.type, ALIASES.get(form, form))


def display_name(names: Iterable[Name]) -> str:
    """The fullest form; among equally full forms the most frequent, then the earliest."""
    counts = Counter(clean(name.text) for name in names)
    return max(counts, key=lambda form: (_fullness(form), counts[form]))


def _fullness(form: str) -> tuple[int, int]:
    words = [word for word in form.split() if word.lower().rstrip(".") not in TITLES]
    all_capitals = form == form.upper() and len(words) >= 2
    return (len(words), 0 if all_capitals else len(form))
