"""The knowledge base of places and companies: a SQLite file that ``make knowledge`` builds."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from pathlib import Path

from service.enrichment.links.company_table import CompanyTable
from service.enrichment.links.entries import KnowledgeIdentity

SCALE = 10_000
"""The file holds latitudes and longitudes in units of 1/10000 of a degree."""

_BATCH = 500  # SQLite allows 999 parameters in a query in its oldest versions
_MAPPED_BYTES = 1 << 25


class Feature(IntEnum):
    """What a place is. The file holds the numbers, answers hold the names in lower case."""

    CITY = 0
    DISTRICT = 1
    REGION = 2
    COUNTRY = 3
    AREA = 4
    CONTINENT = 5
    CAPITAL = 6


class Kind(IntEnum):
    """How a name refers to its place."""

    NAME = 0
    ALTERNATE = 1
    ABBREVIATION = 2
    NATIONALITY = 3
    RARE = 4
    """The name of a region that usually stands for the capital, such as Washington."""


@dataclass(frozen=True)
class Place:
    """A place of GeoNames.

    Attributes:
        id: GeoNames id.
        country: ISO 3166-1 alpha-2 code; ``""`` for places in several countries.
        admin1: GeoNames code of the region; ``""`` for larger places.
        latitude, longitude: degrees.
        wikidata: id of the Wikidata item; ``""`` if it is unknown.
    """

    id: int
    name: str
    feature: Feature
    country: str
    admin1: str
    latitude: float
    longitude: float
    population: int
    wikidata: str


@dataclass(frozen=True)
class Sense:
    """A place that a name may refer to."""

    place: Place
    kind: Kind


class Knowledge:
    """Looks names up. Several threads may use it at once.

    Args:
        path: of the file, which is memory-mapped, so that processes share it.

    Raises:
        OSError: the file cannot be read.
        sqlite3.DatabaseError: it is not a knowledge base.
    """

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            digest = sha256()
            while block := file.read(1 << 20):
                digest.update(block)
        self._connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        self._connection.execute(f"PRAGMA mmap_size = {_MAPPED_BYTES}")
        ((version,),) = self._connection.execute("SELECT value FROM meta WHERE key = 'version'")
        self.companies = CompanyTable(self._connection)
        self.identity = KnowledgeIdentity(version, f"sha256:{digest.hexdigest()}")

    def look_up(self, keys: Iterable[str]) -> Mapping[str, tuple[Sense, ...]]:
        """The senses of names, by their keys (see :func:`name_key`); names without are absent."""
        wanted, found = sorted(set(keys)), dict[str, list[Sense]]()
        for start in range(0, len(wanted), _BATCH):
            batch = wanted[start : start + _BATCH]
            places = ", ".join("?" * len(batch))
            query = _SELECT.format(places)
            for (
                key,
                kind,
                identifier,
                name,
                feature,
                latitude,
                longitude,
                *rest,
            ) in self._connection.execute(query, batch).fetchall():
                population, wikidata, country, admin1 = rest
                place = Place(
                    identifier,
                    name,
                    Feature(feature),
                    country,
                    admin1,
                    latitude / SCALE,
                    longitude / SCALE,
                    population,
                    wikidata or "",
                )
                found.setdefault(key, []).append(Sense(place, Kind(kind)))
        return {key: tuple(senses) for key, senses in found.items()}


_SELECT = """
SELECT key, kind, place.id, name, feature, latitude, longitude, population, wikidata,
    country, admin1
FROM name JOIN place ON place.id = name.place JOIN area ON area.id = place.area
WHERE key IN ({})
ORDER BY key, population DESC, place.id, kind
"""
