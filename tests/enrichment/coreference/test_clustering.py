import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.enrichment.coreference.clustering import cluster
from service.enrichment.coreference.names import Name
from tests.enrichment.coreference.mentions import clustered, locate
from tests.enrichment.texts import texts


def test_a_dash_after_an_abbreviation_in_brackets_changes_nothing():
    text = "the Justice Party (AKP) - in power. AKP"
    forms = ("Justice Party", "AKP", "AKP")
    assert clustered(text, *((form, "ORGANIZATION") for form in forms)) == [[*forms]]


def test_the_agency_of_a_dateline_does_not_abbreviate_the_place():
    text = "NEW YORK (AP) - Shares fell."
    places = (("NEW YORK", "ORGANIZATION"), ("AP", "ORGANIZATION"))
    assert clustered(text, *places) == [["NEW YORK"], ["AP"]]


def test_an_abbreviation_in_brackets_joins_its_long_form():
    text = "the Asia-Pacific Economic Cooperation (APEC) summit. APEC said"
    assert clustered(
        text,
        ("Asia-Pacific Economic Cooperation", "ORGANIZATION"),
        ("APEC", "MISC"),
        ("APEC", "MISC"),
    ) == [["Asia-Pacific Economic Cooperation", "APEC", "APEC"]]


def test_a_party_in_brackets_does_not_abbreviate_a_politician():
    text = "Oriol Junqueras (ERC) and the Free Democrats (FDP)"
    forms = ("Oriol Junqueras", "ERC", "Free Democrats", "FDP")
    assert clustered(text, *((form, "ORGANIZATION") for form in forms)) == [
        ["Oriol Junqueras"],
        ["ERC"],
        ["Free Democrats", "FDP"],
    ]


def test_initials_join_the_name_they_are_made_of():
    forms = (("World Health Organization", "ORGANIZATION"), ("WHO", "ORGANIZATION"))
    assert len(clustered("World Health Organization and WHO", *forms)) == 1


@pytest.mark.parametrize("type_", ["LOCATION", "PERSON"])
def test_initials_of_an_organisation_with_another_tag_join_it(type_):
    text = "The National Security Council met. The N.S.C. agreed. The N.S.C. left."
    mentions = locate(
        text, ("National Security Council", "ORGANIZATION"), ("N.S.C.", type_), ("N.S.C.", type_)
    )
    (only,) = cluster(mentions, text)
    assert [(name.text, name.type) for name in only] == [
        ("National Security Council", "ORGANIZATION"),
        ("N.S.C.", "ORGANIZATION"),
        ("N.S.C.", "ORGANIZATION"),
    ]


@pytest.mark.parametrize("form", ["US", "U.S.", "the United States", "USA", "U.S.A."])
def test_forms_of_a_country_are_one(form):
    text = f"United States and {form}"
    assert len(clustered(text, ("United States", "LOCATION"), (form, "LOCATION"))) == 1


def test_names_that_share_a_word_stay_apart():
    text = "North Korea and South Korea"
    assert len(clustered(text, ("North Korea", "LOCATION"), ("South Korea", "LOCATION"))) == 2


def test_a_person_and_a_place_of_one_name_are_two():
    assert len(clustered("Paris met Paris", ("Paris", "PERSON"), ("Paris", "LOCATION"))) == 2


def cluster_sizes(*forms: tuple[str, str]) -> list[int]:
    return sorted(map(len, clustered(" ".join(form for form, _ in forms), *forms)))


def test_a_rare_type_of_a_form_is_overruled():
    org, misc = ("Fiat", "ORGANIZATION"), ("Fiat", "MISC")
    assert cluster_sizes(org, org, misc) == [3]
    assert cluster_sizes(misc, org) == [2]
    assert cluster_sizes(org, org, org, misc, misc) == [5]


def test_two_frequent_types_of_a_form_are_two_entities():
    place, person = ("Wales", "LOCATION"), ("Wales", "PERSON")
    assert cluster_sizes(place, place, person, person) == [2, 2]
    assert cluster_sizes(place, person) == [1, 1]
    assert cluster_sizes(place, place, person) == [3]
    club = ("Wales", "ORGANIZATION")
    assert cluster_sizes(place, place, club) == [1, 2]
    assert cluster_sizes(place, place, place, club) == [4]


@given(st.lists(st.tuples(texts, st.sampled_from(["PERSON", "ORGANIZATION"])), max_size=12))
def test_every_mention_is_in_exactly_one_cluster(mentions):
    text, names = "", []
    for form, type_ in mentions:
        names.append(Name(len(text), len(text) + len(form), form, type_))
        text += form + " "
    clusters = cluster(names, text)
    order = {name.start: i for i, name in enumerate(names)}
    indices = [[order[name.start] for name in cluster] for cluster in clusters]
    assert sorted(i for cluster in indices for i in cluster) == list(range(len(names)))
    assert all(cluster == sorted(cluster) for cluster in indices)
    assert indices == sorted(indices)


def test_models_whose_types_are_trusted_keep_types_apart():
    text = "Asia-Pacific Economic Cooperation (APEC), Fiat and Fiat"
    mentions = [
        ("Asia-Pacific Economic Cooperation", "ORG"),
        ("APEC", "MISC"),
        ("Fiat", "ORG"),
        ("Fiat", "MISC"),
    ]
    assert clustered(text, *mentions, keep_types=True) == [[form] for form, _ in mentions]


def test_brackets_define_an_abbreviation_that_is_written_as_a_word():
    text = "Department for Rural Affairs (Defra) paid. Defra left. Bob (Rob) paid."
    forms = [("Department for Rural Affairs", "ORGANIZATION"), *[("Defra", "PERSON")] * 2]
    assert clustered(text, *forms) == [["Department for Rural Affairs", "Defra", "Defra"]]


def test_an_abbreviation_defined_twice_refers_to_the_latest_definition():
    text = "Amber Bank (AB) fell. AB rose. Azure Bank (AB) fell. AB rose."
    forms = ("Amber Bank", "AB", "AB", "Azure Bank", "AB", "AB")
    assert clustered(text, *((form, "ORGANIZATION") for form in forms)) == [
        ["Amber Bank", "AB", "AB"],
        ["Azure Bank", "AB", "AB"],
    ]


def test_an_outlier_type_of_a_person_is_overruled():
    first = ("Amara Nwosu", "PERSON")
    assert cluster_sizes(first, ("Amara", "ORGANIZATION"), ("Nwosu", "MISC")) == [3]
    assert cluster_sizes(("John Nwosu", "ORGANIZATION"), *[("Nwosu", "PERSON")] * 2) == [3]
