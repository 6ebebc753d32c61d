"""Periods: days, months and years, and ranges of them, with their ISO 8601 form."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
Part = Literal["early", "mid", "late"]

_DAY = timedelta(days=1)
_MONTHS = {"early": (1, 4), "mid": (5, 8), "late": (9, 12)}
_DAYS = {"early": (1, 10), "mid": (11, 20), "late": (21, 31)}
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}


@dataclass(frozen=True)
class Period:
    """A stretch of days.

    Attributes:
        first: day.
        last: day, part of the period.
        unit: precision in which the period was named.
    """

    first: date
    last: date
    unit: Literal["day", "month", "year"]

    def __str__(self) -> str:
        """ISO 8601: one day, month or year, or the first and the last of a range after a slash."""
        digits = {"day": 10, "month": 7, "year": 4}[self.unit]
        first, last = self.first.isoformat()[:digits], self.last.isoformat()[:digits]
        return first if first == last else f"{first}/{last}"

    def until(self, other: Period) -> Period | None:
        """From the start of this period to the end of another; ``None`` if that ends before."""
        if other.last < self.first:
            return None
        finer = min(self.unit, other.unit, key=("day", "month", "year").index)
        return Period(self.first, other.last, finer)


def a_day(year: int, month: int, day: int) -> Period | None:
    """One day; ``None`` if there is no such day."""
    if not 1 <= month <= 12 or not 1 <= day <= monthrange(year, month)[1]:
        return None
    return days(date(year, month, day))


def days(first: date, count: int = 1) -> Period:
    """Days in a row."""
    return Period(first, first + (count - 1) * _DAY, "day")


def week(day: date) -> Period:
    """Monday to Sunday around a day, as in ISO 8601."""
    return days(day - day.weekday() * _DAY, 7)


def weekend(day: date) -> Period:
    """Saturday and Sunday of the week around a day."""
    return days(day + (5 - day.weekday()) * _DAY, 2)


def months(year: int, month: int, count: int = 1) -> Period:
    """Months in a row, from one that may be counted beyond December or before January."""
    first, last = (divmod(12 * year + month - 1 + i, 12) for i in (0, count - 1))
    return Period(
        date(first[0], first[1] + 1, 1),
        date(last[0], last[1] + 1, monthrange(last[0], last[1] + 1)[1]),
        "month",
    )


def years(first: int, last: int | None = None) -> Period:
    """Years in a row."""
    return Period(date(first, 1, 1), date(last or first, 12, 31), "year")


def quarter(year: int, number: int) -> Period:
    """A quarter of a year, counted from 1 and beyond 4."""
    return months(year, 3 * number - 2, 3)


def season(year: int, name: str) -> Period:
    """The three months of a season of the northern hemisphere that begins in a year."""
    return months(year, _SEASONS[name], 3)


def part_of(period: Period, part: Part) -> Period:
    """The first, second or last third of some months, a year or several years.

    A third of a decade is 0-3, 4-6 or 7-9. Days and weeks are not divided.
    """
    year, month = period.first.year, period.first.month
    if period.unit == "day":
        return period
    index = ("early", "mid", "late").index(part)
    count = 12 * (period.last.year - year) + period.last.month - month + 1
    if period.unit == "month" and count > 1:
        return months(year, month + count // 3 * index, count // 3)
    if period.unit == "month":
        first, last = _DAYS[part]
        return Period(
            period.first.replace(day=first),
            period.first.replace(day=min(last, period.last.day)),
            "day",
        )
    span = period.last.year - year + 1
    if span == 1:
        first, last = _MONTHS[part]
        return months(year, month + first - 1, last - first + 1)
    bounds = [-(-span * i // 3) for i in range(4)]
    return years(year + bounds[index], year + bounds[index + 1] - 1)
