"""Amounts of money in a text, with their ISO 4217 currency."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache

from service.enrichment.bounds import Check, no_check
from service.enrichment.types import Money
from service.enrichment.values.currencies import Currencies, read_currencies
from service.enrichment.values.numbers import WORDS, parse_number
from service.enrichment.values.patterns import any_of, find_all

_SCALES = {
    **dict.fromkeys(("hundred",), 2),
    **dict.fromkeys(("thousand", "k"), 3),
    **dict.fromkeys(("lakh", "lakhs", "lac"), 5),
    **dict.fromkeys(("million", "millions", "m", "mn", "mln", "mil", "mio", "mio."), 6),
    **dict.fromkeys(("crore", "crores", "cr"), 7),
    **dict.fromkeys(("billion", "billions", "b", "bn", "bln", "bil", "mrd", "mrd."), 9),
    **dict.fromkeys(("trillion", "trillions", "tn", "trn"), 12),
}
"""Powers of ten."""

_SPACE = r"[ \t\u00a0\u2009\u202f]"
_JOINT = rf"(?:{_SPACE}|-|‑)"
_LETTERS = frozenset(("k", "m", "b"))
_SUBUNITS = {"cents": "USD", "cent": "USD", "¢": "USD", "pence": "GBP", "p": "GBP"}
_DIGITS = (
    r"(?:\d{1,3}(?:,\d{2,3}){1,6}(?:\.\d{1,4})?"
    r"|\d{1,3}(?:(?:[ \u00a0\u2009\u202f]\d{3}){1,5}|(?:\.\d{3}){1,5})"
    r"(?:[.,]\d{1,2})?(?!\d)|\d{1,15}(?:[.,]\d{1,6})?)(?!\d)"
)
_SCALE = rf"(?:{any_of((s for s in _SCALES if s not in _LETTERS), True)}|[kmbKMB])(?!\w)"
_WORDS = any_of((word for word in WORDS if word != "zero"), ignore_case=True)
_DASH = rf"{_SPACE}?[-–—]{_SPACE}?"
_TO = rf"(?:{_DASH}|{_SPACE}(?:to|or){_SPACE})"
_NO_YEAR = r"(?<!\b19\d\d)(?<!\b20\d\d)"
_LARGE = "(?:hundred|thousand|million|billion|trillion)"
_VAGUE = (
    rf"(?:(?:[Tt]ens|[Hh]undreds|[Tt]housands|[Mm]illions|[Bb]illions|[Tt]rillions){_SPACE}of{_SPACE}"
    rf"(?:{_LARGE}s{_SPACE}of{_SPACE})?(?:[a-z]{{1,20}}{_SPACE})?"
    rf"|(?:[Mm]ulti-?|(?:[Ss]everal|[Mm]any|(?:[Aa]{_SPACE})?[Ff]ew){_SPACE}(?:hundred{_JOINT})?)"
    rf"{_LARGE}{_JOINT}|(?:[Mm]|[Bb]|[Tt]r)illion-)"
)
_MOST = 10**18
"""No sum of money is larger."""

_PIXELS = ("240", "360", "480", "720", "1080", "1440", "2160", "4320")


def find_money(text: str, check: Check = no_check) -> Iterator[tuple[int, int, Money | None]]:
    """The amounts of money in a text, in order, without overlap.

    Args:
        text: of any length.
        check: called now and then. Its exceptions propagate.

    Yields:
        First code point, one past the last, and the amount; ``None`` if neither the amount nor the
        currency is clear.
    """
    currencies = read_currencies()
    for match in find_all(_pattern(), text, check):
        groups = match.groupdict()
        if not _is_money(groups, currencies):
            continue
        code, amount = _currency(groups, currencies), _amount(groups)
        clear = code is not None or amount is not None
        yield match.start(), match.end(), Money(amount, code) if clear else None


def _is_money(groups: dict[str, str | None], currencies: Currencies) -> bool:
    """Whether a match of the grammar is money, as far as its form shows."""
    if groups["abbreviation"] in currencies.unclear:
        return bool(groups["scale"] or re.search(r"\d\D\d{3}", groups["digits"] or ""))
    noun = (groups["noun"] or "").lower()
    if noun in currencies.unclear:
        scale = (groups["scale2"] or "").lower()
        return bool(groups["qualifier"] or groups["vague"] or (scale and scale not in _LETTERS))
    return not (groups["subunit"] == "p" and groups["digits2"] in _PIXELS)


def _currency(groups: dict[str, str | None], currencies: Currencies) -> str | None:
    if adjective := groups["adjective"]:  # $5 million Canadian
        return currencies.named(adjective, "dollar")
    if sign := groups["sign"] or groups["sign2"]:
        return currencies.signs["".join(sign.split())]
    if abbreviation := groups["abbreviation"] or groups["code"]:
        return currencies.abbreviations[abbreviation]
    if subunit := groups["subunit"]:
        return _SUBUNITS[subunit]
    return currencies.named(groups["qualifier"] or "", groups["noun"] or "")


def _amount(groups: dict[str, str | None]) -> int | float | None:
    """The amount in the currency's main unit; ``None`` for a range and for a vague amount."""
    if any(groups[name] for name in ("vague", "to", "to2", "to3")):
        return None
    if digits := groups["digits"] or groups["digits2"]:
        number = parse_number(digits)
    else:
        number = Decimal(WORDS[" ".join((groups["words"] or "").lower().split())])
    scale = groups["scale"] or groups["scale2"]
    number = number.scaleb(_SCALES[scale.lower()] if scale else 0)
    if groups["subunit"]:
        number /= 100
    if number > _MOST:
        return None
    return int(number) if number == number.to_integral_value() else float(number)


