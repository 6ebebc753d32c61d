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


@pytest.mark.parametrize(
    ("text", "end", "found"),
    [
        ("in Nairobi , Kenya today", 4, ["Nairobi", "Kenya"]),
        ("in Butte , Mont. , USA", 6, ["Butte", "Mont.", "USA"]),
        ("in Washington , D.C. today", 4, ["Washington , D.C."]),
        ("in Kosovska , today", 3, ["Kosovska ,"]),
        ("in London 's Gatwick", 4, ["London", "Gatwick"]),
        ("in New York ’s Central Park", 6, ["New York", "Central Park"]),
        ("in India 's Tamil Nadu", 5, ["India", "Tamil Nadu"]),
        ("in Martha 's Vineyard", 4, ["Martha 's Vineyard"]),
        ("in St James 's Park", 5, ["St James 's Park"]),
        ("in London 's west", 4, ["London"]),
        ("in Utrecht ( NL )", 4, ["Utrecht"]),
        ("in Utrecht ( NL )", 5, ["Utrecht ( NL )"]),
    ],
)
def test_a_place_and_the_one_it_lies_in_are_two(text, end, found):
    assert repair(text, (1, end, "LOCATION")) == found


def test_a_name_in_two_parts_is_joined():
    party = "ORGANIZATION"
    assert repair("the Lib Dems won", (1, 2, party), (2, 3, party)) == ["Lib Dems"]
    assert repair("the Lib Dems won", (1, 2, party), (2, 3, "MISC")) == ["Lib", "Dems"]


@pytest.mark.parametrize(
    ("text", "split", "type_", "found"),
    [
        ("Thai Muslims", 1, "NORP", ["Thai", "Muslims"]),
        ("Lib Dems", 1, "NORP", ["Lib Dems"]),
        ("troubled Acme", 1, "ORGANIZATION", ["Acme"]),
        ("black South African", 1, "NORP", ["South African"]),
        ("Ann ) Cole", 2, "PERSON", ["Ann )", "Cole"]),
    ],
)
def test_adjacent_names_that_are_not_one_stay_apart(text, split, type_, found):
    spans = (2, 2 + split, type_), (2 + split, 2 + len(text.split()), type_)
    assert repair(f"Today a {text} left", *spans) == found


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("press@acme.example", []),
        ("Budget_2026.pdf", []),
        ("minutes.docx", []),
        ("www.acme.example", []),
        ("Ann Cole ann.cole@acme.example", ["Ann Cole"]),
        ("Acme.com", ["Acme.com"]),
    ],
)
def test_addresses_and_files_are_no_names(name, found):
    assert repair(f"Write to {name} today", (2, 2 + len(name.split()), "PERSON")) == found


def test_a_number_after_a_person_is_no_index():
    text = "J. Russell 56 beat the Russell 2000"
    spans = (0, 2, "PERSON"), (5, 6, "MISC")
    assert repair(text, *spans) == ["J. Russell", "Russell 2000"]


@pytest.mark.parametrize(
    ("text", "span", "found"),
    [
        ("Mr Brown left", (0, 2, "PERSON"), ["Brown"]),
        ("Mr Brown left", (0, 1, "PERSON"), []),
        ("The onrushing Brown shot", (1, 3, "PERSON"), ["Brown"]),
        ("The US tycoon left", (1, 3, "LOCATION"), ["US"]),
        ("Ludwig van Beethoven", (1, 3, "PERSON"), ["van Beethoven"]),
        ("The van der Sars", (1, 4, "PERSON"), ["van der Sars"]),
        ("Tsai Ing - wen spoke", (0, 4, "PERSON"), ["Tsai Ing - wen"]),
        ("Tsai Ing - wen spoke", (0, 5, "PERSON"), ["Tsai Ing - wen"]),
        ("Golden Joystick awards", (0, 3, "MISC"), ["Golden Joystick awards"]),
        ("A sci-fi shooter", (1, 2, "MISC"), []),
        ("an iPod and 3com", (1, 2, "MISC"), ["iPod"]),
        ("joe biden met xi", (0, 2, "PERSON"), ["joe biden"]),
        ("joe biden won in 2020", (0, 2, "PERSON"), ["joe biden"]),
    ],
)
def test_words_that_are_not_part_of_a_name_are_trimmed(text, span, found):
    assert repair(text, span) == found


PERSON, ORGANIZATION, LOCATION = "PERSON", "ORGANIZATION", "LOCATION"


