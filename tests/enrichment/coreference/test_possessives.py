import pytest

from service.enrichment.coreference.possessives import claim_possessives
from tests.enrichment.coreference.mentions import locate


def claimed(text: str, *mentions: tuple[str, str]) -> list[tuple[str, str]]:
    names = claim_possessives(locate(text, *mentions), text)
    assert [text[name.start : name.end] for name in names] == [name.text for name in names]
    return [(name.text, name.type) for name in names]


def test_the_ending_of_a_name_that_owns_it_is_part_of_every_mention():
    text = "Barlow's said so. Barlow's shares fell. They like Barlow's."
    tagged = [("Barlow", "LOCATION"), ("Barlow's", "ORGANIZATION"), ("Barlow", "LOCATION")]
    assert claimed(text, *tagged) == [("Barlow's", "ORGANIZATION")] * 3


@pytest.mark.parametrize(
    "text",
    [
        "Barlow's shares fell.",
        "Barlow's said so. Barlow left.",
        "Barlow's closed shops.",
        "a friend of Barlow's.",
        "The canal was Barlow's.",
        'on Barlow\'s "Squawk Box".',
    ],
)
def test_a_possessive_is_no_part_of_a_mention(text):
    mentions = [("Barlow", "ORGANIZATION")] * text.count("Barlow")
    assert claimed(text, *mentions) == mentions


def test_a_full_name_of_a_person_owns_no_ending():
    assert claimed("Ann Cole's said so.", ("Ann Cole", "PERSON")) == [("Ann Cole", "PERSON")]


def test_a_family_name_owns_no_ending():
    mentions = [("Trump", "PERSON"), ("Donald Trump", "PERSON")]
    assert claimed("Trump's said to be angry. Donald Trump's plan", *mentions) == mentions


def test_a_person_owns_no_ending_at_the_end_of_a_clause():
    assert claimed("It sounds like Cole's.", ("Cole", "PERSON")) == [("Cole", "PERSON")]


def test_what_owns_its_ending_is_no_person():
    assert claimed("Cole's said no.", ("Cole", "PERSON")) == [("Cole's", "ORGANIZATION")]


def test_a_known_company_is_no_place():
    mentions = [("McDonald's", "LOCATION"), ("McDonald", "LOCATION")]
    expected = [("McDonald's", "ORGANIZATION")] * 2
    assert claimed("Staff at McDonald's left McDonald's.", *mentions) == expected
