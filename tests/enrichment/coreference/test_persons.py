import pytest

from tests.enrichment.coreference.mentions import clustered


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


def test_a_title_decides_between_two_of_a_family():
    text = "Sgt. Lou Ortiz and Officer Ann Ortiz left. Sgt. Ortiz spoke. Then Officer Ortiz did."
    forms = ("Lou Ortiz", "Ann Ortiz", "Ortiz", "Ortiz")
    assert clustered(text, *((form, "PERSON") for form in forms)) == [
        ["Lou Ortiz", "Ortiz"],
        ["Ann Ortiz", "Ortiz"],
    ]