@pytest.mark.parametrize(
    ("text", "spans", "found"),
    [
        ("Ray “ Boom Boom ” Castro won", [(0, 1), (5, 6)], ["Ray “ Boom Boom ” Castro"]),
        ('Dwayne " The Rock " Johnson', [(0, 1), (5, 6)], ['Dwayne " The Rock " Johnson']),
        ("Edward ‘ Ted ’ Hughes won", [(0, 3), (4, 5)], ["Edward ‘ Ted ’ Hughes"]),
        ("Earvin ( “ Magic ” ) Johnson", [(0, 1), (6, 7)], ["Earvin ( “ Magic ” ) Johnson"]),
        ('Cole , " Bob , " Dee', [(0, 1), (6, 7)], ["Cole", "Dee"]),
        ('Cole " is no " Dee', [(0, 1), (5, 6)], ["Cole", "Dee"]),
        ("Robert Downey Sr. won", [(0, 2)], ["Robert Downey Sr."]),
        ("Cal Ripken , Jr. won", [(0, 2)], ["Cal Ripken , Jr."]),
        ("Henry Ford II won", [(0, 2)], ["Henry Ford II"]),
        ("Ann Cole Senior Adviser", [(0, 2)], ["Ann Cole"]),
    ],
)
def test_nicknames_and_generations_belong_to_a_person(text, spans, found):
    assert repair(text, *((first, last, PERSON) for first, last in spans)) == found


@pytest.mark.parametrize(
    ("text", "spans", "found"),
    [
        (
            "Devon and Cornwall Police said",
            [(0, 1, LOCATION), (2, 3, LOCATION)],
            ["Devon and Cornwall Police"],
        ),
        (
            "Avon and Somerset Police said",
            [(0, 1, ORGANIZATION), (2, 4, ORGANIZATION)],
            ["Avon and Somerset Police"],
        ),
        (
            "Sussex and Surrey Police said",
            [(0, 1, ORGANIZATION), (2, 4, ORGANIZATION)],
            ["Sussex and Surrey Police"],
        ),
        (
            "Kent and Essex Fire and Rescue Service came",
            [(0, 1, LOCATION), (2, 3, LOCATION)],
            ["Kent and Essex Fire and Rescue Service"],
        ),
        (
            "Leeds and Bradford NHS Foundation Trust Chairman Bob Dee",
            [(0, 1, LOCATION), (2, 3, LOCATION), (7, 9, PERSON)],
            ["Leeds and Bradford NHS Foundation Trust", "Bob Dee"],
        ),
        ("British Acme Ltd", [(0, 1, "MISC"), (1, 2, ORGANIZATION)], ["British", "Acme Ltd"]),
        ("Marks and Spencer said", [(0, 2, ORGANIZATION), (2, 3, PERSON)], ["Marks and Spencer"]),
        ("Smith & Wesson said", [(0, 1, PERSON), (2, 3, PERSON)], ["Smith & Wesson"]),
        ("Trinidad and Tobago won", [(0, 1, LOCATION), (2, 3, LOCATION)], ["Trinidad and Tobago"]),
        ("Ann Cole and Bob Dee won", [(0, 2, PERSON), (3, 5, PERSON)], ["Ann Cole", "Bob Dee"]),
        (
            "Interpol and Kent Police said",
            [(0, 1, ORGANIZATION), (2, 4, ORGANIZATION)],
            ["Interpol", "Kent Police"],
        ),
        ("Paris and London won", [(0, 1, LOCATION), (2, 3, LOCATION)], ["Paris", "London"]),
        (
            "between Leeds and Bradford Council",
            [(1, 2, LOCATION), (3, 5, ORGANIZATION)],
            ["Leeds", "Bradford Council"],
        ),
    ],
)
def test_names_around_and_are_one_where_they_share_a_head(text, spans, found):
    assert repair(text, *spans) == found


@pytest.mark.parametrize(
    ("text", "span", "found"),
    [
        ("Ms Nwosu left", (0, 2, ORGANIZATION), ("Nwosu", PERSON)),
        ("Ms Nwosu left", (1, 2, LOCATION), ("Nwosu", PERSON)),
        ("Cllr Hollis left", (0, 2, ORGANIZATION), ("Cllr Hollis", PERSON)),
        ("Acme Widgets Ltd left", (0, 2, PERSON), ("Acme Widgets Ltd", ORGANIZATION)),
        ("Acme Ltd left", (0, 1, LOCATION), ("Acme Ltd", ORGANIZATION)),
        (
            "Vestas Wind Systems A/S fell",
            (0, 2, ORGANIZATION),
            ("Vestas Wind Systems A/S", ORGANIZATION),
        ),
        ("Neste Oyj rose sharply", (0, 3, ORGANIZATION), ("Neste Oyj", ORGANIZATION)),
        ("Kent Police came", (0, 1, LOCATION), ("Kent Police", ORGANIZATION)),
    ],
)
def test_words_beside_a_name_decide_its_type(text, span, found):
    words = text.split()
    [repaired] = repair_spans([TaggedSpan(*span, 0.9)], words)
    assert (" ".join(words[repaired.first : repaired.last]), repaired.type) == found


