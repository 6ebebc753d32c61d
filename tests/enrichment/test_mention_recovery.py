import pytest
import regex

from service.enrichment.bio import TaggedSpan
from service.enrichment.coreference.names import Name
from service.enrichment.mention_recovery import (
    recover_abbreviations,
    recover_heads,
    recover_mentions,
    titled_person,
    untagged_runs,
)
from tests.enrichment.coreference.mentions import locate


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


@pytest.mark.parametrize(
    ("text", "full", "found"),
    [
        ("World Health Organization (WHO) and WHO", "World Health Organization", 2),
        ("Bank of England (BoE) and BoE", "Bank of England", 2),
        ("Doctors Abroad (DA) and DA", "Doctors Abroad", 2),
        ("World Health Organization and WHO", "World Health Organization", 1),
        ("Ministry of Defence and MoD", "Ministry of Defence", 0),
        ("Information Technology and IT", "Information Technology", 0),
        ("World Health Organization (AP) and AP", "World Health Organization", 0),
    ],
)
def test_abbreviations_of_a_name_are_recovered(text, full, found):
    short = text.rpartition(" ")[2]
    tagged = locate(text, (full, "ORGANIZATION"))
    forms = [(short, "")] * (text.count(f" {short}") + text.count(f"({short}"))
    recovered = recover_abbreviations(tagged, locate(text, *forms), text)
    assert [name.type for name in recovered] == ["ORGANIZATION"] * found


def test_a_run_with_a_legal_form_is_an_organisation():
    assert recover_mentions([], names(("Ørsted A/S", ""), ("Acme", ""))) == names(
        ("Ørsted A/S", "ORGANIZATION")
    )


@pytest.mark.parametrize(
    ("sentence", "person"),
    [
        ("Ms Nwosu", "Nwosu"),
        ("Yesterday Mr Lee", "Lee"),
        ("Cllr Hollis", "Cllr Hollis"),
        ("Golden Bear", None),
        ("Ms", None),
    ],
)
def test_a_run_after_a_certain_title_is_a_person(sentence, person):
    words = sentence.split()
    found = titled_person((0, len(words)), words)
    assert (" ".join(words[slice(*found)]) if found else None) == person


@pytest.mark.parametrize(
    ("text", "heads"),
    [
        ("Bank of England said so. The Bank left.", ["Bank"]),
        ("Golden State Warriors won. The Warriors lead.", ["Warriors"]),
        ("Bank of England said so. A Bank left.", []),
        ("The Bank left. Bank of England said so.", []),
        ("Leeds Arms said so. The Warriors left.", []),
    ],
)
def test_a_noun_after_the_is_a_mention_of_the_organisation_before(text, heads):
    full, run = regex.search(r"Bank of England|Golden State Warriors|Leeds Arms", text)[0], "Bank"
    run = "Warriors" if "The Warriors" in text else run
    start = regex.search(rf"(?<=\b(?:[Tt]he|A) ){run}", text).start()
    found = recover_heads(
        locate(text, (full, "ORGANIZATION")), [Name(start, start + len(run), run, "")], text
    )
    assert [(name.text, name.type) for name in found] == [(h, "ORGANIZATION") for h in heads]
