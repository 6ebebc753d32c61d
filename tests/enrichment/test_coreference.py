import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.enrichment.coreference import (
    Name,
    clean,
    display_name,
    group,
    normalize,
    split_compounds,
)
from tests.enrichment.texts import texts


def grouped(text: str, *mentions: tuple[str, str]) -> list[list[str]]:
    """The mentions, looked up in the text one after another, as they are grouped."""
    names, position = [], 0
    for form, kind in mentions:
        start = text.index(form, position)
        position = start + len(form)
        names.append(Name(start, position, form, kind))
    return [[names[i].text for i in indices] for indices in group(names, text)]


def persons(*forms: str) -> list[list[str]]:
    return grouped(" ".join(forms), *((form, "PERSON") for form in forms))


def test_a_family_name_joins_the_full_name_before_it():
    assert persons("Joe Biden", "Biden", "President Joe Biden") == [
        ["Joe Biden", "Biden", "President Joe Biden"]
    ]


def test_a_family_name_shared_by_two_goes_to_the_one_it_was_said_of():
    assert persons("Joe Biden", "Biden", "Hunter Biden", "Biden") == [
        ["Joe Biden", "Biden", "Biden"],
        ["Hunter Biden"],
    ]
    assert persons("Joe Biden", "Hunter Biden", "Biden") == [
        ["Joe Biden"],
        ["Hunter Biden", "Biden"],
    ]


def test_a_form_of_address_tells_two_of_a_family_apart():
    text = "Mr Bill Clinton, Mrs Hillary Clinton, Mr Clinton, Ms. Clinton, Sir Clinton"
    forms = ("Bill Clinton", "Hillary Clinton", "Clinton", "Clinton", "Clinton")
    found = grouped(text, *((form, "PERSON") for form in forms))
    assert found == [["Bill Clinton", "Clinton", "Clinton"], ["Hillary Clinton", "Clinton"]]


@pytest.mark.parametrize(
    ("full", "short", "together"),
    [
        ("Labour Party", "Labour", True),
        ("Hyundai Motor", "Hyundai", True),
        ("Leeds United", "United", True),
        ("Leeds Utd", "Leeds United", True),
        ("US Department of Justice", "Department of Justice", True),
        ("Amazon.com", "Amazon", True),
        ("Bank of England", "Bank", False),
        ("BBC Radio", "BBC", False),
        ("United Nations", "United", False),
    ],
)
def test_an_organisation_without_its_generic_end_is_the_same(full, short, together):
    kinds = ((full, "ORGANIZATION"), (short, "ORGANIZATION"))
    assert len(grouped(f"{full} and {short}", *kinds)) == 2 - together


def test_a_short_form_that_may_stand_for_two_is_on_its_own():
    forms = ("Leeds United", "Dundee United", "United")
    assert len(grouped(" ".join(forms), *((form, "ORGANIZATION") for form in forms))) == 3


def test_a_persons_family_name_is_a_persons():
    forms = (("Jose Mourinho", "PERSON"), ("Mourinho", "ORGANIZATION"))
    assert len(grouped("Jose Mourinho and Mourinho", *forms)) == 1


def test_a_name_broken_by_a_line_end_is_one():
    assert clean("Asia-\nPacific Forum") == "Asia-Pacific Forum"
    assert normalize("Kim Jong-\r\nun") == normalize("Kim Jong-un") == normalize("Kim Jong un")


def test_a_family_name_before_its_full_name_waits_for_it():
    assert persons("Biden", "Joe Biden") == [["Biden", "Joe Biden"]]


def test_a_family_name_may_come_first():
    assert persons("Yoon Seok-youl", "Yoon") == [["Yoon Seok-youl", "Yoon"]]


def test_nobody_is_who_is_addressed_as_the_other_gender():
    text = "Mr Bill Clinton, Mrs Clinton, Mr Clinton, Mrs Clinton"
    forms = ("Bill Clinton", "Clinton", "Clinton", "Clinton")
    found = grouped(text, *((form, "PERSON") for form in forms))
    assert found == [["Bill Clinton", "Clinton"], ["Clinton", "Clinton"]]


def test_a_dash_after_an_abbreviation_in_brackets_changes_nothing():
    text = "the Justice Party (AKP) - in power. AKP"
    forms = ("Justice Party", "AKP", "AKP")
    assert grouped(text, *((form, "ORGANIZATION") for form in forms)) == [[*forms]]


def test_the_agency_of_a_dateline_is_no_abbreviation_of_the_place():
    text = "NEW YORK (AP) - Shares fell."
    places = (("NEW YORK", "ORGANIZATION"), ("AP", "ORGANIZATION"))
    assert grouped(text, *places) == [["NEW YORK"], ["AP"]]


def test_an_abbreviation_in_brackets_joins_its_long_form():
    text = "the Asia-Pacific Economic Cooperation (APEC) summit. APEC said"
    kinds = "ORGANIZATION"
    assert grouped(
        text,
        ("Asia-Pacific Economic Cooperation", kinds),
        ("APEC", "MISC"),
        ("APEC", "MISC"),
    ) == [["Asia-Pacific Economic Cooperation", "APEC", "APEC"]]


