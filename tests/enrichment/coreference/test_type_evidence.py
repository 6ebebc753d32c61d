import pytest

from service.enrichment.coreference.type_evidence import apply_evidence
from tests.enrichment.coreference.mentions import locate

PERSON, ORGANIZATION, LOCATION, MISC = "PERSON", "ORGANIZATION", "LOCATION", "MISC"


def types(text: str, *mentions: tuple[str, str]) -> list[str]:
    return [name.type for name in apply_evidence(locate(text, *mentions), text)]


@pytest.mark.parametrize(
    ("text", "form", "tagged", "type_"),
    [
        ("Ericsson AB fell", "Ericsson AB", PERSON, ORGANIZATION),
        ("Sime Darby Berhad fell", "Sime Darby Berhad", PERSON, ORGANIZATION),
        ("Adelaide SA voted", "Adelaide SA", LOCATION, LOCATION),
        ("JOHN SE left", "JOHN SE", PERSON, PERSON),
    ],
)
def test_a_legal_form_makes_a_company(text, form, tagged, type_):
    assert types(text, (form, tagged)) == [type_]


def test_an_ampersand_makes_a_company():
    mentions = ("Spencer & Hobbs", PERSON), ("Spencer and Hobbs", PERSON)
    assert types("Spencer & Hobbs grew. Spencer and Hobbs fell.", *mentions) == [ORGANIZATION] * 2
    assert types("Spencer and Hobbs left.", mentions[1]) == [PERSON]


@pytest.mark.parametrize(
    ("form", "type_"),
    [
        ("Leeds Crown Court", ORGANIZATION),
        ("Bath Magistrates' Court", ORGANIZATION),
        ("Earls Court", MISC),
        ("Pacific Economic Cooperation", ORGANIZATION),
        ("Arctic Council", ORGANIZATION),
        ("Cooperation", MISC),
        ("Council Tax", MISC),
        ("Parachute Regiment", ORGANIZATION),
        ("82nd Airborne Division", ORGANIZATION),
        ("Second Division", MISC),
    ],
)
def test_the_last_word_makes_an_organisation(form, type_):
    assert types(f"the {form} met", (form, MISC)) == [type_]


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("Jo Barlow left. Barlow won. Fans of Barlow wept.", True),
        ("Barlow won. Jo Barlow left. Fans of Barlow wept.", False),
        ("Jo Barlow left. Barlow shares rose. Barlow fell.", False),
        ("Jo Barlow left. They live in Barlow. Barlow is big.", False),
        ("Jo Barlow left. Barlow said its profit rose. Barlow fell.", False),
        ("Jo Ford left. Ford won. Fans of Ford wept.", False),
        ("Jo Ford left. Ford said he won. Fans of Ford wept.", True),
    ],
)
@pytest.mark.parametrize("tagged", [ORGANIZATION, LOCATION])
def test_a_family_name_after_the_full_name_is_a_persons(text, person, tagged):
    name = "Ford" if "Ford" in text else "Barlow"
    full = (f"Jo {name}", PERSON)
    bare = (name, tagged)
    mentions = (bare, full, bare) if text.startswith(name) else (full, bare, bare)
    found = types(text, *mentions)
    found.remove(PERSON)
    assert set(found) == {PERSON if person else tagged}


@pytest.mark.parametrize(
    ("text", "mentions", "type_"),
    [
        ("Aung San Suu Kyi. Suu Kyi. Suu Kyi.", [("Aung San Suu Kyi", LOCATION),
         ("Suu Kyi", PERSON), ("Suu Kyi", PERSON)], PERSON),
        ("Tupou Kalo left. Ms Kalo.", [("Tupou Kalo", ORGANIZATION), ("Kalo", PERSON)], PERSON),
        ("Jane Tupou sang. Tupou left.", [("Jane Tupou", LOCATION), ("Tupou", PERSON)], PERSON),
        ("Rio Tupou. Tupou left.", [("Rio Tupou", LOCATION), ("Tupou", PERSON)], LOCATION),
        ("Camp David. David. David.", [("Camp David", LOCATION), ("David", PERSON),
         ("David", PERSON)], LOCATION),
        ("Hyde Park. Park. Park.", [("Hyde Park", LOCATION), ("Park", PERSON), ("Park", PERSON)],
         LOCATION),
        ("anti-Trump. Trump. Trump.", [("anti-Trump", MISC), ("Trump", PERSON),
         ("Trump", PERSON)], MISC),
    ],
)  # fmt: skip
def test_a_name_that_ends_in_a_persons_name_is_a_person(text, mentions, type_):
    assert types(text, *mentions)[0] == type_


