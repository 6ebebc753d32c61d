import pytest
import regex
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
        ("US Department of Justice", "Justice Department", True),
        ("Department for Education", "Education Department", True),
        ("Ministry of the Interior", "Interior Ministry", True),
        ("Department of Justice", "Defense Department", False),
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


@pytest.mark.parametrize(
    "forms",
    [
        ("Donald Trump", "Donald Trump Jr."),
        ("Martin King Sr.", "Martin King Jr."),
        ("Henry Ford II", "Henry Ford III"),
        ("George W. Bush", "George H. W. Bush"),
        ("George W. Bush", "George H.W. Bush"),
        ("Samuel L. Jackson", "Samuel P. Jackson"),
        ("Prince Harry", "Harry Kane"),
        ("Ann Cole", "Ann Cole and Bob Dee"),
        ("King Charles I", "King Charles III"),
        ("Jack Ma", "Jack Sparrow"),
    ],
)
def test_names_that_contradict_are_two_persons(forms):
    assert persons(*forms) == [[form] for form in forms]


@pytest.mark.parametrize(
    "forms",
    [
        ("Donald Trump Jr.", "Trump Jr."),
        ("Robert Downey Jr.", "Robert Downey, Jr", "Robert Downey Junior"),
        ("J. K. Rowling", "J.K. Rowling", "JK Rowling", "Rowling"),
        ("Joe Biden", "J. Biden"),
        ("George Walker Bush", "George W. Bush", "George Bush"),
        ("Dana Hollis", "Det Ch Insp Hollis", "DCI Hollis", "Cllr Hollis", "Rabbi Hollis"),
        ("Dana Hollis", "Dana Hollis KC", "Hollis QC", "Rt Hon Dana Hollis MP"),
        ("Lance Cpl. Dana Hollis", "Hollis", "Dana Hollis"),
        ("Ray “Boom Boom” Castro", "Ray Castro", "Castro"),
        ("Gabriela Mo\u00adreno", "Moreno", "Gabriela More\u200bno"),
        ("Patrick Gordon", "Patrick Leopold Gordon", "Gordon"),
        ("King Charles III", "King Charles", "Charles"),
        ("Ichiyo Higuchi", "Higuchi Ichiyo", "Higuchi"),
        ("Angel Di Maria", "Di Maria"),
        ("Maj-Gen Ann Cole", "Cole", "Gen. Cole"),
        ("Datuk Seri Anwar Ibrahim", "Anwar Ibrahim"),
    ],
)
def test_forms_of_one_name_are_one_person(forms):
    assert persons(*forms) == [list(forms)]


@pytest.mark.parametrize(
    "forms",
    [
        ("MIKE FLYNN", "Michael Flynn", "Flynn"),
        ("Joseph R. Biden", "Joe Biden", "Joe"),
        ("Dr. Bob Hale", "Robert Hale", "Bob"),
        ("Kate Moss", "Katherine Moss"),
        ("Ed Davey", "Edward Davey", "Sir Ed Davey"),
    ],
)
def test_a_short_form_of_a_given_name_is_the_same_person(forms):
    assert persons(*forms) == [list(forms)]


@pytest.mark.parametrize(
    "forms",
    [
        ("Michael Flynn", "Mike Pence"),
        ("Robert Kennedy", "Ted Kennedy"),
        ("Bobby Jones", "Robert Kennedy"),
        ("Mike Hale", "Mick Hale"),
    ],
)
def test_short_given_names_of_others_are_two_persons(forms):
    assert len(persons(*forms)) == 2


def test_a_bare_name_is_the_fathers_where_the_son_has_a_suffix():
    assert persons("Donald Trump", "Donald Trump Jr.", "Trump Jr.", "Trump") == [
        ["Donald Trump", "Trump"],
        ["Donald Trump Jr.", "Trump Jr."],
    ]


@pytest.mark.parametrize(
    ("sentence", "john"),
    [
        ("Smith said he was innocent.", True),
        ("Smith said she was innocent.", False),
        ("Smith left. He was angry.", True),
        ("When she arrived, Smith cried.", False),
        ("In his speech, Smith wept.", True),
        ("Smith lost her job.", False),
    ],
)
def test_a_pronoun_decides_between_two_of_a_family(sentence, john):
    text = f"Yesterday John Smith sued Mary Smith. {sentence}"
    forms = ("John Smith", "Mary Smith", "Smith")
    found = clustered(text, *((form, "PERSON") for form in forms))
    assert found[0 if john else 1][1:] == ["Smith"]


def test_a_pronoun_behind_another_person_decides_nothing():
    text = "John Smith sued Mary Smith. Smith met Bob, who said he was well."
    forms = ("John Smith", "Mary Smith", "Smith", "Bob")
    assert clustered(text, *((form, "PERSON") for form in forms))[1] == ["Mary Smith", "Smith"]


def organizations(*forms: str) -> list[list[str]]:
    return clustered(" ".join(forms), *((form, "ORGANIZATION") for form in forms))


@pytest.mark.parametrize(
    "legal_form",
    [
        "AG", "A/S", "Oyj", "AB", "SpA", "S.p.A.", "GmbH", "NV", "N.V.", "SA", "plc", "PLC", "KK",
        "Ltd", "Ltd.", "Inc", "Inc.", "LLC", "Co", "Corp", "BV", "SE", "AS", "ASA",
        "Bhd", "Berhad", "Tbk", "Co Ltd", "Pty Ltd", "& Co", "GmbH & Co. KG",
    ],
)  # fmt: skip
def test_a_legal_form_is_no_part_of_the_compared_name(legal_form):
    assert organizations("Acme", f"Acme {legal_form}") == [["Acme", f"Acme {legal_form}"]]


