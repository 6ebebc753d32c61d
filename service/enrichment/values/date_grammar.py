"""The grammar of dates: one pattern for all the forms in which English news name them.

The pattern matches each form as a named group, whose own groups have the form's name and a suffix.
All repetitions in it are bounded, so that a search takes time linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from service.enrichment.bounds import Check, no_check
from service.enrichment.values.date_names import clubs, names_day
from service.enrichment.values.patterns import any_of, find_all
from service.enrichment.values.periods import WEEKDAYS
from service.enrichment.values.tense import speaks_of_future

MONTHS = (
    "january february march april may june july august september october november december"
).split()
ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first"
).split()
DECADES = "twenties thirties forties fifties sixties seventies eighties nineties".split()

# Month names that are also verbs count only beside a number or after a word that goes before dates.
_UNCLEAR_MONTHS = ("march", "may")


def _cased(words: list[str] | tuple[str, ...]) -> str:
    return "|".join(f"{word.capitalize()}|{word.upper()}" for word in words)


_WEEKDAY = f"(?:{'|'.join(f'{w.capitalize()}|{w.upper()}|{w}' for w in WEEKDAYS)})"
_SHORT_WEEKDAY = r"(?:Mon|Tue|Tues|Wed|Thu|Thur|Thurs|Fri|Sat|Sun)\b\.?"
_SHORT_MONTHS = (
    r"(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec|JAN|FEB|MAR|APR|SEPT|OCT|NOV|DEC)\b\.?"
)
_MONTH = rf"(?:(?:{_cased(MONTHS)})\b|{_SHORT_MONTHS})"
_CLEAR_MONTH = rf"(?:{_cased([m for m in MONTHS if m not in _UNCLEAR_MONTHS])})"
_UNCLEAR_MONTH = rf"(?:{_cased(_UNCLEAR_MONTHS)})"
_YEAR = r"(?:1[0-9]|20)\d\d(?![\d%]|[.,]\d)"
_DAY = (
    r"(?:3[01]|[12]\d|0?[1-9])(?:\s?(?:st|nd|rd|th)\b)?"
    r"(?![\w%°]|[.:]\d|,\d{3}\b|-[A-Za-z]|\s(?:percent|per|million|billion|[ap]\.?m)\b)"
)
_TO = r"(?:\s?[-–—/]\s?|\s(?:to|through|until|till)\s)"
_AND = rf"(?:{_TO}|\s?(?:and|or|&)\s)"
_LEADING = rf"(?:(?:[Tt]his\s)?(?:{_WEEKDAY}\b|{_SHORT_WEEKDAY})[,\s]\s?(?:on\s)?(?:the\s)?)?"
_DEICTIC_YEAR = r"(?:last|this|next|of\sthis|of\slast)\syear"
_PRECEDING = (
    "in of since until till by from to through during last next this early late mid between and "
    "after before for on each every throughout around despite past"
).split()
_MONTH_BEFORE = r"(?<=ary[-–]|rch[-–]|ril[-–]|une[-–]|uly[-–]|ust[-–]|ber[-–])"
_AFTER_PRECEDING = "(?:{})".format(
    "|".join([*(rf"(?<=\b(?i:{word})\s)" for word in _PRECEDING), r"(?<=[Mm]id-)", _MONTH_BEFORE])
)
_NUMBER = r"(?:\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty)"
_UNIT = r"(?:day|week|month|year|decade)"
_SEASON = r"(?:[Ss]pring|[Ss]ummer|[Aa]utumn|[Ff]all|[Ww]inter)"
_WHICH = r"(?:[Ll]ast|[Tt]his|[Nn]ext)"


def _part(name: str) -> str:
    return rf"(?:(?P<{name}>[Ee]arly|[Mm]id|[Ll]ate)[-–\s]\s?(?:in\s)?(?:the\s)?)?"


# Days with a name of their own, and papers, are not dates.
_NAMED_DAYS = (
    "Ash Black Bloody Cyber Easter Fat Giving Good Holy Maundy Palm Sheffield Shrove Super Whit"
).split()
_NO_NAMED_DAY = "".join(rf"(?<!\b{name}\s)" for name in _NAMED_DAYS)
_NEWSPAPERS = (
    "Times Telegraph Mail Mirror Express Herald Post Independent Tribune Sun Group Club Society"
).split()
_FORMS = {
    "iso": r"(?P<iso_y>[12]\d{3})-(?P<iso_m>\d\d)-(?P<iso_d>\d\d)(?![\d-])",
    "num": (
        rf"{_LEADING}"
        r"(?P<num_a>\d{1,2})(?P<num_s>[/.-])(?P<num_b>\d{1,2})(?P=num_s)"
        r"(?P<num_y>(?:19|20)\d\d|(?<=/)\d\d)(?![\d/]|[.-]\d)"
    ),
    "mdy": (
        rf"{_LEADING}(?P<mdy_m>{_MONTH})\s?(?:the\s)?(?P<mdy_d>{_DAY})"
        rf"(?:{_AND}(?P<mdy_e>{_DAY})(?!\s[a-z]+s\b|\s(?:{_MONTH})))?"
        rf"(?:,?\s?(?P<mdy_y>{_YEAR})|,?\s(?P<mdy_r>{_DEICTIC_YEAR}))?"
    ),
    "dmy": (
        rf"{_LEADING}(?P<dmy_d>{_DAY})(?:{_AND}(?P<dmy_e>{_DAY}))?"
        rf"\s(?:day\s)?(?:of\s)?(?P<dmy_m>{_MONTH})"
        rf"(?:,?\s(?P<dmy_y>{_YEAR})|,?\s(?P<dmy_r>{_DEICTIC_YEAR}))?"
    ),
    "my": (
        rf"{_part('my_p')}(?P<my_m>{_MONTH})(?:,\s|\sof\s|\s)"
        rf"(?:(?P<my_y>{_YEAR})|(?P<my_r>{_DEICTIC_YEAR}))"
    ),
    "m": (
        rf"(?:(?P<m_w>{_WHICH})\s|{_part('m_p')})"
        rf"(?P<m_m>{_CLEAR_MONTH}|(?=M[Aa]){_AFTER_PRECEDING}{_UNCLEAR_MONTH})\b(?!\s?\d)"
    ),
    "wd": (
        rf"(?:(?P<wd_w>{_WHICH})\s)?{_NO_NAMED_DAY}(?P<wd_d>{_WEEKDAY})(?P<wd_s>s)?\b"
        rf"(?!\s(?:{'|'.join(_NEWSPAPERS)})\b)"
    ),
    "yy": rf"(?P<yy_a>(?:1[0-9]|20)\d\d)\s?[-–—/]\s?(?P<yy_b>{_YEAR}|\d\d?(?![\d%-]|[.,]\d))",
    "dec": (rf"{_part('dec_p')}(?:(?P<dec_y>(?:1[5-9]|20)\d0)|['‘’](?P<dec_s>[3-9]0))['’]?s\b"),
    "dw": (rf"(?<=[Tt]he\s){_part('dw_p')}(?:[Nn]ineteen[-\s])?(?P<dw_w>{'|'.join(DECADES)})\b"),
    "cen": (
        rf"{_part('cen_p')}(?:(?P<cen_n>\d\d?)(?:st|nd|rd|th)"
        rf"|(?P<cen_o>{'|'.join(sorted(ORDINALS, key=len, reverse=True))}))[-\s]century\b"
        r"(?!\s(?:BC|B\.C))"
    ),
    "q": (
        r"(?:Q(?P<q_n>[1-4])|(?P<q_k>[1-4])Q|(?P<q_o>[Ff]irst|[Ss]econd|[Tt]hird|[Ff]ourth|1st|2nd|"
        r"3rd|4th)[-\s][Qq]uarter)"
        rf"(?:\s(?:of\s|in\s)?(?:(?P<q_y>{_YEAR})|(?P<q_r>{_DEICTIC_YEAR})))?(?!\w)"
    ),
    "h": (
        r"(?:H(?P<h_n>[12])|(?P<h_o>[Ff]irst|[Ss]econd)\s[Hh]alf)\s(?:of\s|in\s)?"
        rf"(?:(?P<h_y>{_YEAR})|(?P<h_r>{_DEICTIC_YEAR}))"
    ),
    "sea": (
        rf"(?:(?P<sea_w>{_WHICH})\s(?P<sea_n>{_SEASON})\b"
        rf"|{_part('sea_p')}(?P<sea_m>{_SEASON})\s(?:of\s)?(?:(?P<sea_y>{_YEAR})|(?P<sea_r>{_DEICTIC_YEAR})))"
    ),
    "rel": (
        rf"{_part('rel_p')}(?P<rel_w>(?<!\b[Tt]he\s){_WHICH})\s"
        r"(?P<rel_u>week|weekend|month|quarter|year|decade|century)\b"
    ),
    "ago": rf"(?P<ago_n>(?i:{_NUMBER}))\s(?P<ago_u>{_UNIT})s?\sago\b",
    "now": (
        r"(?P<now_w>[Tt]he\sday\sbefore\syesterday|[Tt]he\sday\safter\stomorrow|[Yy]esterday"
        r"|[Tt]omorrow|[Tt]oday|[Tt]onight|[Ll]ast\snight|[Tt]his\s(?:morning|afternoon|evening))\b"
    ),
    "y": rf"{_part('y_p')}(?P<y_y>(?!1[0-4]){_YEAR})(?!\w|['’]\d|[-–]\w|\s?(?:km|kg|[ap]\.?m)\b"
    r"|\s(?:[A-Z]\w{1,20}\s){1,2}(?:Ave|St|Street|Avenue|Road|Boulevard|Blvd|Drive|Lane)\b)",
}

# A month or a weekday goes before the hyphen of "April-June".
_RANGE_BEGUN = r"(?<=ary-|rch-|ril-|May-|une-|uly-|ust-|ber-|day-)"
_BEFORE = rf"(?:(?<![\w$£€¥₹#/.,-])|{_RANGE_BEGUN}(?=[A-Z]))"
_WEEKDAYS_AND_MONTHS = {word[:2] for word in (*WEEKDAYS, *MONTHS)}
_OTHER_WORDS = {
    *(word[:3] for word in (*WEEKDAYS, *ORDINALS, *DECADES)),
    *"spring summer autumn fall winter early mid late last this next".split(),
    *"yesterday today tomorrow tonight".split(),
    "the day",
    "nineteen",
}
_STARTS = {
    *(word.capitalize() for word in _WEEKDAYS_AND_MONTHS),
    *(word.upper() for word in _WEEKDAYS_AND_MONTHS),
    *_OTHER_WORDS,
    *(word.capitalize() for word in _OTHER_WORDS),
    *("H1", "H2", "Q1", "Q2", "Q3", "Q4"),
}
# Most words of a text cannot begin a date. To look for what can, first, is three times as fast.
_BEGINNING = rf"(?=[\d'‘’]|{any_of(_STARTS)}|(?i:{_NUMBER})\s[dwmy])"
_FISCAL_BEFORE = re.compile(
    r"\b(?:[Ff]iscal|[Ff]inancial\s[Yy]ear|FY\s?['’]?\d{0,4})[\s-](?:year\s)?\Z"
)
_FISCAL_AFTER = re.compile(
    r"\s(?:(?:of|in|for)\s)?(?:(?:the|its|their|our|his)\s)?(?:(?:current|new|last|\d{4})\s)?"
    r"(?:FY|[Ff]iscal\s(?:\d|year|results|earnings|profit|sales)|[Ff]inancial\s[Yy]ear)"
)
_FISCAL_YEAR_AFTER = re.compile(r"[\s-](?:[Ff]iscal|[Ff]inancial)[\s-][Yy]ear")
_GIVEN_NAMES = ("april", "august", "june")
_NAME = re.compile(
    r"(?<![.!?:]\s)\b(?!(?:In|On|By|Since|Until|From|The|Last|This|Next|During)\b)[A-Z][a-z]+\.?\s\Z"
)


@dataclass(frozen=True)
class DateExpression:
    """A match of the grammar.

    Attributes:
        start: first code point.
        end: one past the last code point.
        form: its name in the grammar.
        groups: those that have matched, without the name of the form.
        text: the searched text.
        range_start: first code point of the range of which it is the end, if it is one.
    """

    start: int
    end: int
    form: str
    groups: Mapping[str, str]
    text: str
    range_start: int | None = None

    @property
    def ahead(self) -> bool:
        """Whether the words around it, or around the range that it ends, speak of the future."""
        start = self.start if self.range_start is None else self.range_start
        return speaks_of_future(self.text, start, self.end)

    @property
    def is_fiscal(self) -> bool:
        """Whether it is a part of a fiscal year, which begins on another day in each company."""
        if self.form not in ("q", "h", "y", "yy"):
            return False
        after = _FISCAL_AFTER if self.form in ("q", "h") else _FISCAL_YEAR_AFTER
        before = self.text[max(0, self.start - 20) : self.start]
        return bool(_FISCAL_BEFORE.search(before) or after.match(self.text, self.end))

    @property
    def is_name(self) -> bool:
        """Whether a bare month is the name of a person: "April Ryan", "Mrs June"."""
        if self.form != "m" or len(self.groups) > 1 or self.groups["m"].lower() not in _GIVEN_NAMES:
            return False
        after = self.text[self.end : self.end + 2]
        follows_name = _NAME.search(self.text[max(0, self.start - 20) : self.start])
        return bool(follows_name) or (after[:1] == " " and after[1:].isupper())


@cache
def _grammar() -> tuple[re.Pattern[str], dict[str, list[str]]]:
    """The pattern of all forms, and the groups of each; compiled when they are first needed."""
    forms = "|".join(f"(?P<{name}>{form})" for name, form in _FORMS.items())
    pattern = re.compile(f"{_BEFORE}{_BEGINNING}(?:{forms})")
    return pattern, {
        form: [name for name in pattern.groupindex if name.startswith(f"{form}_")]
        for form in _FORMS
    }


def date_expressions(text: str, check: Check = no_check) -> Iterator[DateExpression]:
    """The dates that a text names, in order, without overlap.

    Args:
        text: of any length.
        check: called now and then. Its exceptions propagate.
    """
    pattern, groups_of = _grammar()
    known: frozenset[str] | None = None
    for match in find_all(pattern, text, check):
        form = match.lastgroup or ""
        groups = {
            name.removeprefix(f"{form}_"): value
            for name in groups_of[form]
            if (value := match[name]) is not None
        }
        found = DateExpression(match.start(), match.end(), form, groups, text)
        if found.is_name:
            continue
        if form == "wd" and len(groups) == 1:
            if known is None:
                known = frozenset(clubs(text, check))
            if names_day(text, found.start, found.end, known):
                continue
        yield found
