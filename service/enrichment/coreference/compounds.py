"""Compounds: two names that a dash joins, such as "Russia-North Korea"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from service.enrichment.coreference.lexicon import ALIASES, HYPHENATED_PLACES
from service.enrichment.coreference.names import DASH, NameT, normalize
from service.enrichment.types import EntityType


def split_compounds(names: Sequence[NameT]) -> list[NameT]:
    """Split each name with one dash whose two halves both occur as names elsewhere.

    A person's name stays whole, since it may be a double-barrelled family name, and so do places
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
        dashes = (
            []
            if name.type == EntityType.PERSON
            else [match.span() for match in DASH.finditer(name.text)]
        )
        if len(dashes) == 1:
            dash_start, dash_end = dashes[0]
            left, right = name.text[:dash_start].rstrip(), name.text[dash_end:].lstrip()
            left_form, right_form = _form(left), _form(right)
            rest = min(counts[left_form], counts[right_form])
            whole = name.type == EntityType.ORGANIZATION or (
                types.get(left_form) == types.get(right_form) == EntityType.MISC
            )
            if form not in HYPHENATED_PLACES and counts[form] + whole <= rest:
                left_end, right_start = name.start + len(left), name.end - len(right)
                parts += [
                    replace(name, end=left_end, text=left, type=types[left_form]),
                    replace(name, start=right_start, text=right, type=types[right_form]),
                ]
                continue
        parts.append(name)
    return parts


def _form(text: str) -> str:
    form = normalize(text)
    return ALIASES.get(form, form)
