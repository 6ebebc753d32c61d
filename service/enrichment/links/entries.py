"""What links refer to, as answers show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Link:
    """An entry of a source that an entity is linked to.

    Attributes:
        source: ``geonames``, or ``list:`` and the name of a list.
        id: of the entry in its source.
        uri: of the entry; ``None`` for those of lists.
        name: of the entry.
        confidence: 0–1, the probability that the entity is the entry.
        country: ISO 3166-1 alpha-2 code; ``None`` for places in several countries.
        admin1: code of the region in the source; ``None`` for countries and larger places.
        latitude, longitude: degrees.
        feature: what kind of place it is, such as ``city``, ``region`` or ``country``.
        wikidata: id of the Wikidata item; ``None`` if it is unknown.
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
    mentions: tuple[int, ...] | None = None
    extra: dict[str, Any] | None = None


@dataclass(frozen=True)
class KnowledgeIdentity:
    """The knowledge that links refer to.

    Attributes:
        version: year and month of its sources.
        digest: ``sha256:`` and the hash of its file.
    """

    version: str
    digest: str
