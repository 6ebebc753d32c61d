import pytest

from service.enrichment.bio import TaggedSpan
from service.enrichment.coreference.names import Name
from service.enrichment.mention_recovery import recover_mentions, untagged_runs


def runs(sentence: str, *tagged: tuple[int, int], lower: str = "") -> list[str]:
    words = sentence.split()
    spans = [TaggedSpan(first, last, "PERSON", 1.0) for first, last in tagged]
    found = untagged_runs(words, spans, set(lower.split()))
    return [" ".join(words[first:last]) for first, last in found]


def test_capitalised_words_side_by_side_are_one_run():
    assert runs("then Rover and Golden Bear met") == ["Rover", "Golden Bear"]
    assert runs("The Golden Bear", lower="the") == ["Golden Bear"]
    assert runs("an iPod") == ["iPod"]


def test_words_beside_a_name_are_not_a_run():
    assert runs("Labour MSP Ann May said", (2, 4)) == []
    assert runs("Ann May MSP said", (0, 2)) == []
    assert runs("Rover met Ann May", (2, 4)) == ["Rover"]


def test_a_word_capitalised_for_its_position_begins_no_run():
    assert runs("But Rover left", lower="but and") == ["Rover"]
    assert runs("But we left", lower="but and") == []
    assert runs("he saw New England", lower="new") == ["New England"]


def names(*forms: tuple[str, str]) -> list[Name]:
    return [Name(0, len(form), form, type_) for form, type_ in forms]


ROVER, BEZ = ("Rover", "ORGANIZATION"), ("Bez", "PERSON")


@pytest.mark.parametrize(
    ("tagged", "run", "type_"),
    [
        ([ROVER, ROVER], "Rover", "ORGANIZATION"),
        ([("Golden Bear", "ORGANIZATION")], "Golden Bear", "ORGANIZATION"),
        ([("Emilio Bez", "PERSON"), BEZ], "Bez", "PERSON"),
        ([BEZ], "Bez", None),
        ([("Emilio Bez", "PERSON")] * 2, "Bez", None),
        ([("Theresa May", "PERSON"), ("May", "PERSON")], "May", None),
        ([ROVER, ROVER], "rover", None),
        ([ROVER, ROVER], "ROVER", None),
        ([ROVER, ROVER, ("Rover", "PERSON")], "Rover", None),
        ([("Oscars", "MISC")] * 3, "Oscars", None),
    ],
)
def test_a_form_that_is_a_name_elsewhere_is_one_here(tagged, run, type_):
    recovered = recover_mentions(names(*tagged), names((run, "")))
    assert recovered == ([] if type_ is None else names((run, type_)))


def test_a_form_that_is_tagged_less_often_than_not_stays_untagged():
    assert recover_mentions(names(ROVER, ROVER), names(*[("Rover", "")] * 3)) == []
