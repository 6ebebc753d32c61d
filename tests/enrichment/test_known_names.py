import pytest

from service.enrichment.bio import TaggedSpan
from service.enrichment.known_names import with_known_type
from service.enrichment.wire_names import repair_wire_names

PERSON, ORG, PLACE = "PERSON", "ORGANIZATION", "LOCATION"


@pytest.mark.parametrize(
    ("word", "tagged", "type_"),
    [
        ("Starmer", ORG, PERSON),
        ("Orbán", PLACE, PERSON),
        ("Saka", "MISC", PERSON),
        ("Toyota", PERSON, ORG),
        ("Ofgem", "MISC", ORG),
        ("VW", PERSON, ORG),
        ("BoE", PERSON, ORG),
        ("Odesa", PERSON, PLACE),
        ("Malmö", PERSON, PLACE),
        ("Stormont", PERSON, PLACE),
        ("Whitehall", ORG, ORG),
        ("Munich", "MISC", "MISC"),
        ("Chelsea", PERSON, PERSON),
        ("Ford", PERSON, PERSON),
    ],
)
def test_well_known_names_have_their_types(word, tagged, type_):
    assert with_known_type(TaggedSpan(0, 1, tagged, 0.5), word).type == type_


def test_only_whole_names_are_well_known():
    span = TaggedSpan(0, 2, ORG, 0.5)
    assert repair_wire_names([span], ["Trump", "Organization", "sued"]) == [span]
