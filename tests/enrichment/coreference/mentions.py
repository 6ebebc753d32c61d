"""Mentions for tests, located in a text and clustered."""

from __future__ import annotations

from service.enrichment.coreference.clustering import cluster
from service.enrichment.coreference.names import Name


def locate(text: str, *mentions: tuple[str, str]) -> list[Name]:
    """The mentions, given as (form, type), looked up in ``text`` one after another."""
    names, position = [], 0
    for form, type_ in mentions:
        start = text.index(form, position)
        position = start + len(form)
        names.append(Name(start, position, form, type_))
    return names


def clustered(text: str, *mentions: tuple[str, str], keep_types: bool = False) -> list[list[str]]:
    """The forms of the mentions in each cluster, see :func:`locate`."""
    clusters = cluster(locate(text, *mentions), text, keep_types)
    return [[name.text for name in names] for names in clusters]
