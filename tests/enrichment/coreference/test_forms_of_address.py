import pytest

from service.enrichment.coreference.forms_of_address import address_gender


@pytest.mark.parametrize(
    ("text", "name", "gender"),
    [
        ("Then Mr Lee left", "Lee", "m"),
        ("Then Mrs. Lee left", "Lee", "f"),
        ("Mr Lee left", "Mr Lee", "m"),
        ("Lady Ann left", "Lady Ann", "f"),
        ("Then SIR Lee left", "Lee", "m"),
        ("The sir Lee left", "Lee", None),
        ("Then Miss", "Miss", None),
        ("President Lee left", "Lee", None),
    ],
)
def test_a_form_of_address_implies_a_gender(text, name, gender):
    start = text.index(name)
    assert address_gender(text, start, start + len(name)) == gender
