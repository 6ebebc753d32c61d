"""Numbers as news write them, in digits or in words."""

from __future__ import annotations

import re
from decimal import Decimal

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
WORDS: dict[str, int | Decimal] = {
    **{word: i for i, word in enumerate(_UNITS)},
    **{word: 10 * i for i, word in enumerate(_TENS, 2)},
    **{
        f"{ten}-{unit}": 10 * i + j
        for i, ten in enumerate(_TENS, 2)
        for j, unit in enumerate(_UNITS[1:10], 1)
    },
    "a": 1,
    "an": 1,
    "half a": Decimal("0.5"),
    "a quarter of a": Decimal("0.25"),
    "three quarters of a": Decimal("0.75"),
    "three-quarters of a": Decimal("0.75"),
    "a hundred": 100,
    "one hundred": 100,
}
"""Number words up to a hundred, and what stands for one or a part of one."""

_SPACES = re.compile("[\u00a0\u2009\u202f]")
_THOUSANDS = re.compile(r"\d{1,3}(?:([, .'’])\d{3})(?:\1\d{3})*(?:[.,]\d+)?\Z")
_GROUPED_BY_TWO = re.compile(r"\d{1,2}(?:,\d\d)+,\d{3}(?:\.\d+)?\Z")


def parse_number(text: str) -> Decimal:
    """The value of a number in digits.

    A comma or a point before exactly three digits separates thousands if it is a comma or occurs
    twice; else it is the decimal mark.

    Args:
        text: digits, with separators.
    """
    text = _SPACES.sub(" ", text)
    if _GROUPED_BY_TWO.match(text):  # India: 1,50,000
        return Decimal(text.replace(",", ""))
    grouped = _THOUSANDS.match(text)
    if grouped and (grouped[1] != "." or text.count(".") > 1):
        whole, mark, fraction = text, "", ""
        for decimal_mark in ".,":
            if decimal_mark != grouped[1] and decimal_mark in text:
                whole, mark, fraction = text.rpartition(decimal_mark)
        return Decimal(re.sub(r"\D", "", whole) + ("." if mark else "") + fraction)
    whole, mark, fraction = text.replace(",", ".").rpartition(".")
    return Decimal(re.sub(r"\D", "", whole) + mark + fraction) if mark else Decimal(text)
