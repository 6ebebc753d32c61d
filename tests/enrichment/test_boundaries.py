import pytest

from service.enrichment.boundaries import mend
from service.enrichment.tags import TaggedSpan


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
    mended = mend(span, words)
    assert " ".join(words[mended.first : mended.last]) == whole
    person = span._replace(type="PERSON")
    assert mend(person, words) == person


def test_a_name_is_not_mended_into_the_one_before():
    span = TaggedSpan(3, 4, "ORGANIZATION", 0.9)
    assert mend(span, ["US", "Department", "of", "Justice"], taken=2) == span
    assert mend(span, ["US", "Department", "of", "Justice"], taken=1).first == 1
