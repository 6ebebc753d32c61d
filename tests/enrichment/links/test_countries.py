"""Evidence of the country in which an article takes place, and its effect on links."""

import tomllib
from importlib.resources import files

import pytest

from service.enrichment.article import Article
from service.enrichment.links.countries import country_evidence
from tests.enrichment.links.test_linker import LINKER, entity


def evidence(text, title=None):
    return dict(country_evidence(Article(text, title=title)))


def link(text, name):
    """The country and the region of a name's link."""
    links = LINKER.link(Article(text), [entity(text, name)])[0].links
    return f"{links[0].country} {links[0].admin1}" if links else None


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("Pupils in Boston sit their GCSEs in June. Ofsted praised them.", "Boston", "GB ENG"),
        ("The NHS closes a ward in Bedford. Council tax will rise.", "Bedford", "GB ENG"),
        ("The A38 near Warwick was closed. A lorry hit a tree.", "Warwick", "GB ENG"),
        ("The RCMP searched a house in Peterborough, an MPP said.", "Peterborough", "CA 08"),
        ("Load shedding hit Worcester. Eskom sent a bakkie.", "Worcester", "ZA 11"),
        ("Iwi met at a marae in Hastings.", "Hastings", "NZ F2"),
        ("Gardaí closed the road to Navan.", "Navan", "IE L"),
        ("The district collector sent Rs 2 crore to Salem.", "Salem", "IN 25"),
        ("A tradie from NSW won the lottery in Newcastle.", "Newcastle", "AU 02"),
    ],
)
def test_the_institutions_in_an_article_decide_between_namesakes(text, name, expected):
    assert link(text, name) == expected


def test_american_institutions_keep_british_namesakes_away():
    text = "County commissioners met in Bristol. The sheriff's office asked for more deputies."
    assert link("They met in Bristol on Monday.", "Bristol") == "GB ENG"
    assert link(text, "Bristol") != "GB ENG"


def test_a_single_sign_of_money_does_not_move_a_capital():
    text = "Talks about loans of £2bn began in Washington, where ministers had flown from Boston."
    assert link(text, "Washington") == "US DC"


def test_a_word_of_several_countries_counts_for_each_in_equal_parts():
    assert evidence("The postcode is wrong.") == pytest.approx(
        {"AU": 1 / 6, "GB": 1 / 6, "NZ": 1 / 6}
    )


def test_each_word_counts_once_and_more_words_show_more():
    one = evidence("Gardaí came. Gardaí left.")
    assert one == evidence("Gardaí came.") == {"IE": 0.5}
    two = evidence("Gardaí came with a garda spokesman.")
    assert two["IE"] > one["IE"]


@pytest.mark.parametrize(
    "text",
    [
        "The Sheriff’s Office is closed.",
        "the sheriff's office",
        '"Sheriff\'s office", he wrote.',
        "THE SHERIFF'S OFFICE, CLOSED",
    ],
)
def test_letter_case_apostrophes_and_punctuation_do_not_matter(text):
    assert evidence(text) == {"US": 0.5}


def test_the_title_counts():
    assert evidence("He was jailed.", title="Crown Court jails man") == {"GB": 0.5}


def test_parts_of_words_and_of_phrases_are_no_evidence():
    assert evidence("The crown sat in the court of Lakhdar, and the garden was large.") == {}


def test_roads_are_british_but_aircraft_are_not():
    assert evidence("The A46 is closed.") == evidence("A van left the B1192.") == {"GB": 0.5}
    assert evidence("He flew the A380 and the A320, on the M5 and an A4 page.") == {}


def test_the_words_are_in_order_each_under_one_key():
    content = files("service.enrichment.links").joinpath("countries.toml").read_text("utf-8")
    tables = tomllib.loads(content)
    words = [word for line in tables["words"].values() for word in line]
    assert len(words) == len(set(words))
    for codes, line in tables["words"].items():
        assert line == sorted(line)
        assert codes.split() == sorted(codes.split())
        assert all(word == word.lower().strip() for word in line)
