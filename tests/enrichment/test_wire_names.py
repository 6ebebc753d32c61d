import pytest

from service.enrichment.bio import TaggedSpan
from service.enrichment.wire_names import repair_wire_names
from service.enrichment.words import split_words


def repaired(text, *tagged):
    """The names that are left of the tagged ones, each given as ``TYPE name``."""
    words = [text[start:end] for start, end in split_words(text)]
    spans = []
    for name in tagged:
        type_, _, form = name.partition(" ")
        parts = [form[start:end] for start, end in split_words(form)]
        first = next(i for i in range(len(words)) if words[i : i + len(parts)] == parts)
        spans.append(TaggedSpan(first, first + len(parts), type_, 0.9))
    return [
        f"{span.type} {' '.join(words[span.first : span.last])}"
        for span in repair_wire_names(spans, words)
    ]


@pytest.mark.parametrize(
    ("text", "tagged"),
    [
        ("14:05 GMT - they left", "MISC GMT"),
        ("It began at 9 BST on Monday", "MISC BST"),
        ("It began at 9:01 AM on Monday", "PERSON AM"),
        ("It began at 7 p.m. ET on Monday", "ORGANIZATION ET"),
        ("URGENT: they left", "MISC URGENT"),
        ("URGENT they left", "MISC URGENT"),
        ("Top stories", "MISC Top stories"),
        ("Read more: they left", "PERSON Read more"),
        ("Breaking News - they left", "MISC Breaking News"),
        ("Related", "ORGANIZATION Related"),
        ("BREAKING NEWS: IT RAINED", "MISC BREAKING NEWS"),
        ("He said Thursday that it rained", "MISC Thursday"),
        ("She (D-Calif.) left", "PERSON D-Calif"),
        ("She, R-N.Y., left", "ORGANIZATION R-N.Y."),
        ("He (I-VT) left", "MISC I-VT"),
        ("Boeing (BA.N) rose", "ORGANIZATION BA.N"),
        ("Embraer (EMBR3.SA) rose", "ORGANIZATION EMBR3"),
        ("Ford (F.N) rose", "LOCATION N"),
        ("Ford (NYSE: F) rose", "ORGANIZATION NYSE"),
        ("Ford (NYSE: F) rose", "LOCATION F"),
        ("the index (.IXIC) rose", "MISC IXIC"),
        ("Mr. President, we object", "PERSON President"),
        ("Madam Speaker, we object", "PERSON Madam Speaker"),
    ],
)
def test_time_zones_slugs_labels_and_roles_are_no_names(text, tagged):
    assert repaired(text, tagged) == []


@pytest.mark.parametrize(
    ("text", "tagged"),
    [
        ("Snap rose by a tenth", "ORGANIZATION Snap"),
        ("They watched ET again", "MISC ET"),
        ("They watched The Flash again", "MISC The Flash"),
        ("The Gmt family left", "PERSON Gmt family"),
        ("On June 6, D-Day, they landed", "MISC D-Day"),
        ("Eli Lilly (LLY) rose", "ORGANIZATION LLY"),
        ("Mr Bishop left", "PERSON Bishop"),
        ("Black Friday is near", "MISC Black Friday"),
        ("Mr President Biden left", "PERSON President Biden"),
    ],
)
def test_names_that_only_resemble_them_stay(text, tagged):
    assert repaired(text, tagged) == [tagged]


@pytest.mark.parametrize("name", ["Fine Gael", "Der Spiegel", "Le Figaro", "Plaid Cymru"])
def test_known_newspapers_and_parties_are_no_persons(name):
    assert repaired(f"{name} won", f"PERSON {name}") == [f"ORGANIZATION {name}"]


