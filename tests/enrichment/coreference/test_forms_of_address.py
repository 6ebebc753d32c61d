import pytest

from service.enrichment.coreference.forms_of_address import address_gender, address_title


@pytest.mark.parametrize(
    ("text", "name", "title"),
    [
        ("Then Det. Lee left", "Lee", "detective"),
        ("Detective Lee left", "Detective Lee", "detective"),
        ("Then Maj-Gen Lee left", "Lee", "general"),
        ("Then Mr Lee left", "Lee", None),
        ("Then Lee left", "Lee", None),
    ],
)
def test_a_title_has_one_form(text, name, title):
    start = text.index(name)
    assert address_title(text, start, start + len(name)) == title


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
        ("He met his sister Kim Yo Jong", "Kim Yo Jong", "f"),
        ("McCain's daughter, Meghan, left", "Meghan", "f"),
        ("Ann's husband, Lee.", "Lee", "m"),
        ("He told his mother, Lee said", "Lee", None),
        ("A father of Lee left", "Lee", None),
    ],
)
def test_a_form_of_address_implies_a_gender(text, name, gender):
    start = text.index(name)
    assert address_gender(text, start, start + len(name)) == gender