@pytest.mark.parametrize(
    ("text", "company"),
    [
        ("Barlow rose. Shares in Barlow fell.", True),
        ("Barlow rose. Workers at Barlow left.", True),
        ("Barlow rose. Barlow's profits fell.", True),
        ("Barlow rose. Barlow fell.", False),
    ],
)
def test_words_beside_a_name_of_uneven_type_show_a_company(text, company):
    found = types(text, ("Barlow", PERSON), ("Barlow", LOCATION))
    assert (set(found) == {ORGANIZATION}) is company


@pytest.mark.parametrize(
    ("text", "name", "tagged", "type_"),
    [
        ("Ed Brandt, 52, of Clifton, denies it.", "Clifton", PERSON, LOCATION),
        ("Ed Brandt, 52, of Clifton, denies it.", "Clifton", ORGANIZATION, LOCATION),
        ("Sara Iqbal, aged 9, from Harold Hill, was found.", "Harold Hill", PERSON, LOCATION),
        ("Joan Pike, 101, of\nArnold, has died.", "Arnold", PERSON, LOCATION),
        ("A 34-year-old man from Preston was charged.", "Preston", PERSON, LOCATION),
        ("A 19-year-old from Stanley was hurt.", "Stanley", PERSON, LOCATION),
        ("State Rep. Carl Oates of Roswell won.", "Roswell", ORGANIZATION, LOCATION),
        ("Baroness Roe of Blackstock agreed.", "Blackstock", ORGANIZATION, LOCATION),
        ("Mayor Ana-Maria de Silva of Harlan won.", "Harlan", PERSON, PERSON),
        ("Mayor Ana-Maria Silva of Harlan won.", "Harlan", PERSON, LOCATION),
        ("Sen. Amy Bell, friend of Harlan, won.", "Harlan", PERSON, PERSON),
        ("Jo Doe, 52, of Goldman Sachs, agreed.", "Goldman Sachs", ORGANIZATION, ORGANIZATION),
        ("Jo Doe, 52, of the BBC, agreed.", "BBC", ORGANIZATION, ORGANIZATION),
        ("Jo Doe, 52, of BT, agreed.", "BT", ORGANIZATION, ORGANIZATION),
        ("Jo Doe (Lab, Stoke North) agreed.", "Stoke North", ORGANIZATION, LOCATION),
        ("Jo Doe (Lib Dem, Harlan) agreed.", "Harlan", PERSON, LOCATION),
        ("Jo Doe (Lab, Harlan said) agreed.", "Harlan", PERSON, PERSON),
        ("The jury (Jo Doe, Harlan) agreed.", "Harlan", PERSON, PERSON),
        ("In 1952, of Preston it was said", "Preston", PERSON, PERSON),
        ("A daughter of Preston left.", "Preston", PERSON, PERSON),
    ],
)
def test_what_follows_an_age_and_of_is_a_home(text, name, tagged, type_):
    assert types(text, (name, tagged)) == [type_]


def test_a_single_word_before_its_county_is_a_place():
    forms = (("Calne", PERSON), ("Wiltshire", LOCATION))
    assert types("Calne, Wiltshire", *forms) == [LOCATION] * 2
    assert types("Calne met Wiltshire", *forms) == [PERSON, LOCATION]
    forms = (("Jo Calne", PERSON), ("Wiltshire", LOCATION))
    assert types("Jo Calne, Wiltshire", *forms) == [PERSON, LOCATION]


def test_an_employer_after_an_age_is_no_home_if_it_is_named_again():
    text = "Dan Kerr, 40, of Ferrocorp, resigned. Ferrocorp declined to comment."
    assert types(text, *[("Ferrocorp", ORGANIZATION)] * 2) == [ORGANIZATION] * 2


def test_a_home_with_the_name_of_a_person_before_is_no_person():
    text = "Joe Preston, 60, of Preston, taught here."
    assert types(text, ("Joe Preston", PERSON), ("Preston", LOCATION)) == [PERSON, LOCATION]
