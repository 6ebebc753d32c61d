"""The enrichment of the seed article with the embedded bundle, as an editor expects it."""

import re
from collections import defaultdict

import pytest

from service.config.settings import KNOWLEDGE
from service.enrichment.article import Article
from service.enrichment.language_detector import TrainedDetector
from service.enrichment.links.linker import Linker
from service.enrichment.pipeline import Enricher
from service.inference.bundle.bundle import load_bundle
from tests.bundle import BUNDLE, SEED

TEXT = SEED.read_text("utf-8")
PEOPLE = {
    "Joe Biden": "Biden",
    "Yoon Seok-youl": "Yoon",
    "Shigeru Ishiba": "Ishiba",
    "Kim Jong Un": "Kim",
    "Volodymyr Zelenskyy": "Zelenskyy",
    "Takeshi Iwaya": "Iwaya",
    "Victor Cha": "Cha",
}


@pytest.fixture(scope="module")
def entities():
    enricher = Enricher(load_bundle(BUNDLE), TrainedDetector())
    return enricher.enrich(Article(TEXT)).entities


def test_the_entities_are_those_in_the_article_and_no_others(entities):
    names_by_type = defaultdict(list)
    for entity in entities:
        names_by_type[entity.type].append(entity.name)
    assert {entity_type: sorted(names) for entity_type, names in names_by_type.items()} == {
        "PERSON": sorted(PEOPLE),
        "LOCATION": [
            "Asia-Pacific",
            "Japan",
            "Kursk",
            "Moscow",
            "North Korea",
            "Pyongyang",
            "Russia",
            "South Korea",
            "Tokyo",
            "Ukraine",
            "United States",
        ],
        "ORGANIZATION": [
            "Asia-Pacific Economic Cooperation",
            "Centre for Strategic and International Studies",
        ],
        "NORP": ["Japanese", "North Korean", "Russian", "South Korean", "Ukrainian"],
    }


def test_each_person_is_one_entry_with_all_mentions(entities):
    found = {e.name: e for e in entities if e.type == "PERSON"}
    assert found.keys() == PEOPLE.keys()
    for name, word in PEOPLE.items():
        places = {m.start() for m in re.finditer(rf"\b{word}\b", TEXT)}
        assert len(found[name].mentions) == len(places)
        assert all(any(m.start <= at < m.end for m in found[name].mentions) for at in places)


def test_an_organisation_and_its_abbreviation_are_one_entry(entities):
    (apec,) = (e for e in entities if any(m.text == "APEC" for m in e.mentions))
    assert apec.name == "Asia-Pacific Economic Cooperation"
    assert {m.text for m in apec.mentions} == {apec.name, "APEC"}


def test_countries_and_their_adjectives_are_separate_entities(entities):
    places = {m.text for e in entities if e.type == "LOCATION" for m in e.mentions}
    assert places >= {"North Korea", "South Korea", "Russia", "Ukraine", "Japan", "U.S."}
    assert not places & {"North Korean", "South Korean", "Russian", "Ukrainian", "Japanese"}
    for country in ("North Korea", "Russia"):
        (entity,) = (e for e in entities if e.name == country)
        assert len(entity.mentions) == len(re.findall(rf"\b{country}\b(?!n)", TEXT))


def test_the_main_entities_come_first(entities):
    first = {entity.name for entity in entities[:5]}
    assert first >= {"North Korea", "Russia"}
    assert first & {"Ukraine", "Volodymyr Zelenskyy"}


def test_places_and_nationalities_have_links_and_other_names_the_reason_why_not(entities):
    linked = Linker(KNOWLEDGE).link(Article(TEXT), entities)
    countries = {e.name: e.links[0].country for e in linked if e.links}
    assert countries == {
        "Japan": "JP",
        "Japanese": "JP",
        "Kursk": "RU",
        "Moscow": "RU",
        "North Korea": "KP",
        "North Korean": "KP",
        "Pyongyang": "KP",
        "Russia": "RU",
        "Russian": "RU",
        "South Korea": "KR",
        "South Korean": "KR",
        "Tokyo": "JP",
        "Ukraine": "UA",
        "Ukrainian": "UA",
        "United States": "US",
    }
    reasons = {e.name: e.links_reason for e in linked if not e.links}
    assert reasons == {
        "Asia-Pacific": "no entry",
        "Asia-Pacific Economic Cooperation": "no entry",
        "Centre for Strategic and International Studies": "no entry",
        **dict.fromkeys(PEOPLE, "type not linked"),
    }