def test_initials_join_the_name_they_are_made_of():
    forms = (("World Health Organization", "ORGANIZATION"), ("WHO", "ORGANIZATION"))
    assert len(grouped("World Health Organization and WHO", *forms)) == 1


@pytest.mark.parametrize("form", ["US", "U.S.", "the United States", "USA", "U.S.A."])
def test_forms_of_a_country_are_one(form):
    text = f"United States and {form}"
    assert len(grouped(text, ("United States", "LOCATION"), (form, "LOCATION"))) == 1


def test_names_that_share_a_word_are_not_one():
    text = "North Korea and South Korea"
    assert len(grouped(text, ("North Korea", "LOCATION"), ("South Korea", "LOCATION"))) == 2


def test_a_person_and_a_place_of_one_name_are_two():
    assert len(grouped("Paris met Paris", ("Paris", "PERSON"), ("Paris", "LOCATION"))) == 2


def types(*forms: tuple[str, str]) -> list[int]:
    """How many mentions each entity has."""
    return sorted(map(len, grouped(" ".join(form for form, _ in forms), *forms)))


def test_a_slip_of_the_type_does_not_make_another_entity():
    org, misc = ("Fiat", "ORGANIZATION"), ("Fiat", "MISC")
    assert types(org, org, misc) == [3]
    assert types(misc, org) == [2]
    assert types(org, org, org, misc, misc) == [5]


def test_two_types_that_are_both_borne_out_are_two_entities():
    place, person = ("Wales", "LOCATION"), ("Wales", "PERSON")
    assert types(place, place, person, person) == [2, 2]
    assert types(place, person) == [1, 1]
    assert types(place, place, person) == [3]
    club = ("Wales", "ORGANIZATION")
    assert types(place, place, place, club) == [1, 3]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("the United\n States", "United States"),
        ("Biden’s", "Biden"),
        ("Clintons'", "Clintons"),
        ("“Acme”", "Acme"),
        ("U.S.", "U.S."),
        ("the", "the"),
        ("--", "--"),
    ],
)
def test_a_name_is_cleaned(text, name):
    assert clean(text) == name


def test_folding_ignores_case_diacritics_points_and_kinds_of_hyphen():
    assert normalize("Émile U.N. Jean‑Luc") == normalize("EMILE UN Jean-Luc")


def test_apostrophes_of_either_kind_are_one():
    assert normalize("O'Brien") == normalize("O’Brien")
    assert normalize("O'Brien") not in {normalize("O-Brien"), normalize("OBrien")}


@given(st.lists(st.tuples(texts, st.sampled_from(["PERSON", "ORGANIZATION"])), max_size=12))
def test_every_mention_is_in_exactly_one_group_whatever_it_is(mentions):
    text, names = "", []
    for form, kind in mentions:
        names.append(Name(len(text), len(text) + len(form), form, kind))
        text += form + " "
    groups = group(names, text)
    assert sorted(i for indices in groups for i in indices) == list(range(len(names)))
    assert [indices[0] for indices in groups] == sorted(indices[0] for indices in groups)
    assert all(display_name([names[i] for i in indices]) for indices in groups)


def test_the_fullest_name_is_displayed():
    forms = ["Biden", "Joe Biden", "President Joe Biden", "Biden"]
    names = [Name(0, 0, form, "PERSON") for form in forms]
    assert display_name(names) in {"Joe Biden", "President Joe Biden"}


def cut(*mentions: tuple[str, str]) -> list[tuple[str, str]]:
    names, position = [], 0
    for form, kind in mentions:
        names.append(Name(position, position + len(form), form, kind))
        position += len(form) + 1
    text = " ".join(form for form, _ in mentions)
    found = split_compounds(names)
    assert all(text[name.start : name.end] == name.text for _, name in found)
    return [(name.text, name.type) for _, name in found]


PLACES = (("Russia", "LOCATION"), ("North Korea", "LOCATION"))


@pytest.mark.parametrize(
    "compound", ["Russia-North Korea", "Russia–North Korea", "Russia - North Korea"]
)
def test_two_names_with_a_hyphen_between_them_are_two_mentions(compound):
    assert cut((compound, "MISC"), *PLACES, *PLACES) == [*PLACES] * 3


@pytest.mark.parametrize(
    "mentions",
    [
        [("Asia-Pacific", "LOCATION"), ("Asia", "LOCATION")],
        [("Smith-Jones", "PERSON"), ("Smith", "PERSON"), ("Jones", "PERSON")],
        [("Guinea-Bissau", "LOCATION"), ("Guinea", "LOCATION"), ("Bissau", "LOCATION")],
        [("Fiat-BMW-Kia", "ORGANIZATION"), *[("Fiat", "LOCATION"), ("BMW-Kia", "LOCATION")] * 2],
    ],
)
def test_other_names_with_a_hyphen_are_left_whole(mentions):
    assert cut(*mentions) == mentions
