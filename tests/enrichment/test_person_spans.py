import pytest

from service.enrichment.bio import TaggedSpan
from service.enrichment.person_spans import is_certain_title, repair_persons, with_titled_person

PERSON, ORGANIZATION, LOCATION = "PERSON", "ORGANIZATION", "LOCATION"


def repair(text, *spans):
    words = text.split()
    found = repair_persons([TaggedSpan(*span, 0.9) for span in spans], words)
    return [" ".join(words[span.first : span.last]) for span in found]


@pytest.mark.parametrize(
    ("text", "spans", "found"),
    [
        ("Det . Lopez fled", [(0, 1, PERSON), (2, 3, PERSON)], ["Lopez"]),
        ("Det . Supt . Ewa Lee", [(0, 3, PERSON), (4, 6, PERSON)], ["Ewa Lee"]),
        ("Flt Lt Jo Salter", [(0, 1, ORGANIZATION), (2, 4, PERSON)], ["Jo Salter"]),
        ("Rep. Paul Ryan won", [(0, 1, "MISC"), (1, 3, PERSON)], ["Paul Ryan"]),
        ("the Speaker left", [(1, 2, PERSON)], ["Speaker"]),
        ("Leana Wen , MD , left", [(0, 2, PERSON), (3, 4, LOCATION)], ["Leana Wen"]),
        ("Leana Wen , MD , M.P.H. , left", [(0, 2, PERSON), (5, 6, PERSON)], ["Leana Wen"]),
        ("Det Con Ewa Lee left", [(1, 4, PERSON)], ["Ewa Lee"]),
        ("Det Ch Insp Ewa Lee left", [(0, 1, PERSON), (3, 5, PERSON)], ["Ewa Lee"]),
        ("with Con Lee left", [(1, 3, PERSON)], ["Con Lee"]),
        ("Ann Cole OBE left", [(0, 2, PERSON), (2, 3, ORGANIZATION)], ["Ann Cole"]),
        ("Leeds , MD", [(0, 1, LOCATION), (2, 3, LOCATION)], ["Leeds", "MD"]),
    ],
)
def test_titles_and_letters_are_no_names(text, spans, found):
    assert repair(text, *spans) == found


@pytest.mark.parametrize(
    ("text", "spans", "found"),
    [
        ("Ursula von der Leyen left", [(0, 1), (3, 4)], ["Ursula von der Leyen"]),
        ("Omar al Bashir left", [(0, 1), (2, 3)], ["Omar al Bashir"]),
        ("Guto ap Gwynfor left", [(0, 1), (2, 3)], ["Guto ap Gwynfor"]),
        ("Twm ab Elis left", [(0, 2)], ["Twm ab Elis"]),
        ("Rhun ap Iorwerth left", [(0, 2), (2, 3)], ["Rhun ap Iorwerth"]),
        ("Anwar bin left", [(0, 2)], ["Anwar bin"]),
        ("David A. Price won", [(0, 2)], ["David A. Price"]),
        ("and Malcolm X. Besides Dee", [(1, 3), (4, 5)], ["Malcolm X.", "Dee"]),
        ("David A. Sgt. Price", [(0, 2)], ["David A."]),
        ("King Charles left", [(1, 2)], ["King Charles"]),
        ("King Felipe VI left", [(1, 2)], ["King Felipe VI"]),
        ("King Felipe VI left", [(1, 3)], ["King Felipe VI"]),
        ("the king Charles left", [(2, 3)], ["Charles"]),
        ("King Ann Cole left", [(1, 3)], ["Ann Cole"]),
        ("Ann met Bob", [(0, 1), (2, 3)], ["Ann", "Bob"]),
    ],
)
def test_a_name_gets_the_words_back_that_belong_to_it(text, spans, found):
    assert repair(text, *((first, last, PERSON) for first, last in spans)) == found


@pytest.mark.parametrize(
    ("text", "types", "found"),
    [
        ("Jermaine Jenas missed", (PERSON, ORGANIZATION), ["Jermaine Jenas"]),
        ("Amara Nwosu missed", (LOCATION, PERSON), ["Amara Nwosu"]),
        ("BBC Clarkson missed", (ORGANIZATION, PERSON), ["BBC", "Clarkson"]),
        ("Spaniard Costa missed", ("MISC", PERSON), ["Spaniard", "Costa"]),
        ("Leeds London missed", (LOCATION, ORGANIZATION), ["Leeds", "London"]),
    ],
)
def test_a_given_and_a_family_name_are_one(text, types, found):
    assert repair(text, (0, 1, types[0]), (1, 2, types[1])) == found


@pytest.mark.parametrize(
    ("text", "type_", "person"),
    [
        ("Madrid 's Jude Bellingham", ORGANIZATION, True),
        ("Labour ’s Sue Platt", ORGANIZATION, True),
        ("Madrid 's Jude Bellingham", LOCATION, False),
        ("Tesla 's Austin Energy", ORGANIZATION, False),
        ("Leeds 's Charlotte Street", ORGANIZATION, False),
        ("Madrid and Jude Bellingham", ORGANIZATION, False),
    ],
)
def test_a_full_name_after_an_organisations_possessive_is_a_persons(text, type_, person):
    spans = [TaggedSpan(0, 1, ORGANIZATION, 0.9), TaggedSpan(2, 4, type_, 0.9)]
    assert (repair_persons(spans, text.split())[1].type == PERSON) == person


@pytest.mark.parametrize(
    ("word", "certain"),
    [
        ("Ms", True), ("Cllr", True), ("Sgt.", True), ("Gen.", True), ("Gen", False),
        ("Col", False), ("Rev.", True), ("sgt", False), ("Chief", False),
    ],
)  # fmt: skip
def test_some_titles_are_certain(word, certain):
    assert is_certain_title(word) is certain


@pytest.mark.parametrize(
    ("text", "span", "type_"),
    [
        ("Dr Mokoena left", (1, 2, LOCATION), PERSON),
        ("Dr Pepper sold", (0, 2, ORGANIZATION), ORGANIZATION),
        ("Imam Ali University", (0, 3, ORGANIZATION), ORGANIZATION),
        ("Pat Finucane KC left", (0, 3, ORGANIZATION), PERSON),
        ("Det . Lopez fled", (2, 3, LOCATION), PERSON),
    ],
)
def test_a_title_makes_a_person(text, span, type_):
    assert with_titled_person(TaggedSpan(*span, 0.9), text.split()).type == type_