@pytest.mark.parametrize(
    ("text", "tagged", "left"),
    [
        (
            "ECB'S LAGARDE SAYS RATES WILL FALL",
            "ORGANIZATION LAGARDE",
            ["PERSON LAGARDE"],
        ),
        (
            "Quake hits off Fukushima - NHK",
            "LOCATION NHK",
            ["ORGANIZATION NHK"],
        ),
        ("14:05 GMT Sterling slips", "MISC GMT Sterling", ["MISC Sterling"]),
        ("At 9 am ET Tesco rose", "ORGANIZATION ET Tesco", ["ORGANIZATION Tesco"]),
        ("They saw ET Phone Home", "MISC ET Phone Home", ["MISC ET Phone Home"]),
        ("LIMA (AP) — They left", "LOCATION AP", ["ORGANIZATION AP"]),
        ("They left Reading (PA) again", "LOCATION PA", ["LOCATION PA"]),
        (
            "JIJI: ISHIBA TO RESIGN",
            "PERSON ISHIBA",
            ["ORGANIZATION JIJI", "PERSON ISHIBA"],
        ),
        (
            "SAMSUNG PROFIT UP - YONHAP",
            "ORGANIZATION SAMSUNG",
            ["ORGANIZATION SAMSUNG", "ORGANIZATION YONHAP"],
        ),
        (
            "NHK TOKYO ELECTRIC SAYS LEAK FOUND",
            "ORGANIZATION NHK TOKYO ELECTRIC",
            ["ORGANIZATION NHK", "ORGANIZATION TOKYO ELECTRIC"],
        ),
        (
            "BANK OF JAPAN RAISES RATES - KYODO",
            "PERSON KYODO",
            ["ORGANIZATION KYODO"],
        ),
        ("WINS 54 PCT TAKAICHI", "PERSON PCT TAKAICHI", ["PERSON TAKAICHI"]),
        (
            "TOLD ISHIBA KYODO NEWS",
            "PERSON ISHIBA KYODO NEWS",
            ["PERSON ISHIBA", "ORGANIZATION KYODO NEWS"],
        ),
        (
            "REUTERS: LEE WINS",
            "PERSON REUTERS",
            ["ORGANIZATION REUTERS"],
        ),
        (
            "BANK OF ENGLAND'S BAILEY SAYS RATES WILL FALL",
            "ORGANIZATION BANK OF ENGLAND'S BAILEY",
            ["ORGANIZATION BANK OF ENGLAND", "PERSON BAILEY"],
        ),
        (
            "URGENT BANK OF JAPAN RAISES RATES",
            "ORGANIZATION URGENT BANK OF JAPAN",
            ["ORGANIZATION BANK OF JAPAN"],
        ),
        (
            "URGENT Bank of Japan raises rates",
            "ORGANIZATION URGENT Bank of Japan",
            ["ORGANIZATION Bank of Japan"],
        ),
        (
            "SHARES OF MCDONALD'S HOLDINGS ROSE",
            "ORGANIZATION MCDONALD'S HOLDINGS",
            ["ORGANIZATION MCDONALD 'S HOLDINGS"],
        ),
    ],
)
def test_alerts_keep_names_agencies_and_units_apart(text, tagged, left):
    assert repaired(text, tagged) == left


@pytest.mark.parametrize(
    ("text", "name", "type_"),
    [
        ("ABERDEEN, Scotland, 3 May /PRNewswire/ -- It rained", "ABERDEEN", "LOCATION"),
        ("ROMA (AP) — It rained", "ROMA", "LOCATION"),
        ("TESCO, the grocer, rose", "TESCO", "ORGANIZATION"),
        ("TESCO (London) rose", "TESCO", "ORGANIZATION"),
    ],
)
def test_capitals_at_the_beginning_of_a_dateline_name_a_place(text, name, type_):
    assert repaired(text, f"ORGANIZATION {name}") == [f"{type_} {name}"]


def test_the_place_of_a_dateline_is_a_name_of_its_own():
    text = "PORT HARE - Zanu PF met"
    places = ["LOCATION PORT HARE", "ORGANIZATION Zanu PF"]
    assert repaired(text, "ORGANIZATION PORT HARE - Zanu PF") == places
    whole = "ORGANIZATION ACME - BOLT"
    assert repaired("ACME - BOLT met", whole) == [whole]


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("Oxmoor (VWS.CO) rose", "ORGANIZATION"),
        ("Oxmoor (LON: VWS) rose", "ORGANIZATION"),
        ("Oxmoor (.VWS) rose", "LOCATION"),
        ("Oxmoor (Denmark) rose", "LOCATION"),
    ],
)
def test_what_has_shares_is_an_organisation(text, type_):
    assert repaired(text, "LOCATION Oxmoor") == [f"{type_} Oxmoor"]


@pytest.mark.parametrize(
    "text", ["the United Nations (U.N) met", "BA.N rose (in London)", "(BA.N rose"]
)
def test_what_only_resembles_the_code_of_a_security_stays(text):
    assert repaired(text, f"ORGANIZATION {'U.N' if 'U.N' in text else 'BA.N'}")
