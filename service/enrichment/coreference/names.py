"""Names, and the forms under which they are compared and displayed."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

import regex

from service.enrichment.coreference.lexicon import (
    ALIASES,
    CERTAIN_LEGAL_FORMS,
    GENERATIONS,
    HONORIFICS,
    LEGAL_FORMS,
    POSTNOMINALS,
    TITLE_PREFIXES,
    TITLES,
    TITLES_AFTER_TITLES,
    TITLES_IN_CAPITALS,
)
from service.enrichment.types import EntityType

DASH = regex.compile(r"\p{Pd}")
CACHED_FORMS = 4096
"""Names whose forms are cached: an article needs each of them a dozen times."""

POSSESSIVE = regex.compile(r"['’](?:[sS]$|$)")
_BROKEN_COMPOUND = regex.compile(r"(?<=\w\p{Pd})\s*\R\s*(?=\w)")  # "Asia-" at the end of a line
_EDGE = regex.compile(r"^[^\p{L}\p{N}]+|[^\p{L}\p{N}.)]+$")
_WEB_DOMAIN = regex.compile(r"\.(?:com|net|org|co\.uk)(?=$|\s)", regex.IGNORECASE)
# Soft hyphens, zero-width spaces, marks of text direction. Joiners belong to some scripts.
_INVISIBLE = regex.compile(r"[\p{Cf}--\u200c\u200d]", regex.VERSION1)
_NICKNAME = regex.compile(
    r"\s*(?:[\"“”„«][^\"“”„«»]+[\"“”»]|[‘'][^'‘’\"]+['’](?!\w)|\([^()]+\))(?=\s)"
)
_AROUND_NICKNAME = " \"“”„«»‘’'()"
_INITIALS = regex.compile(r"(?<!\S)(\p{L})\.?\s*(?=\p{L}(?:\.|\s|$))(?<=[.\s])")
_INVERTED = regex.compile(r"(us )?(department|ministry) (?:for|of) (?:the )?(.+)")
_MAX_TITLES = 6
# Letters that Unicode does not decompose, and what newsrooms replace them by; apostrophes.
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "æ": "ae", "œ": "oe", "ħ": "h"}
    | dict.fromkeys("’‘ʼʻ′`", "'")
)

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
        is_alias: whether the entity has another name that stands for it.
    """

    start: int
    end: int
    text: str
    type: str
    is_alias: bool = field(default=False, kw_only=True)


NameT = TypeVar("NameT", bound=Name)


@lru_cache(CACHED_FORMS)
def trim(text: str) -> str:
    """``text`` on one line, composed (NFC), without invisible characters or outer punctuation."""
    visible = text
    if not text.isascii():
        visible = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    name = _EDGE.sub("", " ".join(_BROKEN_COMPOUND.sub("", visible).split()))
    return name or text


@lru_cache(CACHED_FORMS)
def clean(text: str) -> str:
    """The trimmed ``text`` without a leading article or a possessive ending."""
    name = trim(POSSESSIVE.sub("", trim(text) if text[-1:] not in "'’" else text))
    if name[:4].lower() == "the " and len(name) > 4:
        name = name[4:]
    return name or text


@lru_cache(CACHED_FORMS)
def normalize(text: str) -> str:
    """The cleaned ``text`` without case, diacritics, abbreviation points, or hyphens."""
    plain = clean(text).casefold().translate(_PLAIN)
    if plain.isascii():
        return " ".join(plain.replace(".", "").replace("-", " ").split()) or text
    plain = "".join(
        c
        for c in unicodedata.normalize("NFKD", plain)
        if not unicodedata.combining(c) and c not in ".\u200c\u200d"
    )
    return " ".join(DASH.sub(" ", plain).split()) or text


def titles_before(words: Sequence[str]) -> int:
    """How many of the first words of a person's name are titles, never all of them."""
    count = 0
    for i, word in enumerate(words[: min(len(words) - 1, _MAX_TITLES)]):
        if is_title(word, after_title=i > 0):
            count = i + 1
        elif normalize(word) not in TITLE_PREFIXES:
            break
    return 0 if words[count : count + 1] == ["of"] else count  # "Duchess of Edinburgh"


