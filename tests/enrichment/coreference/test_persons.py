import pytest
import regex

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


@pytest.mark.parametrize(
    ("text", "forms", "expected"),
    [
        (
            "Tiffany Trump sang. President Trump clapped. Trump left.",
            ("Tiffany Trump", "Trump", "Trump"),
            [["Tiffany Trump"], ["Trump", "Trump"]],
        ),
        (
            "Sophie Trudeau ran. Prime Minister Trudeau watched. Justin Trudeau won.",
            ("Sophie Trudeau", "Trudeau", "Justin Trudeau"),
            [["Sophie Trudeau"], ["Trudeau", "Justin Trudeau"]],
        ),
        (
            "Vladimir Putin sued. Judge Putin refused.",
            ("Vladimir Putin", "Putin"),
            [["Vladimir Putin"], ["Putin"]],
        ),
        (
            "Laura Sunak sang. Mr Sunak clapped.",
            ("Laura Sunak", "Sunak"),
            [["Laura Sunak"], ["Sunak"]],
        ),
    ],
)
def test_a_title_that_a_relative_never_has_is_another_persons(text, forms, expected):
    assert clustered(text, *((form, "PERSON") for form in forms)) == expected


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("Cyril Ramaphosa spoke. President Ramaphosa left.", ("Cyril Ramaphosa", "Ramaphosa")),
        ("J. Biden spoke. President Biden left.", ("J. Biden", "Biden")),
        ("President Ann Obama rose. President Obama left.", ("Ann Obama", "Obama")),
        ("Linda Carney is a judge. Judge Carney left.", ("Linda Carney", "Carney")),
    ],
)
def test_a_title_that_fits_the_full_name_is_the_same_persons(text, forms):
    assert clustered(text, *((form, "PERSON") for form in forms)) == [list(forms)]


def test_a_family_name_that_stands_first_keeps_its_person():
    assert persons("Park Chan-wook", "Park", "Seo Park") == [
        ["Park Chan-wook", "Park"],
        ["Seo Park"],
    ]
    text = "Xi Jinping came. Xi spoke. Wei Xi was silent. Xi left."
    forms = ("Xi Jinping", "Xi", "Wei Xi", "Xi")
    assert clustered(text, *((form, "PERSON") for form in forms)) == [
        ["Xi Jinping", "Xi", "Xi"],
        ["Wei Xi"],
    ]


def test_the_only_full_name_before_a_short_form_wins():
    assert persons("Nguyen Van Troi", "Nguyen", "Kieu Nguyen")[0] == ["Nguyen Van Troi", "Nguyen"]


@pytest.mark.parametrize(
    "text",
    [
        "Lou Ortiz died. Ortiz was 19. Police found Lou Ortiz. Ray Ortiz was held. Ortiz wept.",
        "Lou Ortiz died. Ortiz was 19. Ray Ortiz, a cousin of Lou Ortiz, was held. Ortiz wept.",
        "Lou Ortiz died. Ortiz was 19. Ray Ortiz was held. He is Lou Ortiz's uncle. Ortiz wept.",
    ],
)
def test_a_bare_name_is_that_of_the_relative_named_nearest(text):
    forms = regex.findall(r"(?:Lou |Ray )?Ortiz", text)
    found = clustered(text, *((form, "PERSON") for form in forms))
    assert found[1] == ["Ray Ortiz", "Ortiz"]


def test_beside_a_mrs_the_bare_name_is_the_others():
    text = "Jo Pike and Kit Pike left. Later Mrs Pike wept. Pike went home."
    forms = ("Jo Pike", "Kit Pike", "Pike", "Pike")
    found = clustered(text, *((form, "PERSON") for form in forms))
    assert found == [["Jo Pike", "Pike"], ["Kit Pike", "Pike"]]


@pytest.mark.parametrize(
    "text",
    [
        "Tom Hale has died. He leaves his sons, Tom and Max.",
        "Tom Hale has died. He is survived by his wife, Amma, and two sons, Max and Tom.",
        "Tom Hale wed Amma Reid. Their children, Max and Tom, live in Leeds.",
        "Tom Hale was named after his father Tom, a baker.",
        "Tom Hale spoke. Mr Hale's eldest son, Tom, left.",
    ],
)
def test_a_relative_of_the_same_given_name_is_another_person(text):
    forms = regex.findall(r"Tom Hale|Amma Reid|Amma|Max|Tom|(?<=Mr )Hale", text)
    found = clustered(text, *((form, "PERSON") for form in forms))
    assert ["Tom"] in found


@pytest.mark.parametrize(
    "text",
    [
        "Tom Hale left. Ann Reid wept. Her son Tom is ill.",
        "Ann Reid wept. Tom Hale left. Her son Tom is ill.",
        "Max Hale sued Tom Hale. He said his brother Tom lied.",
    ],
)
def test_a_relative_of_another_is_the_bearer_of_the_full_name(text):
    forms = regex.findall(r"Tom Hale|Max Hale|Ann Reid|Tom", text)
    found = clustered(text, *((form, "PERSON") for form in forms))
    assert ["Tom Hale", "Tom"] in found


def test_a_bare_name_is_not_that_of_the_one_introduced_as_a_relative():
    text = "Police said Lou Ortiz shot his wife, Kit Ortiz, at home. Ortiz fled."
    forms = ("Lou Ortiz", "Kit Ortiz", "Ortiz")
    found = clustered(text, *((form, "PERSON") for form in forms))
    assert found == [["Lou Ortiz", "Ortiz"], ["Kit Ortiz"]]
