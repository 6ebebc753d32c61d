import pytest

from service.enrichment.coreference.definitions import complete_definitions
from tests.enrichment.coreference.mentions import locate

ORGANIZATION, LOCATION, PERSON = "ORGANIZATION", "LOCATION", "PERSON"


def completed(text: str, *mentions: tuple[str, str]) -> list[tuple[str, str]]:
    names = complete_definitions(locate(text, *mentions), text)
    assert [text[name.start : name.end] for name in names] == [name.text for name in names]
    return [(name.text, name.type) for name in names]


@pytest.mark.parametrize(
    ("text", "tagged", "full"),
    [
        (
            "the Committee on Foreign Investment in the United States (CFIUS)",
            [("Committee on Foreign Investment", ORGANIZATION), ("United States", LOCATION)],
            "Committee on Foreign Investment in the United States",
        ),
        (
            "the Campaign to Protect Rural England (CPRE)",
            [("Rural England", LOCATION)],
            "Campaign to Protect Rural England",
        ),
        ("like Internet Explorer (IE)", [("Explorer", "MISC")], "Internet Explorer"),
    ],
)
def test_a_full_name_has_all_letters_of_its_abbreviation(text, tagged, full):
    short = (text[text.index("(") + 1 : -1], ORGANIZATION)
    assert completed(text, *tagged, short) == [(full, ORGANIZATION), short]


def test_a_full_name_in_brackets_fills_them():
    text = "UNHCR (United Nations High Commissioner for Refugees) left"
    found = completed(text, ("UNHCR", ORGANIZATION), ("United Nations", ORGANIZATION))
    full = "United Nations High Commissioner for Refugees"
    assert found == [("UNHCR", ORGANIZATION), (full, ORGANIZATION)]


@pytest.mark.parametrize(
    ("text", "tagged"),
    [
        (
            "Collins is banned by the North American Court of Arbitration for Sport (CAS)",
            [
                ("Collins", PERSON),
                ("North American Court of Arbitration for Sport", ORGANIZATION),
                ("CAS", ORGANIZATION),
            ],
        ),
        ("NEW YORK (AP) - It fell", [("NEW YORK", LOCATION), ("AP", ORGANIZATION)]),
        ("Ann Cole left. Leeds (ACL)", [("Leeds", LOCATION), ("ACL", ORGANIZATION)]),
        ("FBI (Leeds, 2004) left", [("FBI", ORGANIZATION), ("Leeds", LOCATION)]),
    ],
)
def test_other_names_before_brackets_stay(text, tagged):
    assert completed(text, *tagged) == tagged


def test_a_full_name_in_spaced_brackets_ends_at_its_last_word():
    text = "The CPRE ( Campaign to Protect Rural England ) won."
    mentions = [("CPRE", ORGANIZATION), ("Campaign to Protect Rural", ORGANIZATION)]
    assert completed(text, *mentions)[1:] == [
        ("Campaign to Protect Rural England", ORGANIZATION),
    ]
