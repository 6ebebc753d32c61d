"""The seed article, read with the bundle that ships, as an editor would have it."""

import re

import pytest

from service.enrichment.language import TrainedDetector
from service.enrichment.pipeline import Enricher
from service.enrichment.types import Article
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


def test_there_are_no_more_entities_than_a_reader_would_list(entities):
    assert len(entities) <= 25


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


def test_countries_are_apart_from_their_adjectives(entities):
    places = {m.text for e in entities if e.type == "LOCATION" for m in e.mentions}
    assert places >= {"North Korea", "South Korea", "Russia", "Ukraine", "Japan", "U.S."}
    assert not places & {"North Korean", "South Korean", "Russian", "Ukrainian", "Japanese"}
    for country in ("North Korea", "Russia"):
        (entity,) = (e for e in entities if e.name == country)
        assert len(entity.mentions) == len(re.findall(rf"\b{country}\b(?!n)", TEXT))


def test_what_the_article_is_about_comes_first(entities):
    first = {entity.name for entity in entities[:5]}
    assert first >= {"North Korea", "Russia"}
    assert first & {"Ukraine", "Volodymyr Zelenskyy"}
