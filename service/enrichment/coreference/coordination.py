"""Coordination: names that "and" joins, such as "Marks and Spencer", tagged as two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import regex

from service.enrichment.coreference.names import NameT, normalize, organization_form
from service.enrichment.coreference.short_forms import initials
from service.enrichment.types import EntityType

_JOINT = regex.compile(r"\s+(?:and|&)\s+")


def join_coordinated(names: Sequence[NameT], text: str) -> list[NameT]:
    """Join two mentions around "and" where the article names them as one elsewhere.

    Elsewhere is "Marks & Spencer", "Marks and Spencer" as one mention, or "M&S". Two persons with
    given names stay two.

    Args:
        names: mentions in order of appearance.
        text: the whole text.

    Returns:
        Mentions in order of appearance. A joined one has the type of the other mention.
    """
    whole = {
        organization_form(name.text): name.type
        for name in names
        if " and " in name.text or "&" in name.text
    }
    joined: list[NameT] = []
    for name in names:
        before = joined[-1] if joined else None
        if before and whole and _JOINT.fullmatch(text, before.end, name.start):
            both = text[before.start : name.end]
            form = organization_form(both)
            short = next((f for f in initials(both) if "&" in f and normalize(f) in whole), None)
            if form in whole or short:
                type_ = whole.get(form) or EntityType.ORGANIZATION
                joined[-1] = replace(before, end=name.end, text=both, type=type_)
                continue
        joined.append(name)
    return joined
