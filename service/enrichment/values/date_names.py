"""Names that hold a weekday or a year: clubs, papers, programmes, titles of works."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from service.enrichment.bounds import Check
from service.enrichment.values.patterns import any_of, find_all
from service.enrichment.values.periods import WEEKDAYS

_AROUND = 60
"""Code points before and after a weekday or a year that show whether it belongs to a name."""

_FAR_AHEAD = 15
"""Years after publication, from which on a year beside a name is part of it."""

_DAY = f"(?:{'|'.join(day.capitalize() for day in WEEKDAYS)})"
# Capitalised words that go before a date at the beginning of a sentence, or inside a headline.
_NO_NAMES = (
    "A About After All An And Apr April Around As At Aug August Autumn Before Between But By "
    "Circa Dec December During Early End Every Fall Feb February For From If In Into It Jan "
    "January Jul July Jun June Last Late Mar March May Mid Next Nov November Oct October Of Off "
    "On Or Over Past Season Sep Sept September Since Spring Summer Target That The Then This "
    "Though Through Throughout Till To Toward Towards Until When While Winter With Year"
).split()
_NO_WORD = any_of([*_NO_NAMES, *(day.capitalize() for day in WEEKDAYS)])
_WORD = rf"(?!{_NO_WORD}\b)[A-Z][\w&-]{{1,20}}"
_WORD_BEFORE = re.compile(rf"\b(?P<word>{_WORD})\s\Z")
# "Saturday Night Live", but neither "Saturday Night" nor "Shot Saturday Night In Boston".
_SHOW = re.compile(rf"\s(?:Night|Morning|Afternoon|Evening)\s(?:{_WORD})")
_PAPER = re.compile(r"\b(?:Mail|Independent|Herald|Telegraph|Express|Mirror|Observer)\son\s\Z")
_OPENING_QUOTE = re.compile(rf"(?:\A|[\s(])[\"“‘'](?:{_WORD}\s){{0,4}}\Z")
_CLOSING_QUOTE = re.compile(rf"(?:\s{_WORD}){{0,4}}[.,]?[\"”’'](?!\w)")
# "said President Obama Monday" is a date: only what cannot follow a date shows that it is a name.
_CLUB = re.compile(
    rf"\b(?P<day>{_DAY})(?:['’]s\b|\s(?:(?:on|last|next|this)\s{_DAY}\b|(?:fans|supporters|manager"
    r"|boss|striker|defender|midfielder|goalkeeper|winger|captain|chairman|owner)\b"
    r"|(?P<plural>have|are|were|host|face|sign)\b))"
)
_SENTENCE_START = re.compile(r"(?:\A|[.!?:]['\"”’]?\s|\n)\Z")


def clubs(text: str, check: Check) -> Iterator[str]:
    """The names of a word and a weekday that cannot be a word before a date.

    Args:
        text: of any length.
        check: called now and then. Its exceptions propagate.
    """
    for match in find_all(_CLUB, text, check):
        before = text[max(0, match.start() - _AROUND) : match.start()]
        word = _WORD_BEFORE.search(before)
        if not word:
            continue
        starts = bool(_SENTENCE_START.search(before[: word.start()]))
        # One word with a verb in the plural, "Sheffield Wednesday have", is a team.
        fits = starts and not word["word"].endswith("s") if match["plural"] else not starts
        if fits:
            yield f"{word['word']} {match['day']}"


def names_day(text: str, start: int, end: int, known: frozenset[str]) -> bool:
    """Whether a weekday belongs to a name.

    Args:
        text: around the weekday.
        start: its first code point.
        end: one past its last code point.
        known: names of a word and a weekday in the text.
    """
    before, after = text[max(0, start - _AROUND) : start], text[end : end + _AROUND]
    word = _WORD_BEFORE.search(before)
    return (
        (word is not None and f"{word['word']} {text[start:end]}" in known)
        or bool(_SHOW.match(after) or _PAPER.search(before))
        or _is_quoted(before, after)
    )


def names_year(text: str, start: int, end: int, published: date | None) -> bool:
    """Whether a year belongs to the title of a work: "Metropolis 2079".

    Args:
        text: around the year.
        start: its first code point.
        end: one past its last code point.
        published: the day of publication.
    """
    before, after = text[max(0, start - _AROUND) : start], text[end : end + _AROUND]
    if not _WORD_BEFORE.search(before):
        return False
    far = published is not None and int(text[start:end]) > published.year + _FAR_AHEAD
    return far or (after[:1] not in (",", ".") and _is_quoted(before, after))


def _is_quoted(before: str, after: str) -> bool:
    """Whether a date and at least one capitalised word are all that is between quotes."""
    opening, closing = _OPENING_QUOTE.search(before), _CLOSING_QUOTE.match(after)
    if not opening or not closing:
        return False
    return bool(re.search(r"\w", opening[0]) or re.search(r"\w", closing[0]))
