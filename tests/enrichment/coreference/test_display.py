import pytest

from service.enrichment.coreference.display import display_name
from tests.enrichment.coreference.mentions import locate


def displayed(text: str, type_: str, *forms: str) -> str:
    return display_name(locate(text, *((form, type_) for form in forms)), text)


@pytest.mark.parametrize(
    ("forms", "name"),
    [
        (["ANN LEE", "Ann Lee"], "Ann Lee"),
        (["Ann Lee", "Ann Loe", "Ann Loe"], "Ann Loe"),
        (["Ann Lee", "Ann Loe"], "Ann Lee"),
        (["Biden", "Joe Biden", "Biden"], "Joe Biden"),
    ],
)
def test_the_fullest_form_is_displayed(forms, name):
    assert displayed(" ".join(forms), "PERSON", *forms) == name


@pytest.mark.parametrize(
    ("forms", "name"),
    [
        (["President Donald Trump", "Donald Trump"], "Donald Trump"),
        (["Biden", "President Joe Biden"], "Joe Biden"),
        (["Supt Dana Hollis"], "Dana Hollis"),
        (["DCI Hollis", "Hollis"], "Hollis"),
        (["Lance Cpl. Ann Cole MP"], "Ann Cole"),
        (["Dana Hollis KC"], "Dana Hollis"),
        (["Sir Keir"], "Sir Keir"),
        (["Prince Harry"], "Prince Harry"),
        (["Lance Armstrong"], "Lance Armstrong"),
    ],
)
def test_titles_of_a_person_are_not_displayed(forms, name):
    assert displayed(" ".join(forms), "PERSON", *forms) == name


@pytest.mark.parametrize(
    ("text", "form", "name"),
    [
        ("He lives in The Hague now.", "The Hague", "The Hague"),
        ("The Hague is a city.", "The Hague", "The Hague"),
        ("He drove to The Bronx.", "The Bronx", "The Bronx"),
        ("She flew to the Maldives.", "the Maldives", "Maldives"),
        ("The Netherlands won.", "The Netherlands", "Netherlands"),
    ],
)
def test_an_article_stays_where_it_belongs_to_the_name(text, form, name):
    assert displayed(text, "LOCATION", form) == name


@pytest.mark.parametrize(
    ("text", "form", "name"),
    [
        ("Barlow's said sales rose.", "Barlow", "Barlow's"),
        ("Barlow’s’s shares fell.", "Barlow’s", "Barlow’s"),
        ("They ate at Barlow's.", "Barlow", "Barlow's"),
        ("Barlow's of Leeds closed.", "Barlow", "Barlow's"),
        ("Barlow's closed ten shops.", "Barlow", "Barlow's"),
        ("Barlow's shares fell.", "Barlow's", "Barlow"),
        ("Barlow's closed shops.", "Barlow's", "Barlow"),
        ("Moody's outlook was bleak.", "Moody", "Moody's"),
    ],
)
def test_an_ending_stays_where_it_belongs_to_the_name(text, form, name):
    assert displayed(text, "ORGANIZATION", form) == name


def test_a_name_that_also_stands_alone_has_no_ending():
    text = "Barlow's said no. Barlow left."
    assert displayed(text, "ORGANIZATION", "Barlow", "Barlow") == "Barlow"


def test_a_decomposed_name_is_displayed_composed():
    assert displayed("Malmo\u0308 won", "LOCATION", "Malmo\u0308") == "Malmö"
    assert displayed("Sa\u0303o Paulo", "LOCATION", "Sa\u0303o Paulo") == "São Paulo"


@pytest.mark.parametrize("mark", ["\u00ad", "\u200b", "\u2060", "\ufeff", "\u200e"])
def test_invisible_characters_are_not_displayed(mark):
    form = f"Gabriela Mo{mark}reno"
    assert displayed(form, "PERSON", form) == "Gabriela Moreno"