def test_a_company_with_a_legal_form_is_no_place():
    text = "Ørsted fell. Ørsted A/S said so."
    mentions = (("Ørsted", "LOCATION"), ("Ørsted A/S", "ORGANIZATION"))
    assert clustered(text, *mentions) == [["Ørsted", "Ørsted A/S"]]


@pytest.mark.parametrize(
    ("forms", "together"),
    [
        (("FTSE 100", "FTSE"), True),
        (("Nikkei 225", "Nikkei average"), True),
        (("Dow Jones Industrial Average", "Dow"), True),
        (("S&P 500", "S&P"), True),
        (("FTSE 100", "FTSE 250"), False),
        (("Boeing 737", "Boeing"), False),
    ],
)
def test_a_stock_index_with_and_without_its_number_is_one(forms, together):
    text = " ".join(forms)
    found = clustered(text, (forms[0], "MISC"), (forms[1], "ORGANIZATION"))
    assert len(found) == (1 if together else 2)


@pytest.mark.parametrize(
    ("forms", "count"),
    [
        (("FTSE 250", "FTSE 100", "FTSE"), 2),
        (("S&P 500", "S&P 400", "S&P"), 2),
        (("FTSE 250", "FTSE 350", "FTSE"), 3),
    ],
)
def test_an_index_beside_two_with_numbers_is_the_main_one_or_neither(forms, count):
    assert len(organizations(*forms)) == count


@pytest.mark.parametrize(
    ("forms", "count"),
    [
        (("Leeds", "Leeds United"), 1),
        (("Derby County", "Derby"), 1),
        (("Manchester", "Manchester United", "Manchester City"), 3),
    ],
)
def test_a_club_without_its_ending_is_the_only_one_that_fits(forms, count):
    assert len(organizations(*forms)) == count


@pytest.mark.parametrize(
    "forms",
    [
        ("Marks and Spencer", "Marks & Spencer", "M&S"),
        ("Procter & Gamble", "P&G"),
        ("Pittsburgh Pirates", "Pirates"),
        ("Vestas Wind Systems A/S", "Vestas"),
        ("Lloyds Banking Group plc", "Lloyds"),
        ("Department for Education", "DfE"),
        ("Ministry of Defence", "MoD"),
    ],
)
def test_short_forms_of_an_organisation_are_one(forms):
    assert organizations(*forms) == [list(forms)]


@pytest.mark.parametrize(
    ("text", "together"),
    [
        ("Bank of England and the Bank", True),
        ("Bank of England, Bank of Japan and the Bank", False),
        ("Bank of England, Bank of England, Bank of England, Bank of Japan and the Bank", True),
        ("Bank of England and a Bank", False),
        ("US Congress and Congress", True),
        ("Sveriges Riksbank and the Riksbank", True),
        ("Sveriges Riksbank and Riksbank", False),
        ("Reserve Bank of Australia and the Reserve Bank", True),
        ("State of the Union and the Union", False),
        ("White House and the House", False),
        ("Pennsylvania State University and the University", True),
    ],
)
def test_a_noun_after_the_stands_for_the_only_organisation_with_it(text, together):
    *full, head = regex.split(r", | and (?:the |a |)", text)
    found = clustered(text, *((form, "ORGANIZATION") for form in (*full, head)))
    assert ([full[0]] * full.count(full[0]) + [head] in found) is together


@pytest.mark.parametrize(
    ("forms", "together"),
    [
        (("Socotra Island", "Socotra"), True),
        (("Falkland Islands", "Falklands"), True),
        (("City of Cleveland", "Cleveland"), True),
        (("City of London", "London"), False),
        (("Paris, France", "Paris"), True),
        (("Paris, Lyon, and Nice", "Paris"), False),
        (("Republic of Ireland", "Ireland"), False),
    ],
)
def test_a_place_with_and_without_the_word_for_its_kind_is_one(forms, together):
    found = clustered(" ".join(forms), *((form, "LOCATION") for form in forms))
    assert len(found) == (1 if together else 2)


def test_a_storm_with_and_without_the_word_for_its_kind_is_one():
    forms = ("Typhoon Gaemi", "Gaemi")
    assert len(clustered(" ".join(forms), *((form, "MISC") for form in forms))) == 1


@pytest.mark.parametrize(
    ("full", "short", "together"),
    [
        ("Harvard University", "Harvard", True),
        ("Delta Air Lines", "Delta", True),
        ("Liberal Democrats", "Lib Dems", True),
        ("Human Rights Watch", "HRW", True),
    ],
)
def test_more_short_forms_of_an_organisation(full, short, together):
    text = f"{full} {short}"
    tagged = "PERSON" if short.isupper() else "ORGANIZATION"
    found = clustered(text, (full, "ORGANIZATION"), (short, tagged))
    assert len(found) == (1 if together else 2)


def test_a_university_is_not_the_city_that_it_is_named_for():
    text = "Leeds University, Leeds, Leeds"
    mentions = [("Leeds University", "ORGANIZATION"), *[("Leeds", "LOCATION")] * 2]
    assert len(clustered(text, *mentions)) == 2


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


def test_a_title_decides_between_two_of_a_family():
    text = "Sgt. Lou Ortiz and Officer Ann Ortiz left. Sgt. Ortiz spoke. Then Officer Ortiz did."
    forms = ("Lou Ortiz", "Ann Ortiz", "Ortiz", "Ortiz")
    assert clustered(text, *((form, "PERSON") for form in forms)) == [
        ["Lou Ortiz", "Ortiz"],
        ["Ann Ortiz", "Ortiz"],
    ]
