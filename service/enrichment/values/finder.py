"""The values in an article: its dates and its amounts of money."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from heapq import merge
from operator import attrgetter

from service.enrichment.article import Article
from service.enrichment.bounds import Bounds, Check, no_check
from service.enrichment.hyphenation import join_lines
from service.enrichment.types import Section, Value
from service.enrichment.values.dates import find_dates
from service.enrichment.values.money import find_money

LANGUAGE = "en"
"""The language of the texts in which values are found; ISO 639-1."""


def find_values(
    article: Article, bounds: Bounds | None = None, check: Check = no_check
) -> tuple[Value, ...]:
    """The dates and the amounts of money in an English article.

    The time is linear in the length of the article.

    Args:
        article: of any length.
        bounds: most values; none by default.
        check: called now and then. Its exceptions propagate.

    Returns:
        In order, title first, without overlap.

    Raises:
        BoundExceeded: the article has too many values.
    """
    sections: tuple[tuple[Section, str], ...] = (
        ("title", article.title or ""),
        ("text", article.text),
    )
    found: list[Value] = []
    for section, text in sections:
        for value in _in_section(section, text, article.published, check):
            if not found or found[-1].section != section or value.start >= found[-1].end:
                found.append(value)
                if bounds:
                    bounds.check_values(len(found))
    return tuple(found)


def _in_section(
    section: Section, text: str, published: date | None, check: Check
) -> Iterator[Value]:
    """The values of both types by where they start; of two that start together, money first."""
    joined = join_lines(text)

    def located(start: int, end: int) -> tuple[Section, int, int, str]:
        start, end = joined.original_span(start, end)
        return section, start, end, text[start:end]

    money = (
        Value("MONEY", *located(start, end), value)
        for start, end, value in find_money(joined.text, check)
    )
    dates = (
        Value("DATE", *located(start, end), value)
        for start, end, value in find_dates(joined.text, published, check)
    )
    return merge(money, dates, key=attrgetter("start"))
