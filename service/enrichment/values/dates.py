"""Dates: the days, weeks, months, years and ranges that a text names, as ISO 8601."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from service.enrichment.bounds import Check, no_check
from service.enrichment.values.date_grammar import DateExpression, date_expressions
from service.enrichment.values.date_names import names_year
from service.enrichment.values.date_values import resolve, weekdays
from service.enrichment.values.periods import Period, week

_JOINT = re.compile(r"\s?[-–—]\s?|\s(?:to|through|until|till|and)\s")
_BETWEEN = re.compile(r"\b[Bb]etween\s\Z")
_LONGEST_JOINT = len(" through ")
_WEEK_OF = re.compile(r"\bweek\s(?:of|beginning|starting)\s(?:the\s)?\Z")
_PRECISION = {
    **dict.fromkeys(("iso", "num", "mdy", "dmy"), "day"),
    **dict.fromkeys(("my", "m"), "month"),
    "y": "year",
    "wd": "weekday",
}
"""The forms that may be the ends of a range, which have to be of one precision."""


def find_dates(
    text: str, published: date | None, check: Check = no_check
) -> Iterator[tuple[int, int, str | None]]:
    """The dates in a text, in order, without overlap.

    Args:
        text: of any length.
        published: the day of publication, which relative dates refer to.
        check: called now and then. Its exceptions propagate.

    Yields:
        First code point, one past the last, and the ISO 8601 value: a day, a month, a year, or the
        first and the last of a range after a slash. The value is ``None`` where the text leaves it
        open, and for relative dates if ``published`` is ``None``.
    """
    held: DateExpression | None = None
    for found in date_expressions(text, check):
        plain_year = found.form == "y" and "p" not in found.groups
        if plain_year and names_year(text, found.start, found.end, published):
            continue
        if held is not None:
            if period := _range(held, found, published):
                yield held.start, found.end, str(period)
                held = None
                continue
            yield _single(held, published)
        held = found
    if held is not None:
        yield _single(held, published)


def _single(found: DateExpression, published: date | None) -> tuple[int, int, str | None]:
    period = resolve(found, published)
    if period and _WEEK_OF.search(found.text, max(0, found.start - 30), found.start):
        period = week(period.first)
    return found.start, found.end, str(period) if period else None


def _range(first: DateExpression, last: DateExpression, published: date | None) -> Period | None:
    """The range between two expressions; ``None`` if they are not the ends of one."""
    if last.start - first.end > _LONGEST_JOINT:
        return None
    between = first.text[first.end : last.start]
    precision = _PRECISION.get(first.form)
    if not _JOINT.fullmatch(between) or not precision or precision != _PRECISION.get(last.form):
        return None
    opened = _BETWEEN.search(first.text, max(0, first.start - 10), first.start) is not None
    if ("and" in between) != opened:
        return None
    ends = replace(last, range_start=first.start)
    if precision == "weekday":
        return weekdays(first, ends, published)
    # "through June" and "until June" are no later than the rest of their sentence.
    end = resolve(ends, published)
    if end is None:
        return None
    begin = resolve(first, published, end.first.year)
    if begin and begin.first > end.last:
        begin = resolve(first, published, end.first.year - 1)
    return begin.until(end) if begin else None
