"""Links of places and nationalities, with the knowledge base of the repository."""

import re
import sqlite3

import pytest

from service.config.settings import KNOWLEDGE
from service.enrichment.article import Article
from service.enrichment.links.knowledge import Knowledge
from service.enrichment.links.linker import LEAST_CONFIDENCE, Linker
from service.enrichment.types import Entity, Factors, Mention, Polarity, Sentiment

NEUTRAL = Sentiment(Polarity.NEUTRAL, 0.0, 1.0, 0.0)
LINKER = Linker(KNOWLEDGE)


def entity(text, name, type="LOCATION"):
    mentions = tuple(
        Mention("text", found.start(), found.end(), name, 0, 1.0)
        for found in re.finditer(rf"\b{re.escape(name)}", text)
    )
    return Entity(name, type, 0.1, NEUTRAL, Factors(1, 0, 0.0, False, False), mentions)


def link(text, *names, alternatives=False, type="LOCATION"):
    entities = [entity(text, name, type) for name in names]
    return [e.links for e in LINKER.link(Article(text), entities, alternatives)]


def ids(text, *names, type="LOCATION"):
    return [links[0].id if links else None for links in link(text, *names, type=type)]


PARIS, PARIS_TEXAS = "2988507", "4717560"
LONDON, LONDON_ONTARIO = "2643743", "6058560"


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("The mayor of Paris spoke.", ["Paris"], PARIS),
        ("The mayor of Paris, Texas, spoke.", ["Paris", "Texas"], PARIS_TEXAS),
        ("The mayor of Paris, Texas, spoke.", ["Paris"], PARIS_TEXAS),
        ("The mayor of Paris (Tex.) spoke.", ["Paris"], PARIS_TEXAS),
        ("Police in London, Ontario, met.", ["London"], LONDON_ONTARIO),
        ("Police in London, Ont., met.", ["London"], LONDON_ONTARIO),
        ("Police in London met.", ["London"], LONDON),
        ("He studied in Cambridge, Mass., for years.", ["Cambridge"], "4931972"),
        ("He studied in Cambridge, England, for years.", ["Cambridge"], "2653941"),
    ],
)
def test_the_larger_place_after_a_name_decides(text, names, expected):
    assert ids(text, *names)[0] == expected


def test_the_other_places_decide_between_namesakes():
    text = "Georgia signed the treaty with Armenia and Azerbaijan in Tbilisi."
    assert ids(text, "Georgia", "Armenia", "Azerbaijan", "Tbilisi")[0] == "614540"
    text = "Georgia sued Alabama and Florida; the court in Atlanta will hear the case."
    assert ids(text, "Georgia", "Alabama", "Florida", "Atlanta")[0] == "4197000"


def test_a_country_has_its_code_position_and_wikidata_item():
    ((found,),) = link("North Korea fired a missile.", "North Korea")
    assert (found.source, found.id, found.country) == ("geonames", "1873107", "KP")
    assert (found.feature, found.wikidata, found.admin1) == ("country", "Q423", None)
    assert found.uri == "https://sws.geonames.org/1873107/"
    assert (found.latitude, found.longitude) == pytest.approx((40, 127), abs=0.5)
    assert LEAST_CONFIDENCE <= found.confidence <= 1


def test_a_city_has_its_country_and_region():
    ((found,),) = link("A rally was held in Kursk, Russia.", "Kursk")
    assert (found.country, found.admin1, found.feature) == ("RU", "41", "city")


def test_kursk_region_is_the_region():
    ((found,),) = link("Troops entered the Kursk region of Russia.", "Kursk region")
    assert (found.id, found.feature) == ("538555", "region")


@pytest.mark.parametrize("type", ["NORP", "MISC"])
@pytest.mark.parametrize(
    ("name", "country"),
    [("French", "FR"), ("Britons", "GB"), ("Dutch", "NL"), ("Iraqis", "IQ"), ("Scottish", "GB")],
)
def test_nationalities_link_to_their_countries(type, name, country):
    ((found,),) = link(f"A {name} delegation arrived.", name, type=type)
    assert found.country == country


def test_other_groups_works_and_events_have_no_link():
    text = "Muslims and Republicans watched the French Open and Paris."
    assert ids(text, "Muslims", "Republicans", "French Open", "Paris", type="MISC") == [None] * 4


def test_people_and_organisations_have_no_link():
    for type in ("PERSON", "ORGANIZATION"):
        assert ids("Paris signed.", "Paris", type=type) == [None]


