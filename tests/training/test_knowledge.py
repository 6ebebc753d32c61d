"""The builder of the knowledge base of places, without the packages that it reads."""

import pytest

from service.enrichment.links.knowledge import Feature, Kind, Knowledge
from training.knowledge import __main__ as builder
from training.knowledge.sources import Place

WASHINGTON_STATE = Place(1, "Washington", Feature.REGION, "US", "WA", 47.5, -120.5, 6_000_000)
WASHINGTON = Place(2, "Washington", Feature.CAPITAL, "US", "DC", 38.9, -77.0, 700_000)
HARTFORD = Place(3, "Hartford", Feature.CITY, "US", "CT", 41.8, -72.7, 120_000)
NEWTOWN = Place(4, "Newtown", Feature.CITY, "GB", "WLS", 52.5, -3.3, 11_000)
FRANCE = Place(5, "France", Feature.COUNTRY, "FR", "", 46.0, 2.0, 67_000_000, "Q142")
CASABLANCA = Place(6, "Casablanca", Feature.CITY, "MA", "06", 33.6, -7.6, 3_000_000)


class NoCompanies:
    def write(self, database):
        pass


def build():
    built = builder.Builder()
    for place in (WASHINGTON_STATE, WASHINGTON, NEWTOWN):
        built.add(place)
    built.add(HARTFORD, (Kind.ALTERNATE, ["Newtown", "Suckiaug"]))
    built.add(FRANCE, (Kind.NATIONALITY, ["French"]))
    built.add(CASABLANCA, (Kind.ALTERNATE, ["White House"]))
    built.tidy(["White House"])
    return built


@pytest.fixture
def knowledge(tmp_path):
    build().write(tmp_path / "places.sqlite", NoCompanies())
    return Knowledge(tmp_path / "places.sqlite")


def senses(knowledge, key):
    found = knowledge.look_up([key]).get(key, ())
    return {(sense.place.id, sense.kind) for sense in found}


def test_what_is_written_is_read(knowledge):
    (sense,) = knowledge.look_up(["france"])["france"]
    assert sense.place.wikidata == "Q142"
    assert (sense.place.latitude, sense.place.longitude, sense.place.admin1) == (46.0, 2.0, "")
    assert senses(knowledge, "french") == {(5, Kind.NATIONALITY)}


def test_a_region_that_shares_the_name_of_the_capital_is_rarely_meant(knowledge):
    assert senses(knowledge, "washington") == {(1, Kind.RARE), (2, Kind.NAME)}


def test_other_names_of_cities_give_way_to_places_of_that_name(knowledge):
    assert senses(knowledge, "newtown") == {(4, Kind.NAME)}
    assert senses(knowledge, "suckiaug") == {(3, Kind.ALTERNATE)}


def test_names_that_are_usually_something_else_are_left_out(knowledge):
    assert senses(knowledge, "white house") == set()
    assert senses(knowledge, "casablanca") == {(6, Kind.NAME)}


def test_equal_contents_give_equal_bytes(tmp_path):
    for name in ("one", "other"):
        build().write(tmp_path / name, NoCompanies())
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


@pytest.mark.parametrize(
    ("nationality", "forms"),
    [
        ("Iraqi", ["Iraqi", "Iraqis"]),
        ("Japanese", ["Japanese"]),
        ("Dutch", ["Dutch"]),
        ("Swiss", ["Swiss"]),
    ],
)
def test_nationalities_have_a_plural_if_they_change(nationality, forms):
    assert builder._forms(nationality) == forms
