"""Compounds: two names that a dash joins, such as "Russia-North Korea"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from service.enrichment.coreference.lexicon import (
    ALIASES,
    BLOCS,
    COUNTRIES,
    HYPHENATED_PLACES,
    NATIONALITIES,
)
from service.enrichment.coreference.names import DASH, NameT, normalize
from service.enrichment.known_names import is_known_person, known_type
from service.enrichment.types import OTHER_TYPES, EntityType

_STATES = COUNTRIES | BLOCS


def split_compounds(names: Sequence[NameT]) -> list[NameT]:
    """Split each name with one dash whose two halves are names.

    They are if both occur as names elsewhere, or are known: two countries ("India-Pakistan"), a
    country and a nationality ("French-U.K."), two cities ("Moscow-Kyiv").

    A person's name stays whole, since it may be a double-barrelled family name, except for those of
    two well-known persons ("Putin-Trump"), and so do places
    with a hyphen ("Guinea-Bissau") and a name that occurs more often than one of its halves, or as
    often and is an organisation ("Hewlett-Packard") or a nationality ("Cuban-American").

    Args:
        names: mentions in order of appearance.

    Returns:
        Mentions in order of appearance. A half differs from its compound in span, text, and type,
        which is that of the first occurrence of the half as a name of its own.
    """
    forms = [_form(name.text) for name in names]
    types: dict[str, str] = {}
    for form, name in zip(forms, names, strict=True):
        types.setdefault(form, name.type)
    counts = Counter(forms)
    parts: list[NameT] = []
    for form, name in zip(forms, names, strict=True):
        dashes = [match.span() for match in DASH.finditer(name.text)]
        if len(dashes) == 1:
            dash_start, dash_end = dashes[0]
            left, right = name.text[:dash_start].rstrip(), name.text[dash_end:].lstrip()
            left_form, right_form = _form(left), _form(right)
            rest = min(counts[left_form], counts[right_form])
            whole = name.type == EntityType.ORGANIZATION or (
                types.get(left_form) in OTHER_TYPES and types.get(right_form) in OTHER_TYPES
            )
            halves = _known_types(left, right, name.type)
            person = name.type == EntityType.PERSON
            if halves is None and not person and counts[form] + whole <= rest:
                halves = types[left_form], types[right_form]
            if halves and form not in HYPHENATED_PLACES:
                left_end, right_start = name.start + len(left), name.end - len(right)
                parts += [
                    replace(name, end=left_end, text=left, type=halves[0]),
                    replace(name, start=right_start, text=right, type=halves[1]),
                ]
                continue
        parts.append(name)
    return parts


def _known_types(left: str, right: str, type_: str) -> tuple[str, str] | None:
    """The types of two halves that are known names, at least one of them no nationality.

    What a tagger takes for a person may only be two persons. Two nationalities may be one
    ("Cuban-American"). Two cities may be a race ("Milan-San Remo"), but not where a tagger takes
    them for a place.
    """
    if is_known_person(left) and is_known_person(right):
        return EntityType.PERSON, EntityType.PERSON
    if type_ == EntityType.PERSON:
        return None
    one, other = _known_type(left), _known_type(right)
    if one is None or other is None or {one, other} == {EntityType.NORP}:
        return None
    cities = _STATES.isdisjoint((normalize(left), normalize(right)))
    return None if cities and type_ != EntityType.LOCATION else (one, other)


def _known_type(half: str) -> str | None:
    form = normalize(half)
    if form in BLOCS:
        return EntityType.ORGANIZATION
    if form in NATIONALITIES:
        return EntityType.NORP
    return EntityType.LOCATION if known_type(half) == EntityType.LOCATION else None


def _form(text: str) -> str:
    form = normalize(text)
    return ALIASES.get(form, form)
