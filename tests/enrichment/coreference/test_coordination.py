from service.enrichment.coreference.coordination import join_parts
from tests.enrichment.coreference.mentions import clustered, locate

PERSON, ORGANIZATION = "PERSON", "ORGANIZATION"


def joined(text: str, *mentions: tuple[str, str]) -> list[tuple[str, str]]:
    names = join_parts(locate(text, *mentions), text)
    assert [text[name.start : name.end] for name in names] == [name.text for name in names]
    return [(name.text, name.type) for name in names]


def test_two_mentions_are_one_where_the_article_has_them_as_one():
    text = "Barker and Holt said so. Barker & Holt fell."
    parts = (("Barker", PERSON), ("Holt", PERSON), ("Barker & Holt", ORGANIZATION))
    whole = [("Barker and Holt", ORGANIZATION), ("Barker & Holt", ORGANIZATION)]
    assert joined(text, *parts) == whole
    assert joined(text, ("Barker and", PERSON), *parts[1:]) == whole


def test_two_mentions_are_one_where_the_article_has_their_initials():
    text = "Barker and Holt said so. B&H fell."
    parts = (("Barker", PERSON), ("Holt", PERSON), ("B&H", ORGANIZATION))
    assert joined(text, *parts) == [("Barker and Holt", ORGANIZATION), ("B&H", ORGANIZATION)]


def test_the_parts_of_a_name_are_joined_where_the_article_has_it_as_one():
    text = "King's College London won. King's College London lost. King's College won."
    whole = ("King's College London", ORGANIZATION)
    parts = [("King's College", ORGANIZATION), ("London", "LOCATION")]
    assert joined(text, whole, *parts, parts[0]) == [whole, whole, parts[0]]


def test_lower_case_words_after_a_name_belong_to_no_other_mention():
    text = "Obama playbook won. Obama playbook lost."
    mentions = [("Obama playbook", "MISC"), ("Obama", PERSON)]
    assert joined(text, *mentions) == mentions


def test_two_family_names_around_an_ampersand_are_a_firm():
    text = "Barker & Holt fell. Barker and Holt rose."
    parts = (("Barker &", PERSON), ("Holt", PERSON), ("Barker", PERSON), ("Holt", PERSON))
    assert joined(text, *parts) == [
        ("Barker & Holt", ORGANIZATION),
        ("Barker and Holt", ORGANIZATION),
    ]


def test_given_names_around_an_ampersand_are_two_persons():
    text = "Ann & Bob met Holt & Cole. Holt Hall left."
    mentions = [("Ann", PERSON), ("Bob", PERSON), ("Holt", PERSON), ("Cole", PERSON)]
    assert joined(text, *mentions, ("Holt Hall", PERSON)) == [*mentions, ("Holt Hall", PERSON)]


def test_two_other_mentions_around_and_stay_two():
    text = "Barker and Holt met Ann and Bob. A&C fell."
    parts = [("Barker", PERSON), ("Holt", PERSON), ("Ann", PERSON), ("Bob", PERSON)]
    assert joined(text, *parts, ("A&C", ORGANIZATION)) == [*parts, ("A&C", ORGANIZATION)]


def test_a_given_name_before_and_takes_the_family_name_after_it():
    text = "Bill and Melinda Gates gave. Gates spoke. Bill Gates left."
    forms = ("Bill", "Melinda Gates", "Gates", "Bill Gates")
    assert clustered(text, *((form, PERSON) for form in forms)) == [
        ["Bill", "Gates", "Bill Gates"],
        ["Melinda Gates"],
    ]


def test_a_given_name_of_another_takes_no_family_name():
    text = "Harry and Meghan Markle left. Prince Harry smiled."
    forms = ("Harry", "Meghan Markle", "Prince Harry")
    assert clustered(text, *((form, PERSON) for form in forms)) == [
        ["Harry", "Prince Harry"],
        ["Meghan Markle"],
    ]


def test_a_family_name_before_and_takes_no_other():
    text = "Messi and David Beckham met. Lionel Messi spoke."
    forms = ("Messi", "David Beckham", "Lionel Messi")
    assert clustered(text, *((form, PERSON) for form in forms))[0] == ["Messi", "Lionel Messi"]