@pytest.mark.parametrize(
    ("text", "span", "found"),
    [
        ("the Church of England said", (3, 4, LOCATION), "Church of England"),
        ("the Centre of London said", (3, 4, LOCATION), "London"),
        ("Parliament for Leeds North", (2, 4, LOCATION), "Leeds North"),
        (
            "the Campaign for Nuclear Disarmament",
            (3, 5, "MISC"),
            "Campaign for Nuclear Disarmament",
        ),
        ("the Child Support Agency said", (1, 3, ORGANIZATION), "Child Support Agency"),
        ("Police Scotland said", (1, 2, LOCATION), "Police Scotland"),
        ("the FTSE 100 fell", (1, 2, "MISC"), "FTSE 100"),
        ("the FTSE 20 points lower", (1, 2, "MISC"), "FTSE"),
        ("the Apollo 11 crew", (1, 2, "MISC"), "Apollo 11"),
        ("Ericsson AB fell", (0, 1, PERSON), "Ericsson AB"),
        ("USS Gerald R. Ford left", (1, 4, PERSON), "USS Gerald R. Ford"),
        ("the MV Dali sank", (2, 3, LOCATION), "MV Dali"),
    ],
)
def test_words_beside_a_name_that_belong_to_it(text, span, found):
    assert repair(text, span) == [found]


def test_a_college_includes_its_place_and_a_ship_whatever_is_tagged():
    spans = (0, 2, ORGANIZATION), (2, 3, LOCATION)
    assert repair("Imperial College London won", *spans) == ["Imperial College London"]
    spans = (0, 2, ORGANIZATION), (3, 4, LOCATION)
    assert repair("HMS Prince of Wales left", *spans) == ["HMS Prince of Wales"]
    assert repair("Slaughter and May advised") == ["Slaughter and May"]


@pytest.mark.parametrize(
    ("text", "spans", "found"),
    [
        ("James ( Jimmy ) Hoffa left", [(0, 1, PERSON), (2, 3, PERSON), (4, 5, PERSON)],
         ["James ( Jimmy ) Hoffa"]),
        ("Busch ( Ford ) Hamlin left", [(0, 1, PERSON), (2, 3, ORGANIZATION), (4, 5, PERSON)],
         ["Busch", "Ford", "Hamlin"]),
        ("Ann Cole ( BBC ) Dee left", [(0, 2, PERSON), (5, 6, PERSON)], ["Ann Cole", "Dee"]),
    ],
)  # fmt: skip
def test_a_nickname_in_brackets_is_part_of_a_name(text, spans, found):
    assert repair(text, *spans) == found


def test_a_name_goes_on_after_a_preposition():
    text = "Lloyd 's of London paid"
    assert repair(text, (0, 3, ORGANIZATION), (3, 4, LOCATION)) == ["Lloyd 's of London"]
    text = "Kia Motor Corp of Korea"
    assert repair(text, (0, 4, ORGANIZATION), (4, 5, LOCATION))[1:] == ["Korea"]


@pytest.mark.parametrize(
    ("first", "mark", "second", "type_"),
    [
        ("MISC", "'s", "MISC", "ORGANIZATION"),
        ("MISC", "’s", "PRODUCT", "ORGANIZATION"),
        ("MISC", "and", "MISC", "MISC"),
        ("NORP", "'s", "MISC", "NORP"),
        ("MISC", "'s", "PERSON", "MISC"),
    ],
)
def test_what_a_thing_belongs_to_is_an_organisation(first, mark, second, type_):
    spans = [TaggedSpan(0, 1, first, 0.9), TaggedSpan(2, 3, second, 0.9)]
    repaired = repair_spans(spans, ["Orpheon", mark, "Vexa"])
    assert [span.type for span in repaired] == [type_, second]


@pytest.mark.parametrize(
    ("text", "types", "found"),
    [
        ("Baxter v . Cole", ("PERSON", "PERSON"), ["Baxter v . Cole"]),
        ("Ohio v . Acme", ("LOCATION", "ORGANIZATION"), ["Ohio", "Acme"]),
        ("Ohio v . Acme , the court said", ("LOCATION", "ORGANIZATION"), ["Ohio v . Acme"]),
    ],
)
def test_the_parties_of_a_court_case_are_one_name(text, types, found):
    assert repair(f"In {text}", (1, 2, types[0]), (4, 5, types[1])) == found


@pytest.mark.parametrize(
    ("text", "end", "found"),
    [
        ("the Clean Water Act of 1972 failed", 4, "Clean Water Act of 1972"),
        ("the Clean Water Act of 1972 failed", 5, "Clean Water Act of 1972"),
        ("the Clean Water Act 1972 failed", 4, "Clean Water Act 1972"),
        ("the Clean Water Act of Ohio failed", 5, "Clean Water Act"),
        ("the Act of 1972 failed", 2, "Act"),
        ("the Clean Water Plan 1972 failed", 4, "Clean Water Plan"),
    ],
)
def test_a_law_has_its_year(text, end, found):
    assert repair(text, (1, end, "MISC")) == [found]


def test_a_trimmed_name_ends_behind_its_beginning():
    assert repair("user1 , Bob x", (0, 1, "PERSON")) == ["user1"]
    assert repair("the A2 and the b1 road", (4, 5, "LOCATION")) == ["b1"]
