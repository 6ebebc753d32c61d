"""Well-known names of one word, and their types, from ``known_names.toml``."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

from service.enrichment.bio import TaggedSpan
from service.enrichment.coreference.lexicon import COUNTRIES
from service.enrichment.coreference.names import normalize
from service.enrichment.types import EntityType

_LISTS: dict[str, Any] = tomllib.loads(
    files("service.enrichment").joinpath("known_names.toml").read_text("utf-8")
)
_TYPES: dict[str, EntityType] = {
    normalize(name): type_
    for list_, type_ in (
        ("persons", EntityType.PERSON),
        ("organizations", EntityType.ORGANIZATION),
        ("places", EntityType.LOCATION),
    )
    for name in _LISTS[list_].split()
}
_BEARERS: dict[tuple[str, str], frozenset[str]] = {
    (family, title): frozenset(given)
    for family, offices in _LISTS["offices"].items()
    for title, *given in map(str.split, offices)
}
"""Family name and title of office → the given names of those who have held it."""

_HOLDERS: dict[str, frozenset[str]] = {}
for (_family, _), _given in _BEARERS.items():
    _HOLDERS[_family] = _HOLDERS.get(_family, frozenset()) | _given

_OTHER_OFFICES = frozenset(
    "bishop constable detective inspector judge magistrate officer pastor rabbi sheriff".split()
)
"""Titles of persons who lead no country."""


def holds_other_office(form: str, family: str, title: str) -> bool:
    """Whether a title of office before a well-known family name contradicts a full name.

    "President Trump" is not Eric Trump, and "Judge Trump" is not Donald Trump.

    Args:
        form: a normalized full name.
        family: the family name alone after the title.
        title: in the form of
            :func:`~service.enrichment.coreference.forms_of_address.address_title`.
    """
    if title in _OTHER_OFFICES and is_office_holder(form, family):
        return True
    bearers = _BEARERS.get((family, title))
    words = form.split()
    if not bearers or not bearers.isdisjoint(words):
        return False
    # "J. Biden" may be Joe Biden.
    return len(words[0]) > 1 or not any(bearer.startswith(words[0]) for bearer in bearers)


def is_office_holder(form: str, family: str) -> bool:
    """Whether a normalized full name is that of the well-known holder of an office."""
    return not _HOLDERS.get(family, frozenset()).isdisjoint(form.split())


def is_known_person(name: str) -> bool:
    """Whether a name is the family name of a well-known person."""
    return _TYPES.get(normalize(name)) == EntityType.PERSON


def is_known_place(name: str) -> bool:
    """Whether a name is that of a well-known town or city."""
    return _TYPES.get(normalize(name)) == EntityType.LOCATION


def known_type(name: str) -> EntityType | None:
    """The type of a well-known name, or of a country, whatever the words around it."""
    form = normalize(name)
    return EntityType.LOCATION if form in COUNTRIES else _TYPES.get(form)


def with_known_type(span: TaggedSpan, word: str) -> TaggedSpan:
    """The span with the type of a well-known name, if ``word``, its only one, is such.

    Places overrule only PERSON, since clubs, governments and films have their names, too.
    """
    type_ = _TYPES.get(normalize(word))
    if type_ is None or (type_ == EntityType.LOCATION and span.type != EntityType.PERSON):
        return span
    return span._replace(type=type_)
