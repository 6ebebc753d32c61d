import pytest

from service.enrichment.bio import TaggedSpan
from service.enrichment.span_repair import repair_spans


@pytest.mark.parametrize(
    ("text", "tagged", "whole"),
    [
        ("a Centre for Strategic Studies", "Strategic Studies", "Centre for Strategic Studies"),
        ("The Ministry of the Interior", "Interior", "Ministry of the Interior"),
        ("University of Leeds", "Leeds", "University of Leeds"),
        ("the centre of Leeds United", "Leeds United", "Leeds United"),
        ("Head of Research", "Research", "Research"),
        ("for Research", "Research", "Research"),
        ("the Research Council", "Research Council", "Research Council"),
    ],
)  # fmt: skip
def test_an_organisation_gets_its_head_noun_back(text, tagged, whole):
    words = text.split()
    first = next(i for i in range(len(words)) if " ".join(words[i:]).startswith(tagged))
    span = TaggedSpan(first, first + len(tagged.split()), "ORGANIZATION", 0.9)
    [repaired] = repair_spans([span], words)
    assert " ".join(words[repaired.first : repaired.last]) == whole
    person = span._replace(type="PERSON")
    assert repair_spans([person], words) == [person]


def repair(text, *spans):
    words = text.split()
    found = repair_spans(
        [TaggedSpan(first, last, type_, 0.9) for first, last, type_ in spans], words
    )
    return [" ".join(words[span.first : span.last]) for span in found]


def test_a_repaired_name_does_not_overlap_the_one_before():
    text = "US Department of Justice"
    justice = (3, 4, "ORGANIZATION")
    assert repair(text, (0, 2, "LOCATION"), justice) == ["US Department", "Justice"]
    assert repair(text, (0, 1, "LOCATION"), justice) == ["US", "Department of Justice"]


def test_a_name_in_two_parts_is_joined():
    party, person = "ORGANIZATION", "PERSON"
    assert repair("the Lib Dems won", (1, 2, party), (2, 3, party)) == ["Lib Dems"]
    assert repair("the Lib Dems won", (1, 2, party), (2, 3, person)) == ["Lib", "Dems"]


@pytest.mark.parametrize(
    ("text", "span", "found"),
    [
        ("Mr Brown left", (0, 2, "PERSON"), ["Brown"]),
        ("Mr Brown left", (0, 1, "PERSON"), []),
        ("The onrushing Brown shot", (1, 3, "PERSON"), ["Brown"]),
        ("The US tycoon left", (1, 3, "LOCATION"), ["US"]),
        ("Ludwig van Beethoven", (1, 3, "PERSON"), ["van Beethoven"]),
        ("The van der Sars", (1, 4, "PERSON"), ["van der Sars"]),
        ("Golden Joystick awards", (0, 3, "MISC"), ["Golden Joystick awards"]),
        ("A sci-fi shooter", (1, 2, "MISC"), []),
        ("an iPod and 3com", (1, 2, "MISC"), ["iPod"]),
        ("joe biden met xi", (0, 2, "PERSON"), ["joe biden"]),
        ("joe biden won in 2020", (0, 2, "PERSON"), ["joe biden"]),
    ],
)
def test_words_that_are_not_part_of_a_name_are_trimmed(text, span, found):
    assert repair(text, span) == found
