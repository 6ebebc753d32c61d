"""Links of organisations to listed companies, with the knowledge base of the repository."""

import pytest

from service.config.settings import KNOWLEDGE
from service.enrichment.article import Article
from service.enrichment.links import companies
from service.enrichment.links.company_names import read_company_name
from service.enrichment.links.linker import LEAST_COMPANY_CONFIDENCE, Linker
from tests.enrichment.links.test_linker import entity

LINKER = Linker(KNOWLEDGE)


def link(text, *names, alternatives=False, type="ORGANIZATION"):
    entities = [entity(text, name, type) for name in names]
    return LINKER.link(Article(text), entities, alternatives)


def ids(text, *names, type="ORGANIZATION"):
    return [e.links[0].id if e.links else None for e in link(text, *names, type=type)]


def test_a_company_has_its_ticker_exchange_isin_country_and_article():
    [found] = link("Shares in Vodafone Group plc rose.", "Vodafone Group plc")
    [vodafone] = found.links
    assert (vodafone.source, vodafone.id, vodafone.name) == ("pytickersymbols", "VOD.L", "Vodafone")
    assert (vodafone.ticker, vodafone.exchange, vodafone.country) == ("VOD", "XLON", "GB")
    assert vodafone.isin == "GB00BH4HKS39"
    assert vodafone.uri == "https://en.wikipedia.org/wiki/Vodafone"
    assert LEAST_COMPANY_CONFIDENCE <= vodafone.confidence <= 1
    assert vodafone.latitude is vodafone.feature is vodafone.admin1 is None


@pytest.mark.parametrize("run", ["A.", "Vodafone "])
def test_long_runs_of_capitals_take_linear_time(run):
    """Quadratic time, as of a pattern that begins at each capital, would be half an hour."""
    [found] = link(f"Vodafone Group plc fell. {run * 400_000}", "Vodafone Group plc")
    assert found.links


def test_longer_names_begin_at_a_capital_within_a_word():
    """Such as after a quotation mark or a prefix."""
    pairs = companies._pairs(Article("The ex-Gap Stores and 'Ford Motor & Co", "«Marks & Spencer"))
    assert pairs == {"Marks": {"Spencer"}, "Gap": {"Stores"}, "Ford": {"Motor"}, "Motor": {"Co"}}


@pytest.mark.parametrize(
    "text",
    [
        "{} won the derby on Sunday, the coach said.",
        "The {} of the campaign were young voters.",
        "{} marched through the town with flags and drums.",
    ],
)
@pytest.mark.parametrize(
    "name",
    ["Target", "Orange", "Shell", "Next", "Visa", "Sage", "Phoenix", "Ford", "Hershey", "BAT"],
)
def test_a_common_word_a_place_or_a_name_alone_is_no_company(text, name):
    assert ids(text.format(name), name) == [None]


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("Target Corp. opened a store.", "Target Corp.", "TGT"),
        ("Next plc opened a store.", "Next plc", "NXT.L"),
        ("Visa (NYSE: V) has moved.", "Visa", "V"),
        ("Shell (LON: SHEL) has moved.", "Shell", "SHELL.AS"),
        (
            "Shares in Orange fell after the company, a rival of Vodafone, reported lower sales.",
            "Orange",
            "ORA.PA",
        ),
    ],
)
def test_a_legal_form_a_ticker_or_words_of_business_are_evidence(text, name, expected):
    assert ids(text, name) == [expected]


def test_another_ticker_is_evidence_against_a_company():
    assert ids("Vodafone (VOD.L) fell.", "Vodafone") == ["VOD.L"]
    assert ids("Vodafone (IDEA.NS) fell.", "Vodafone") == [None]


def test_what_a_ticker_abbreviates_is_no_company():
    text = "Special Access Programs (SAP) are secret. SAP is secret."
    one = entity(text, "SAP", "ORGANIZATION")
    [found] = LINKER.link(
        Article(text), [type(one)(**{**vars(one), "name": "Special Access Programs"})]
    )
    assert found.links == ()


def test_a_name_within_a_longer_one_is_no_company():
    assert ids("The Ford Foundation gave money.", "Ford Foundation") == [None]
    business = "Kingfisher's profits and sales rose, the company said."
    assert ids(business, "Kingfisher") == ["KGF.L"]
    [alone, longer] = (
        link(text, "Kingfisher", alternatives=True)[0].links[0].confidence
        for text in (business, f"{business} A Kingfisher Airlines jet landed.")
    )
    assert longer < alone


def test_only_organisations_are_companies():
    for other in ("PERSON", "MISC", "PRODUCT", "FACILITY"):
        assert ids("Microsoft shares fell.", "Microsoft", type=other) == [None]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("J.P. Morgan", "JP Morgan"),
        ("Marks & Spencer", "Marks and Spencer Group plc"),
        ("The Coca-Cola Company", "Coca Cola"),
        ("Nestlé SA", "Nestle S.A."),
        ("Solvay N.V.", "Solvay"),
        ("Tiffany & Co.", "Tiffany"),
    ],
)
def test_spellings_of_one_name_have_one_key(one, other):
    assert read_company_name(one).key == read_company_name(other).key != ""


def test_a_legal_form_is_recognised_only_after_a_name():
    assert read_company_name("Gap Inc").legal_form
    assert not read_company_name("Berkeley Group").legal_form
    assert read_company_name("Company") == ("company", False)


def test_the_reason_of_an_absent_link():
    text = "Ann of the Zzyzx Institute left Springfield, and Target won."
    entities = [
        entity(text, "Ann", "PERSON"),
        entity(text, "Zzyzx Institute", "ORGANIZATION"),
        entity(text, "Springfield"),
        entity(text, "Target", "ORGANIZATION"),
    ]
    reasons = [found.links_reason for found in LINKER.link(Article(text), entities)]
    assert reasons == ["type not linked", "no entry", "not likely enough", "not likely enough"]
    [paris] = LINKER.link(Article("Paris is large."), [entity("Paris is large.", "Paris")])
    assert (len(paris.links), paris.links_reason) == (1, None)


def test_the_time_grows_linearly_with_the_article():
    names = [f"Target {number} Corp" for number in range(300)]
    text = "Target Corp sold shares. " * 2_000
    assert len(link(text, *names, "Target")) == 301
