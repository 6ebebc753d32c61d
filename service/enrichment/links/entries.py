"""What links refer to, as answers show it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


@dataclass(frozen=True)
class Link:
    """An entry of a source that an entity is linked to.

    Attributes:
        source: ``geonames`` for places, ``pytickersymbols`` for companies, or ``list:`` and the
            name of a list.
        id: of the entry in its source; of a company, its symbol at Yahoo Finance.
        uri: of the entry, or of the company's article in Wikipedia; ``None`` if it is unknown, and
            for entries of lists.
        name: of the entry.
        confidence: 0–1, the probability that the entity is the entry.
        country: ISO 3166-1 alpha-2 code; ``None`` for places in several countries, and if it is
            unknown.
        admin1: code of the region in the source; ``None`` for countries and larger places.
        latitude, longitude: degrees.
        feature: what kind of place it is, such as ``city``, ``region`` or ``country``.
        wikidata: id of the Wikidata item; ``None`` if it is unknown.
        ticker: of a company at its exchange.
        exchange: market identifier code of that exchange (ISO 10383); ``None`` if it is unknown.
        isin: of a company's shares (ISO 6166); ``None`` if it is unknown.
        mentions: of lists: the mentions that have a name of the entry, as positions among those of
            the entity.
        extra: of lists: what else the list has about the entry, if anything.
    """

    source: str
    id: str
    uri: str | None
    name: str
    confidence: float
    country: str | None = None
    admin1: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    feature: str | None = None
    wikidata: str | None = None
    ticker: str | None = None
    exchange: str | None = None
    isin: str | None = None
    mentions: tuple[int, ...] | None = None
    extra: dict[str, Any] | None = None


class Unlinked(StrEnum):
    """Why an entity has no link."""

    NO_ENTRY = "no entry"
    """The knowledge base does not have its name."""
    NOT_LIKELY_ENOUGH = "not likely enough"
    """The knowledge base has its name, but no entry of that name is likely enough."""
    TYPE_NOT_LINKED = "type not linked"
    """The knowledge base has no entries for entities of its type."""


@dataclass(frozen=True)
class KnowledgeIdentity:
    """The knowledge base that links refer to.

    Attributes:
        version: year and month of its sources.
        digest: ``sha256:`` and the hash of its file.
    """

    version: str
    digest: str