@cache
def _pattern() -> re.Pattern[str]:
    """The grammar; all its repetitions are bounded."""
    known = read_currencies()
    symbols = "".join(sorted({sign[-1] for sign in known.signs}))
    # HK$20 and HK $20, but not "A $20 note"
    signs = re.sub(r"(?<=\w)(?=\\\$)", lambda _: f"{_SPACE}?", any_of(known.signs))
    signs = rf"(?!\w\s){signs}"
    abbreviations = any_of(known.abbreviations)
    codes = any_of(code for code in known.abbreviations if len(code) == 3)
    qualifiers = any_of(known.qualifiers, ignore_case=True)
    noun = (
        rf"(?:(?P<qualifier>{qualifiers}){_JOINT})?"
        rf"(?P<noun>{any_of(known.nouns, ignore_case=True)})(?!\w)"
    )
    again = rf"(?:{qualifiers}{_JOINT})?(?i:dollars|euros|pounds|rupees)(?!\w)"
    adjectives = any_of(
        name.rpartition(" ")[0].title() for name in known.names if name.endswith("dollar")
    )
    scale = rf"{_JOINT}?{_SCALE}"
    # US$5m-$10m, with the whole sign or the end of it before the second amount
    same = rf"(?:(?P=sign)|(?P=mark)|(?P=abbreviation)){_SPACE}?{_DIGITS}"
    prefixed = (
        rf"(?:(?P<sign>{signs})(?<=(?P<mark>[{symbols}]))|(?P<abbreviation>{abbreviations}))"
        rf"{_SPACE}?(?P<digits>{_DIGITS})"
        rf"(?P<to>{_DASH}(?:{signs})?{_SPACE}?{_DIGITS}"
        rf"|{scale}{_DASH}(?:{same}|{_DIGITS}(?={scale})))?"
        rf"(?:{_JOINT}?(?P<scale>{_SCALE}))?(?![\w%])"
        rf"(?:{_JOINT}{again}|{_SPACE}\(?(?P<adjective>{adjectives})(?![\w-])\)?)?"
    )
    suffixed = (
        rf"(?:(?P<vague>{_VAGUE})|(?:(?P<digits2>{_DIGITS})"
        rf"(?P<to2>(?:{_NO_YEAR}{_TO}|{scale}{_TO}(?={_DIGITS}{scale})){_DIGITS})?"
        rf"|(?P<words>{_WORDS})(?!\w))(?:{_JOINT}?(?P<scale2>{_SCALE}))?)"
        rf"(?:{_JOINT}?(?:{noun}|(?(words)(?!))(?P<code>{codes})(?!\w)"
        rf"|(?P<sign2>[€£₽₹])(?!\d)|(?P<subunit>cents?(?!\w)|pence(?!\w)|¢|(?<=\d)p(?!\w))))"
        rf"(?P<to3>{_DASH}{_DIGITS}(?:{scale})?{_JOINT}?"
        r"(?:(?P=noun)|(?P=code)|(?P=sign2)|(?P=subunit))(?!\w))?"
    )
    beginning = rf"(?=[\d{symbols}]|[A-Za-zł.]{{1,6}}{_SPACE}?[\d{symbols}]|{_WORDS}|{_VAGUE})"
    return re.compile(rf"(?<![\w$€£¥₹.,-]){beginning}(?:{prefixed}|{suffixed})")
