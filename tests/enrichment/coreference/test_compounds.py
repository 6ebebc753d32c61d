import pytest

from service.enrichment.coreference.compounds import split_compounds
from tests.enrichment.coreference.mentions import locate

PLACES = (("Russia", "LOCATION"), ("North Korea", "LOCATION"))


def split(*mentions: tuple[str, str]) -> list[tuple[str, str]]:
    text = " ".join(form for form, _ in mentions)
    names = split_compounds(locate(text, *mentions))
    assert [text[name.start : name.end] for name in names] == [name.text for name in names]
    return [(name.text, name.type) for name in names]


@pytest.mark.parametrize(
    "compound", ["Russia-North Korea", "Russia–North Korea", "Russia - North Korea"]
)
def test_two_names_with_a_hyphen_between_them_are_two_mentions(compound):
    assert split((compound, "MISC"), *PLACES, *PLACES) == [*PLACES] * 3


@pytest.mark.parametrize("compound", ["Russia-North Korea", "Israel-Hamas"])
def test_two_names_that_occur_once_are_two_mentions(compound):
    left, right = compound.split("-")
    halves = ((left, "LOCATION"), (right, "ORGANIZATION"))
    assert split((compound, "MISC"), *halves) == [*halves] * 2


@pytest.mark.parametrize("type_", ["PERSON", "MISC"])
def test_two_well_known_persons_are_two_mentions(type_):
    halves = [("Putin", "PERSON"), ("Trump", "PERSON")]
    assert split(("Putin-Trump", type_)) == halves


@pytest.mark.parametrize(
    "mentions",
    [
        [("Cuban-American", "MISC"), ("Cuban", "MISC"), ("American", "MISC")],
        [("Hewlett-Packard", "ORGANIZATION"), ("Hewlett", "PERSON"), ("Packard", "PERSON")],
        [("Asia-Pacific", "LOCATION"), ("Asia", "LOCATION")],
        [("Smith-Jones", "PERSON"), ("Smith", "PERSON"), ("Jones", "PERSON")],
        [("Guinea-Bissau", "LOCATION"), ("Guinea", "LOCATION"), ("Bissau", "LOCATION")],
        [("Fiat-BMW-Kia", "ORGANIZATION"), *[("Fiat", "LOCATION"), ("BMW-Kia", "LOCATION")] * 2],
    ],
)
def test_other_names_with_a_hyphen_stay_whole(mentions):
    assert split(*mentions) == mentions
