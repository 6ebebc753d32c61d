import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.enrichment.values.money import find_money
from service.enrichment.values.numbers import parse_number
from tests.enrichment.texts import texts


def money(text):
    return [
        (text[start:end], value and (value.amount, value.currency))
        for start, end, value in find_money(text)
    ]


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("$3.5 billion", 3_500_000_000, "USD"),
        ("€20m", 20_000_000, "EUR"),
        ("£1.2bn", 1_200_000_000, "GBP"),
        ("$175-million", 175_000_000, "USD"),
        ("50 million yuan", 50_000_000, "CNY"),
        ("100 Japanese yen", 100, "JPY"),
        ("Rs 500 crore", 5_000_000_000, "INR"),
        ("₹ 70 lakhs", 7_000_000, "INR"),
        ("1,50,000 rupees", 150_000, "INR"),
        ("US$7", 7, "USD"),
        ("HK $20", 20, "HKD"),
        ("A$3m", 3_000_000, "AUD"),
        ("$5 million Canadian", 5_000_000, "CAD"),
        ("5 Hong Kong dollars", 5, "HKD"),
        ("26.2 trillion U.S. dollars", 26_200_000_000_000, "USD"),
        ("3,5 Mio. Euro", 3_500_000, "EUR"),
        ("20 €", 20, "EUR"),
        ("USD 20 million", 20_000_000, "USD"),
        ("500 EUR", 500, "EUR"),
        ("Dh 2,400", 2400, "AED"),
        ("R120 000", 120_000, "ZAR"),
        ("half a million dollars", 500_000, "USD"),
        ("a quarter of a million pounds", 250_000, "GBP"),
        ("three quarters of a billion euros", 750_000_000, "EUR"),
        ("a dollar", 1, "USD"),
        ("five Swiss francs", 5, "CHF"),
        ("46-cent", 0.46, "USD"),
        ("10.75p", 0.1075, "GBP"),
        ("99 pence", 0.99, "GBP"),
        ("$1,234.56", 1234.56, "USD"),
        ("2 million pounds", 2_000_000, "GBP"),
        ("3 trillion won", 3_000_000_000_000, "KRW"),
        ("300 pesos", 300, None),
        ("300 Mexican pesos", 300, "MXN"),
        ("$5-10 million", None, "USD"),
        ("£2m-£2.5m", None, "GBP"),
        ("€3.1bn–4bn", None, "EUR"),
        ("250-300 rupees", None, "INR"),
        ("€1\u00a0234", 1234, "EUR"),
        ("€12\u202f345\u2009678", 12_345_678, "EUR"),
        ("£3m-£4.5m", None, "GBP"),
        ("€2.1bn–€2.3bn", None, "EUR"),
        ("$7m - $9m", None, "USD"),
        ("US$6 million-$8 million", None, "USD"),
        ("Rs 3 crore-Rs 4 crore", None, "INR"),
        ("£6m-7m", None, "GBP"),
        ("3 million to 4 million euros", None, "EUR"),
        ("15p-20p", None, "GBP"),
        ("30€-40€", None, "EUR"),
        ("tens of billions of dollars", None, "USD"),
        ("millions of taxpayer dollars", None, "USD"),
        ("multi-billion-dollar", None, "USD"),
    ],
)
def test_amounts_and_currencies(text, amount, currency):
    assert money(f"It cost {text}.") == [(text, (amount, currency))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from $5 million to $10 million", ["$5 million", "$10 million"]),
        ("about $10m (£7.7m)", ["$10m", "£7.7m"]),
        ("$10m - £7.7m", ["$10m", "£7.7m"]),
        ("$3m - 20 people won it", ["$3m"]),
        ("A $20 note", ["$20"]),
        ("a USD 1.5 million bail", ["USD 1.5 million"]),
        ("from 2019 to 147 trillion rupiah", ["147 trillion rupiah"]),
        ("£20,000-a-year job", ["£20,000"]),
        ("$5m's worth", ["$5m"]),
        ("several pesos", []),
    ],
)
def test_where_an_amount_begins_and_ends(text, found):
    assert [span for span, _ in money(text)] == found


@pytest.mark.parametrize(
    "text",
    [
        "COP 27", "TOP 10", "N95 masks", "1080p video", "200 pounds of beef", "12 won medals",
        "Euro 2004", "the dollar fell", "50 Cent sang", "5 percent", "$", "3 real reasons",
        "the 100m gold",
    ],
)  # fmt: skip
def test_what_only_looks_like_money_is_none(text):
    assert money(text) == []


def test_an_amount_that_nobody_has_is_no_amount():
    assert money("$999,999,999 trillion") == [("$999,999,999 trillion", (None, "USD"))]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,234", 1234), ("1.234", 1.234), ("1.234.567", 1234567), ("1,234.5", 1234.5),
        ("1.234,5", 1.2345e3), ("3,5", 3.5), ("13 500", 13500), ("1,50,000", 150000), ("007", 7),
    ],
)  # fmt: skip
def test_separators_of_thousands_and_decimals(text, number):
    assert float(parse_number(text)) == number


@given(texts | st.text("$€US5,. 01mbnilotsdrarecp-\n"))
def test_any_text_gives_spans_in_order(text):
    at = 0
    for start, end, value in find_money(text):
        assert at <= start < end <= len(text)
        assert value is None or value.currency is None or len(value.currency) == 3
        at = end
