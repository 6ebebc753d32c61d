import pytest

from service.enrichment.coreference.hyphens import trim_hyphens
from tests.enrichment.coreference.mentions import locate


def trim(*mentions: tuple[str, str]) -> list[tuple[str, str]]:
    text = " ".join(form for form, _ in mentions)
    names = trim_hyphens(locate(text, *mentions))
    assert [text[name.start : name.end] for name in names] == [name.text for name in names]
    return [(name.text, name.type) for name in names]


@pytest.mark.parametrize(
    ("mention", "trimmed"),
    [
        (("US-led", "NORP"), ("US", "LOCATION")),
        (("U.S.-brokered", "MISC"), ("U.S.", "LOCATION")),
        (("San Francisco-based", "NORP"), ("San Francisco", "LOCATION")),
        (("Saudi-backed", "NORP"), ("Saudi", "NORP")),
        (("Google-owned", "ORGANIZATION"), ("Google", "ORGANIZATION")),
        (("EU‑funded", "NORP"), ("EU", "ORGANIZATION")),
        (("pro-Russian", "NORP"), ("Russian", "NORP")),
        (("Anti-Israel", "NORP"), ("Israel", "LOCATION")),
        (("anti-North Korea", "NORP"), ("North Korea", "NORP")),
        (("ex-Chelsea", "ORGANIZATION"), ("Chelsea", "ORGANIZATION")),
        (("non-U.S.-based", "NORP"), ("U.S.", "LOCATION")),
    ],
)
def test_words_that_a_hyphen_joins_to_a_name_are_no_part_of_it(mention, trimmed):
    assert trim(mention) == [trimmed]


def test_what_remains_has_the_type_of_the_same_name_elsewhere():
    mentions = trim(("Obama-era", "NORP"), ("Barack Obama", "PERSON"), ("Fed-led", "NORP"))
    assert mentions == [("Obama", "PERSON"), ("Barack Obama", "PERSON"), ("Fed", "NORP")]


@pytest.mark.parametrize(
    "name",
    [
        "Kim Jong-un", "Port-au-Prince", "Newcastle-under-Lyme", "Asia-Pacific", "Guinea-Bissau",
        "T-Mobile", "X-Ray", "Pro-A", "Anti-Defamation League", "Trans-Pacific", "Coca-Cola",
        "web-based",
    ],
)  # fmt: skip
def test_other_hyphens_belong_to_names(name):
    assert trim((name, "LOCATION")) == [(name, "LOCATION")]
