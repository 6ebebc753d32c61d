"""Mentions for tests, located in a text."""

from __future__ import annotations

from service.enrichment.coreference.names import Name


def locate(text: str, *mentions: tuple[str, str]) -> list[Name]:
    """The mentions, given as (form, type), looked up in ``text`` one after another."""
    names, position = [], 0
    for form, type_ in mentions:
        start = text.index(form, position)
        position = start + len(form)
        names.append(Name(start, position, form, type_))
    return names