@lru_cache(CACHED_FORMS)
def is_title(word: str, after_title: bool = False) -> bool:
    """Whether a word is a person's title: "Supt", "Maj-Gen".

    Args:
        word: any.
        after_title: whether it follows a title or a word such as "Deputy".
    """
    *prefixes, plain = normalize(word).split()
    if prefixes and not TITLE_PREFIXES.union(TITLES).issuperset(prefixes):
        return False
    return (
        plain in TITLES
        or (plain in TITLES_IN_CAPITALS and word.isupper())
        or (after_title and plain in TITLES_AFTER_TITLES)
    )


def is_honorific(word: str) -> bool:
    """Whether a word only addresses a person: "Mr", "Ms."."""
    return word.lower().removesuffix(".") in HONORIFICS


def is_postnominal(word: str) -> bool:
    """Whether a word consists of letters after a person's name: "OBE", "PhD"."""
    return (sum(map(str.isupper, word)) > 1 or word == "Esq") and normalize(word) in POSTNOMINALS


@lru_cache(CACHED_FORMS)
def strip_titles(text: str) -> str:
    """A person's name without the titles before it and the letters after it."""
    words = text.split()
    while len(words) > 2 and is_postnominal(words[-1].rstrip(",.")):
        words.pop()
    if len(words) == 2 and is_postnominal(words[-1]) and not words[0].isupper():
        words.pop()  # "Hollis KC", but not "JACK MC"
    return " ".join(words[titles_before(words) :]).rstrip(",")


@lru_cache(CACHED_FORMS)
def person_form(text: str) -> str:
    """The form under which persons are compared.

    It has neither titles nor a nickname in quotation marks. Initials beside each other are one
    word: "J. K. Rowling", "J.K. Rowling" and "JK Rowling" are equal. A generational suffix is
    spelled in one way.
    """
    name = _INITIALS.sub(r"\1", strip_titles(_NICKNAME.sub("", clean(text))).replace(",", ""))
    words = normalize(name).split()
    if len(words) > 1:
        words[-1] = GENERATIONS.get(words[-1], words[-1])
    return " ".join(words)


def split_at_nickname(text: str) -> tuple[str, str] | None:
    """The nickname in quotation marks or brackets in a person's name, and what follows it."""
    nickname = _NICKNAME.search(text)
    if not nickname:
        return None
    return nickname[0].strip(_AROUND_NICKNAME), text[nickname.end() :].strip()


def nickname_form(text: str) -> str | None:
    """The form of a person's name with the nickname that stands in it: "Magic Johnson".

    ``None`` if there is none in quotation marks or brackets.
    """
    parts = split_at_nickname(text)
    return person_form(" ".join(parts)) if parts else None


@lru_cache(CACHED_FORMS)
def organization_form(text: str) -> str:
    """The form under which organisations are compared: without web domain and legal forms.

    "Department of Justice" and "Justice Department" have the same form.
    """
    words = normalize(_WEB_DOMAIN.sub("", clean(text))).replace(",", "").split()
    words = ["and" if word == "&" else word for word in words]
    while len(words) > 1 and (words[-1] in LEGAL_FORMS or words[-1] == "and"):
        words.pop()
    if len(words) > 1 and words[-1] == "utd":
        words[-1] = "united"
    if inverted := _INVERTED.fullmatch(" ".join(words)):
        return f"{inverted[1] or ''}{inverted[3]} {inverted[2]}"
    return " ".join(words)


@lru_cache(CACHED_FORMS)
def ends_in_legal_form(text: str, certain: bool = True) -> bool:
    """Whether the last of several words is a legal form: "Bosch GmbH".

    Args:
        text: of a name.
        certain: count only those that are never a word of another kind, unlike "AS" or "Co".
    """
    words = text.split()
    forms = CERTAIN_LEGAL_FORMS if certain else LEGAL_FORMS
    return len(words) > 1 and normalize(words[-1].rstrip(",")) in forms


def form_of(text: str, type_: str) -> str:
    """The form under which a name of some type is compared."""
    if type_ == EntityType.PERSON:
        form = person_form(text)
    elif type_ == EntityType.ORGANIZATION:
        form = organization_form(text)
    else:
        form = normalize(text)
    return ALIASES.get(form, form)


def key_of(name: Name) -> Key:
    """The key of ``name``."""
    return (name.type, form_of(name.text, name.type))
