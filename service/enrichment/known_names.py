"""Well-known names of one word, and their types, from ``known_names.toml``."""

from __future__ import annotations

import tomllib
from importlib.resources import files

from service.enrichment.bio import TaggedSpan
from service.enrichment.coreference.lexicon import COUNTRIES
from service.enrichment.coreference.names import normalize
from service.enrichment.types import EntityType

_LISTS: dict[str, str] = tomllib.loads(
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