def test_washington_is_the_capital_unless_it_is_called_the_state():
    assert ids("Congress is in Washington.", "Washington") == ["4140963"]
    assert ids("Apples grow in Washington state.", "Washington state") == ["5815135"]


def test_an_uncertain_name_has_a_link_only_with_all():
    text = "They met in Springfield."
    assert link(text, "Springfield") == [()]
    ((best, *others),) = link(text, "Springfield", alternatives=True)
    assert best.confidence < LEAST_CONFIDENCE
    assert len(others) == 9
    assert {other.name for other in others} == {"Springfield"}


def test_the_capital_stands_before_the_region_around_it():
    for name, identifier in (("Pyongyang", "1871859"), ("Tokyo", "1850147"), ("Cairo", "360630")):
        assert ids(f"Talks began in {name} on Monday.", name) == [identifier]


def test_unknown_names_have_no_link():
    assert link("Zzyzxville is nowhere.", "Zzyzxville", alternatives=True) == [()]


def test_links_do_not_depend_on_the_order_of_the_entities():
    text = "Birmingham, Boston and Halifax, like Alabama."
    names = ["Birmingham", "Boston", "Halifax", "Alabama"]
    backwards = ids(text, *reversed(names))
    assert ids(text, *names) == backwards[::-1]


def test_the_time_grows_linearly_with_the_entities():
    names = [f"Springfield {number}" for number in range(3000)]
    text = ", ".join(names)
    assert len(link(text, *names)) == 3000


def test_states_in_the_names_of_organisations_show_where_the_article_takes_place():
    text = "Springfield police asked the Ohio Highway Patrol. Ohio University helped."
    organisations = [entity(text, "Ohio Highway Patrol", "ORGANIZATION")]
    organisations.append(entity(text, "Ohio University", "ORGANIZATION"))
    alone = LINKER.link(Article(text), [entity(text, "Springfield")], True)
    together = LINKER.link(Article(text), [entity(text, "Springfield"), *organisations], True)
    springfield_ohio = "4525353"
    confidence = [
        next((link.confidence for link in found[0].links if link.id == springfield_ohio), 0)
        for found in (alone, together)
    ]
    assert confidence[1] > 2 * confidence[0]


@pytest.mark.parametrize(
    ("body", "name", "expected"),
    [
        ("Kent Police", "Dover", "2651048"),
        ("Lincolnshire Police", "Stamford", "2637104"),
        ("Norfolk County Council", "Norwich", "2641181"),
        ("Norfolk County Sheriff", "Quincy", "4948247"),
        ("Fairfield County Sheriff", "Lancaster", "4516233"),
        ("Mayo Clinic", "Lancaster", None),
        ("Essex Property Trust", "Lancaster", None),
    ],
)
def test_counties_in_the_names_of_public_bodies_show_where_the_article_takes_place(
    body, name, expected
):
    text = f"{body} closed a road in {name}."
    entities = [entity(text, name), entity(text, body, "ORGANIZATION")]
    links = LINKER.link(Article(text), entities)[0].links
    assert [link.id for link in links] == ([expected] if expected else [])


def test_the_check_is_called_often_enough_to_end_a_long_article():
    calls = 0

    def check():
        nonlocal calls
        calls += 1
        if calls == 5:
            raise TimeoutError

    text = "Springfield"
    entities = [entity(text, "Springfield")] * 5000
    with pytest.raises(TimeoutError):
        LINKER.link(Article(text), entities, check=check)


def test_the_file_is_read_only_small_and_the_one_of_its_card():
    assert KNOWLEDGE.stat().st_size < 10_000_000
    knowledge = Knowledge(KNOWLEDGE)
    assert re.fullmatch("sha256:[0-9a-f]{64}", knowledge.identity.digest)
    card = KNOWLEDGE.with_name("README.md").read_text("utf-8")
    assert f"| version | {knowledge.identity.version}," in card
    assert f"| digest | `{knowledge.identity.digest}` |" in card
    with pytest.raises(sqlite3.OperationalError):
        knowledge._connection.execute("DELETE FROM place")


def test_a_file_that_is_not_a_knowledge_base_is_rejected(tmp_path):
    path = tmp_path / "places.sqlite"
    path.write_bytes(b"nothing" * 1000)
    with pytest.raises(sqlite3.DatabaseError):
        Knowledge(path)
    with pytest.raises(FileNotFoundError):
        Knowledge(tmp_path / "missing.sqlite")
