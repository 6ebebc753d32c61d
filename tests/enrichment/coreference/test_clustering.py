import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.enrichment.coreference.clustering import cluster
from service.enrichment.coreference.names import Name
from tests.enrichment.coreference.mentions import locate
from tests.enrichment.texts import texts


def clustered(text: str, *mentions: tuple[str, str], keep_types: bool = False) -> list[list[str]]:
    clusters = cluster(locate(text, *mentions), text, keep_types)
    return [[name.text for name in names] for names in clusters]


def persons(*forms: str) -> list[list[str]]:
    return clustered(" ".join(forms), *((form, "PERSON") for form in forms))


def test_a_family_name_joins_the_full_name_before_it():
    assert persons("Joe Biden", "Biden", "President Joe Biden") == [
        ["Joe Biden", "Biden", "President Joe Biden"]
    ]


def test_a_family_name_shared_by_two_refers_to_the_one_with_more_mentions():
    assert persons("Joe Biden", "Biden", "Hunter Biden", "Biden") == [
        ["Joe Biden", "Biden", "Biden"],
        ["Hunter Biden"],
    ]
    assert persons("Joe Biden", "Hunter Biden", "Biden") == [
        ["Joe Biden"],
        ["Hunter Biden", "Biden"],
    ]


def test_a_form_of_address_separates_two_of_a_family():
    text = "Mr Bill Clinton, Mrs Hillary Clinton, Mr Clinton, Ms. Clinton, Sir Clinton"
    forms = ("Bill Clinton", "Hillary Clinton", "Clinton", "Clinton", "Clinton")
    found = clustered(text, *((form, "PERSON") for form in forms))
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
    mentions = ((full, "ORGANIZATION"), (short, "ORGANIZATION"))
    expected = [[full, short]] if together else [[full], [short]]
    assert clustered(f"{full} and {short}", *mentions) == expected


def test_a_short_form_of_two_names_stays_apart():
    forms = ("Leeds United", "Dundee United", "United")
    assert len(clustered(" ".join(forms), *((form, "ORGANIZATION") for form in forms))) == 3


def test_a_full_name_makes_its_last_word_a_person():
    forms = (("Jose Mourinho", "PERSON"), ("Mourinho", "ORGANIZATION"))
    assert len(clustered("Jose Mourinho and Mourinho", *forms)) == 1


def test_a_family_name_before_its_full_name_joins_it():
    assert persons("Biden", "Joe Biden") == [["Biden", "Joe Biden"]]


def test_a_family_name_may_come_first():
    assert persons("Yoon Seok-youl", "Yoon") == [["Yoon Seok-youl", "Yoon"]]


def test_a_form_of_address_of_the_other_gender_rules_out_a_full_name():
    text = "Mr Bill Clinton, Mrs Clinton, Mr Clinton, Mrs Clinton"
    forms = ("Bill Clinton", "Clinton", "Clinton", "Clinton")
    found = clustered(text, *((form, "PERSON") for form in forms))
    assert found == [["Bill Clinton", "Clinton"], ["Clinton", "Clinton"]]


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


def test_initials_join_the_name_they_are_made_of():
    forms = (("World Health Organization", "ORGANIZATION"), ("WHO", "ORGANIZATION"))
    assert len(clustered("World Health Organization and WHO", *forms)) == 1


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
    assert cluster_sizes(place, place, place, club) == [1, 3]


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
