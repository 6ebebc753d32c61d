"""Dates and amounts together, in whole articles."""

from datetime import date

import pytest
from hypothesis import given

from service.enrichment.article import Article
from service.enrichment.bounds import BoundExceeded, Bounds
from service.enrichment.types import Money
from service.enrichment.values.finder import find_values
from tests.enrichment.steps import StepTimer, excessive_growth
from tests.enrichment.texts import texts

SHAPES = [
    "$1 ", "1 ", "1,", "1 000 ", "$5-5 ", "5 to 5 ", "5p ", "a few hundred million ", "US $",
    "tens of billions of ", "Monday ", "May 5 ", "1999 ", "1999-", "1999 to ", "early ", "Q3 ",
    "between 1999 and ", "three years ", "Mon, Jan ", "'", "’90s ", "the day before ", "half a ",
    "January 5, 2019 to January 6, 2019 ", "will by May ", "١٢٣ ", "\n", "1600 Aaaa Aaaa ",
    "meets in May, and would be held ",
]  # fmt: skip
_CHARACTERS = 3000


class Stopped(Exception):
    pass


def test_values_come_in_order_title_first():
    article = Article("It paid $5m on 3 May 2021.", title="Acme to pay $5m", published=None)
    assert [(v.section, v.type, v.start, v.end, v.text, v.value) for v in find_values(article)] == [
        ("title", "MONEY", 12, 15, "$5m", Money(5_000_000, "USD")),
        ("text", "MONEY", 8, 11, "$5m", Money(5_000_000, "USD")),
        ("text", "DATE", 15, 25, "3 May 2021", "2021-05-03"),
    ]


def test_an_amount_of_money_is_no_year():
    (value,) = find_values(Article("It cost 2019 dollars."))
    assert (value.type, value.text) == ("MONEY", "2019 dollars")


@given(texts, texts)
def test_values_cut_out_their_text_and_do_not_overlap(title, text):
    article = Article(text, title=title, published=date(2024, 3, 15))
    values = find_values(article)
    at = {"title": 0, "text": 0}
    for value in values:
        section = title if value.section == "title" else text
        assert at[value.section] <= value.start < value.end
        assert section[value.start : value.end] == value.text
        at[value.section] = value.end
    assert values == find_values(article)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_work_for_a_hostile_text_grows_with_its_length(shape):
    def work(length):
        article = Article((shape * _CHARACTERS)[:length] + " end", published=date(2024, 3, 15))
        timer = StepTimer()
        timer.count(lambda: find_values(article))
        return timer

    work(_CHARACTERS)  # fills caches
    assert not excessive_growth(work(_CHARACTERS), work(2 * _CHARACTERS))


def test_an_article_with_too_many_values_is_rejected():
    with pytest.raises(BoundExceeded) as error:
        find_values(Article("$1 $2 $3"), Bounds(values=2))
    assert (error.value.unit, error.value.bound) == ("values", 2)


def test_a_long_search_without_matches_can_be_stopped():
    calls = 0

    def check():
        nonlocal calls
        calls += 1
        if calls > 5:
            raise Stopped

    with pytest.raises(Stopped):
        find_values(Article("1 " * 200_000), check=check)
