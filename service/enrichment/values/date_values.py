"""The values of dates: the periods that they name, seen from the day of publication."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import cast

from service.enrichment.values.date_grammar import (
    DECADES,
    MONTHS,
    ORDINALS,
    DateExpression,
)
from service.enrichment.values.numbers import WORDS
from service.enrichment.values.periods import (
    WEEKDAYS,
    Part,
    Period,
    a_day,
    days,
    months,
    part_of,
    quarter,
    season,
    week,
    weekend,
    years,
)

_SHORT_WEEKDAYS = [weekday[:3] for weekday in WEEKDAYS]
_ANNOUNCED = timedelta(days=14)
"""How far ahead of publication a day without a year may be where no word speaks of the future."""

_LATEST_CENTURY = 2000
"""The 1900s are a century, the 2000s so far a decade."""

_SHIFT = {"last": -1, "this": 0, "next": 1}


def resolve(
    found: DateExpression, published: date | None, year: int | None = None
) -> Period | None:
    """The period that an expression names; ``None`` if it is ambiguous.

    Args:
        found: an expression.
        published: the day of publication; without it, relative expressions have none.
        year: of an expression that names none.
    """
    if found.is_fiscal:
        return None
    try:
        period = _RESOLVERS[found.form](found, published, year)
        part = cast("Part | None", found.groups.get("p", "").lower() or None)
        return part_of(period, part) if period and part else period
    except (ValueError, OverflowError):  # before year 1 or after 9999
        return None


def _year_of(found: DateExpression, published: date | None, year: int | None) -> int | None:
    """The year that an expression names, as a number or as "last year"."""
    if "y" in found.groups:
        return int(found.groups["y"])
    if "r" in found.groups:
        which = found.groups["r"].split()[-2]  # "last year", "of this year"
        return published.year + _SHIFT[which] if published else None
    return year


def _month(name: str) -> int:
    return 1 + next(i for i, month in enumerate(MONTHS) if month[:3] == name[:3].lower())


def _digits(text: str) -> int:
    """The number at the beginning of "3rd"."""
    return int(text.rstrip("stndrh "))


def _without_year(
    candidates: Iterable[Period | None], published: date, ahead: bool
) -> Period | None:
    """The candidate that a text means which leaves out the year.

    It is the latest one up to two weeks after publication, or the next one if the text speaks of
    the future.
    """
    known = [period for period in candidates if period]
    if ahead:
        return min((p for p in known if p.last >= published), key=_first_day, default=None)
    latest = published + _ANNOUNCED
    return max((p for p in known if p.first <= latest), key=_first_day, default=None)


def _first_day(period: Period) -> date:
    return period.first


def _iso(found: DateExpression, published: date | None, year: int | None) -> Period | None:
    return a_day(*(int(found.groups[name]) for name in "ymd"))


def _numeric(found: DateExpression, published: date | None, year: int | None) -> Period | None:
    """Day and month, of which only one above 12, or both the same, reveal the order."""
    a, b, full = (int(found.groups[name]) for name in "aby")
    full += 0 if full > 99 else 2000 if full < 70 else 1900
    if a > 12 or a == b:
        return a_day(full, b, a)
    return a_day(full, a, b) if b > 12 else None


def _day(found: DateExpression, published: date | None, year: int | None) -> Period | None:
    month = _month(found.groups["m"])
    first = _digits(found.groups["d"])
    last = _digits(found.groups.get("e", found.groups["d"]))

    def in_year(number: int) -> Period | None:
        begin, end = a_day(number, month, first), a_day(number, month, last)
        return begin.until(end) if begin and end else None

    named = _year_of(found, published, year)
    if named is not None:
        return in_year(named)
    if published is None or "r" in found.groups:
        return None
    near = [in_year(published.year + i) for i in (-1, 0, 1)]
    beginning = found.text[found.start : found.end].lower().removeprefix("this ")[:3]
    if beginning in _SHORT_WEEKDAYS:  # of the years around publication, it fits one at most
        weekday = _SHORT_WEEKDAYS.index(beginning)
        for period in near:
            if period and period.first.weekday() == weekday:
                return period
    return _without_year(near, published, found.ahead)


def _month_of_year(
    found: DateExpression, published: date | None, year: int | None
) -> Period | None:
    month, named = _month(found.groups["m"]), _year_of(found, published, year)
    if named is not None:
        return months(named, month)
    if published is None or "r" in found.groups:
        return None
    which = found.groups.get("w", "").lower()
    if which == "this":
        return months(published.year, month)
    if which:
        passed = month >= published.month if which == "last" else month > published.month
        return months(published.year - passed + (which == "next"), month)
    near = [months(published.year + i, month) for i in (-1, 0, 1)]
    return _without_year(near, published.replace(day=1), found.ahead)


def _weekday(found: DateExpression, published: date | None, year: int | None) -> Period | None:
    if published is None or "s" in found.groups:
        return None
    which = found.groups.get("w", "").lower()
    index = WEEKDAYS.index(found.groups["d"].lower())
    back, forth = (published.weekday() - index) % 7, (index - published.weekday()) % 7
    if which == "next":
        return days(published + timedelta(days=forth or 7))
    if which == "last":
        return days(published - timedelta(days=back or 7))
    ahead = which == "this" or found.ahead
    return days(published + timedelta(days=forth if ahead else -back))


def weekdays(first: DateExpression, last: DateExpression, published: date | None) -> Period | None:
    """The days from one weekday to the next other one, in one week or over a weekend."""
    if "s" in first.groups or "s" in last.groups:
        return None
    begin, end = (WEEKDAYS.index(found.groups["d"].lower()) for found in (first, last))
    length = (end - begin) % 7 or 7
    if "w" in first.groups or ("w" not in last.groups and first.ahead):
        known = _weekday(first, published, None)
        return known and days(known.first, length + 1)
    known = _weekday(last, published, None)
    return known and days(known.first - timedelta(days=length), length + 1)


def _years(found: DateExpression, published: date | None, year: int | None) -> Period | None:
    first, digits = int(found.groups["a"]), found.groups["b"]
    last = int(str(first)[: 4 - len(digits)] + digits)
    if last < first and len(digits) == 2:  # "1999-00"
        last += 100
    return years(first, last) if first <= last else None


def _decade(found: DateExpression, published: date | None, year: int | None) -> Period | None:
    if "y" in found.groups:
        first = int(found.groups["y"])
    elif "s" in found.groups:
        first = 1900 + int(found.groups["s"])
    else:
        first = 1920 + 10 * DECADES.index(found.groups["w"].lower())
    if first % 100 == 0 and first < _LATEST_CENTURY:
        return years(first, first + 99)
    return years(first, first + 9)


def _century(found: DateExpression, published: date | None, year: int | None) -> Period | None:
    number = found.groups.get("n")
    count = int(number) if number else ORDINALS.index(found.groups["o"]) + 1
    return years(max(1, 100 * count - 99), 100 * count)


def _ordinal(found: DateExpression) -> int:
    text = found.groups.get("n") or found.groups.get("k") or found.groups["o"]
    return int(text[0]) if text[0].isdigit() else ORDINALS.index(text.lower()) + 1


def _quarter(found: DateExpression, published: date | None, year: int | None) -> Period | None:
    named, number = _year_of(found, published, year), _ordinal(found)
    if named is not None:
        return quarter(named, number)
    if published is None or "r" in found.groups:
        return None
    if found.ahead:
        near = [quarter(published.year + i, number) for i in (0, 1)]
        return next(period for period in near if period.last >= published)
    near = [quarter(published.year + i, number) for i in (0, -1)]
    return next(period for period in near if period.first <= published)


def _half(found: DateExpression, published: date | None, year: int | None) -> Period | None:
    named = _year_of(found, published, year)
    return months(named, 6 * _ordinal(found) - 5, 6) if named is not None else None


def _season(found: DateExpression, published: date | None, year: int | None) -> Period | None:
    name = (found.groups.get("n") or found.groups["m"]).lower()
    if "m" in found.groups:
        named = _year_of(found, published, year)
        # A winter of one year may begin or end in it.
        return season(named, name) if named is not None and name != "winter" else None
    if published is None:
        return None
    which = found.groups["w"].lower()
    near = [season(published.year + i, name) for i in range(-2, 3)]
    if which == "last":
        return max((p for p in near if p.last < published), key=lambda p: p.first)
    if which == "next":
        return min((p for p in near if p.first > published), key=lambda p: p.first)
    return next(p for p in near if p.last >= published or p.last.year == published.year)


def _relative(found: DateExpression, published: date | None, year: int | None) -> Period | None:
    if published is None:
        return None
    shift, unit = _SHIFT[found.groups["w"].lower()], found.groups["u"]
    if unit in ("week", "weekend"):
        day = published + timedelta(days=7 * shift)
        return week(day) if unit == "week" else weekend(day)
    if unit == "month":
        return months(published.year, published.month + shift)
    if unit == "quarter":
        return quarter(published.year, (published.month + 2) // 3 + shift)
    length = {"year": 1, "decade": 10, "century": 100}[unit]
    first = published.year + shift
    if unit == "decade":
        first = published.year // 10 * 10 + 10 * shift
    elif unit == "century":
        first = (published.year - 1) // 100 * 100 + 1 + 100 * shift
    return years(first, first + length - 1)


def _ago(found: DateExpression, published: date | None, year: int | None) -> Period | None:
    if published is None:
        return None
    number, unit = found.groups["n"].lower(), found.groups["u"]
    count = int(number) if number.isdigit() else int(WORDS[number])
    match unit:
        case "day":
            return days(published - timedelta(days=count))
        case "week":
            return week(published - timedelta(days=7 * count))
        case "month":
            return months(published.year, published.month - count)
        case "year":
            return years(published.year - count)
    return years(published.year - 10 * count)


def _now(found: DateExpression, published: date | None, year: int | None) -> Period | None:
    if published is None:
        return None
    words = found.groups["w"].lower().split()
    shift = {"yesterday": -1, "tomorrow": 1, "last": -1}.get(words[0] if len(words) < 4 else "", 0)
    if len(words) > 3:
        shift = -2 if words[-1] == "yesterday" else 2
    return days(published + timedelta(days=shift))


def _year(found: DateExpression, published: date | None, year: int | None) -> Period | None:
    return years(int(found.groups["y"]))


_RESOLVERS: dict[str, Callable[[DateExpression, date | None, int | None], Period | None]] = {
    "iso": _iso,
    "num": _numeric,
    "mdy": _day,
    "dmy": _day,
    "my": _month_of_year,
    "m": _month_of_year,
    "wd": _weekday,
    "yy": _years,
    "dec": _decade,
    "dw": _decade,
    "cen": _century,
    "q": _quarter,
    "h": _half,
    "sea": _season,
    "rel": _relative,
    "ago": _ago,
    "now": _now,
    "y": _year,
}
