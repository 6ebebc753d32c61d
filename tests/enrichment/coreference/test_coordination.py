from service.enrichment.coreference.coordination import join_parts
from tests.enrichment.coreference.mentions import locate

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


def test_two_other_mentions_around_and_stay_two():
    text = "Barker and Holt met Ann and Bob. A&C fell."
    parts = [("Barker", PERSON), ("Holt", PERSON), ("Ann", PERSON), ("Bob", PERSON)]
    assert joined(text, *parts, ("A&C", ORGANIZATION)) == [*parts, ("A&C", ORGANIZATION)]
