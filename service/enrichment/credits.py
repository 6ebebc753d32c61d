"""Credits: bylines, datelines, agencies and picture credits, whose names are not subjects."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex
from ahocorasick_rs import AhoCorasick

from service.enrichment.credit_patterns import (
    AGENCIES,
    AGENCY,
    CAPITALISED,
    CAPITALS,
    DASH,
    DATELINE,
    DESK,
    DETAILS,
    END,
    NAME,
    NAMES,
    PLACE,
    ROLE,
    any_of,
)
from service.enrichment.known_names import known_type
from service.enrichment.newsroom import (
    CREDIT_LABELS,
    CREDIT_PHRASES,
    CREDIT_ROLES,
    TEASER_LABELS,
)
from service.enrichment.types import EntityType
from service.enrichment.words import Span

# At the beginning of a line.
_OPENING = regex.compile(
    rf"""
      (?:\p{{Lu}}\w{{1,20}}\ )?[Bb][Yy]:?\ +{NAMES}
      (?:[ \t]*(?:(?:,|\p{{Pd}})[^.!?]{{0,60}}|[|•·][^!?]{{0,60}}))?{END}
    | (?:\p{{Lu}}\w{{1,20}}\ )?B[Yy]:?\ +{NAMES}\ +{DATELINE}
    | {DATELINE}
    | {AGENCIES}\ *(?:{DASH}|\|)(?=\s)
    | {NAMES}(?:\ *[,|/]|\ \p{{Pd}})\ *
      (?:{AGENCIES}{DESK}|(?:[\p{{L}}&'’\-]{{1,20}}\ ){{0,4}}{ROLE})(?:,\ {NAMES})?{END}
    | {AGENCIES}(?:\ \p{{Lu}}[\p{{L}}&]{{0,20}}){{0,3}}\ {ROLE}{END}
    | {AGENCIES}{END}
    | SOURCE:?\ +{NAMES}{END}
    """,
    regex.VERBOSE,
)
# "Read more: Ann Lee resigns", below the first line, which may be a headline.
_TEASER = regex.compile(rf"\W*(?i:{any_of(TEASER_LABELS)})\ ?[:|»>]")
_PLACES = regex.compile(
    rf"{CAPITALS}{DETAILS}\ *(?:\([^()]{{2,30}}\)\ *)?(?:{DASH}|\|)(?=\ )", regex.VERBOSE
)
_CREDIT = (
    rf"(?i:{any_of(CREDIT_ROLES)})(?:\ and\ \w{{1,20}})?"
    r"(?:\ from\ (?:the\ )?\p{Lu}\w{1,20})?\ +by:?"
)
# Anywhere in a line, but never inside a word: the first group makes the search faster.
_WITHIN = regex.compile(
    rf"""
    (?:(?<!\w)|(?!\w))
    (?:
      (?:^|(?<=[(\[;.|]\ ?)|(?<=\ \p{{Pd}}\ )
        |(?<=,\ )(?=\p{{Lu}}|(?:additional\ )?\w{{1,12}}ing\ )
        |(?<=\p{{L}}\ )(?=(?:Additional\ )?(?:Report|Writ|Edit)ing\ by\ \p{{Lu}}))
      {_CREDIT}\ +{NAMES}
      (?=\ *(?:[;.)\]|/]|$|,?\ (?:and\ )?{_CREDIT}\ |\ from\ (?:wire|agency|news|staff)))
    | (?:^|(?<=[(\[;.|]\ ?))(?i:{any_of(CREDIT_LABELS | CREDIT_ROLES)})
      (?:(?:\ by)?:|(?<=source|credit),)\ *{NAMES}(?=\ *(?:[;.)\]|]|$))
    | \b(?:AP\ Photo|AFP|EPA|Reuters|REUTERS)/{NAMES}
    | \b[Ii]mage\ copyright\ {AGENCIES}(?:\ [Ii]mages)?
    | [(\[]\ *{AGENCIES}\ *[)\]]
    | (?:(?:\b(?i:copyright)\ )?(?:©|\(c\))\ *(?:\d{{4}},?\ )?|\b(?i:copyright)\ \d{{4}},?\ )
      {NAMES}
    | (?<=\ )(?:\p{{Pd}}{{1,2}}|\|)\ *{AGENCIES}{END}
    | (?:/PA|(?:/\ *|\bvia\ ){AGENCY})(?=\ *(?:[;.)\]|/]|$))
    )
    """,
    regex.VERBOSE,
)
# Each match of the pattern above has one of these, or a stem of a credit's words with a sign after
# it: most texts and lines need no search. Three patterns are faster than one.
_AGENCY_SIGNS = [
    regex.compile(rf"{sign}\ *{AGENCY}(?!\w)")
    for sign in (r"[(\[/|]", r"\ \p{Pd}{1,2}", r"\bvia\b")
]
_OTHER_SIGNS = tuple("© (c) Photo/ AFP/ EPA/ Reuters/ REUTERS/ /PA".split())
_CREDIT_WORDS = {max(phrase.split(), key=len) for phrase in CREDIT_ROLES | CREDIT_LABELS}
_CREDIT_STEMS = sorted(
    word for word in _CREDIT_WORDS if not any(other in word for other in _CREDIT_WORDS - {word})
)
_CREDIT_FINDER = AhoCorasick(_CREDIT_STEMS)
_CREDIT_SIGN = regex.compile(
    r"[\w\ ]{0,25}?(?:\ and\ \w{1,20})?(?:\ from\ (?:the\ )?\w{1,21})?"
    r"(?:\ +by\b:?|:|(?<=(?i:source|credit)),)\ *\p{Lu}"
)
# Sentences about the making of the article: what the article may be, and the pattern.
_WORKS = "article story piece post report column essay interview content dispatch".split()
_MAKING = regex.compile(
    rf"""
      \b(?i:{any_of(CREDIT_PHRASES)})\b
    | (?:^|(?<=[.!?:]\ |[(•*\p{{Pd}}]\ ?))(?i:this)
      \ (?:{"|".join(_WORKS)})
      \ (?:(?:was|is|has\ been)\ (?:first\ |originally\ |previously\ )?
           (?:published|republished|syndicated|produced|written|edited)
        |  (?:first\ |originally\ |previously\ )(?:published|appeared))\b
    """,
    regex.VERBOSE,
)
# One of these is in each match, and substrings are found faster than patterns.
_MAKING_PHRASES = AhoCorasick([*(f"this {work}" for work in _WORKS), *sorted(CREDIT_PHRASES)])
_SENTENCE_END = regex.compile(r"(?<!\b\p{Lu})[.!?][\"”’)]?\ ")
_SENTENCE_REACH = 200
"""Code points before such words in which their sentence begins."""

# The same in the last lines of an article, from the beginning of the line.
_AUTHOR_LINE = regex.compile(
    rf"""\W*(?:
      {NAMES}\ (?:
          reported\ from | writes\ about | can\ be\ reached
        | covers\ [\p{{L}},&\ \-]{{1,60}}\ (?:for|at)\b
        | is\ (?:(?:an?|the|our)\ )?(?:[\p{{L}}\p{{N}}&'’\-]{{1,20}}\ ){{0,5}}{ROLE}\b
      )
    | (?i:follow|email|e-mail|contact)\ {NAME}
    )""",
    regex.VERBOSE,
)
_LAST_LINES = 3
_LONGEST_AUTHOR_LINE = 300
"""Code points of a line about the author."""

_NAME_LINE = regex.compile(rf"\s*{NAMES}\s*", regex.VERBOSE)
_OUTLET_LINE = regex.compile(rf"\s*{AGENCIES}(?:,\ {NAMES})?\s*", regex.VERBOSE)
# "Maria Fontana in Rome", below the headline.
_PLACED_NAME_LINE = regex.compile(
    rf"\s*{CAPITALISED}(?:\ {CAPITALISED}){{1,3}}\ in\ {NAMES}\s*", regex.VERBOSE
)
# "Maria Fontana North of England editor", in the first lines.
_DESK_WORDS = (
    r"\p{Lu}[\p{L}'’\-]{0,20}|and|of|for|the|&|business|chief|defence|deputy|diplomatic|economics|"
    r"education|environment|foreign|health|home|political|science|senior|social|sports?|technology"
)
_ROLE_LINE = regex.compile(
    rf"\s*{CAPITALISED}(?:\ {CAPITALISED}){{1,2}}\ (?:(?:{_DESK_WORDS})\ ){{0,5}}{ROLE}\s*",
    regex.VERBOSE,
)
# "Sarah Hill" above "Business reporter, BBC News", in the first lines.
_ROLE_BELOW_LINE = regex.compile(
    rf"\s*(?:[\p{{L}}&'’\-]{{1,20}}\ ){{0,5}}{ROLE}(?:(?:,|\ (?:at|for|in))\ {NAMES})?\s*",
    regex.VERBOSE,
)
# "Ann Lee | Seoul | 4 November 2026", "4 Nov 2026, 10:05 GMT"
_DATE_LINE = (
    r"(?:\d{1,2}\ )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\p{Ll}{0,6}\.?\ "
    r"(?:\d{1,2},\ )?\d{4}\b[^!?]{0,30}"
)
_DATED_LINE = regex.compile(
    rf"\s*(?:{NAME}\ ?[|•·,–-]\ (?:[\p{{L}}\ ]{{2,30}}\ ?[|•·,–-]\ )?)?{_DATE_LINE}"
)
# "Opinion | Ann Lee"
_LABELLED_NAME_LINE = regex.compile(
    r"\s*(?:Opinion|Comment|Commentary|Analysis|Column|Editorial|(?:Guest\ )?Essay|Perspective)"
    rf"\s*[|·•/]\s*{CAPITALISED}(?:\ {CAPITALISED}){{1,3}}\s*",
    regex.VERBOSE,
)
# "Nairobi, Kenya – William Ruto …", at the beginning of an article.
_OPENING_PLACES = regex.compile(
    rf"{PLACE}{DETAILS}\ (?:–|—|--?)\ (?=\p{{Lu}}[^\r\n]{{{40}}})", regex.VERBOSE
)
# "ACCRA, Nov. 20 (GNA) -": an agency that is in no list.
_OTHER_AGENCY = regex.compile(
    rf"(?P<place>{PLACE})(?P<details>{DETAILS})\ *"
    rf"\(\ *\p{{Lu}}[\p{{Lu}}\p{{N}}&]{{1,6}}\ *\)\ *{DASH}(?=\s)",
    regex.VERBOSE,
)
_FIRST_LINES = 3
_PROSE_ENDS = (".", '."', ".”", "?", "!")
_BYLINE_LINES = 6
"""First lines in which an author stands above what he or she is."""
_SHORTEST_PROSE = 60
"""Code points of a line that is not a heading."""
_NAME_AT_END = regex.compile(rf"{NAMES}\ ?$", regex.VERBOSE)
_LINE = regex.compile(r"[^\r\n\v\f\x85\u2028\u2029]+")
_NAME_REACH = 60
"""Code points before an agency in which the photographer's name stands."""


@dataclass(frozen=True)
class Credit:
    """A stretch whose names are not subjects.

    Attributes:
        start: first code point.
        end: one past the last.
        only_places: whether that holds for places alone: "LEEDS — The mayor …" is a dateline,
            "TESCO — Shares rose …" is none.
    """

    start: int
    end: int
    only_places: bool = False


def find_credits(text: str) -> list[Credit]:
    """Where ``text`` names who made it, and where it was written, rather than what it is about.

    Bylines ("By Ann Lee and Bo Ray", "Ann Lee, political correspondent"), datelines ("ROME, Nov 3
    (Reuters) -"), agencies in brackets or at the end of a line, credits ("Reporting by Ann Lee;
    Editing by Bo Ray", "Ann Lee contributed to this report"), pictures ("Photo: Ann Lee/Getty
    Images"), copyright notices, teasers, and in the last lines notes on the author ("Ann Lee is a
    staff writer"). The time is linear in the length of the text.

    Returns:
        Credits in order, without overlap.
    """
    credits: list[Credit] = []
    may_have_making, may_credit = _may_have_making(text), _may_credit(text)
    lines = [line for line in _LINE.finditer(text) if not line[0].isspace()]
    for i, line in enumerate(lines):
        content, shift = line[0], line.start()
        follower = lines[i + 1][0] if i + 1 < len(lines) else ""
        byline = i < _BYLINE_LINES and _is_byline(content, follower, i, lines[i - 1][0])
        author = _is_author(content, follower, at_end=len(lines) - _LAST_LINES <= i > 0)
        if byline or author or (i > 0 and _TEASER.match(content)):
            credits.append(Credit(*line.span()))
            continue
        agency = _OTHER_AGENCY.match(content) if i < _FIRST_LINES else None
        if agency and (agency["details"] or known_type(agency["place"]) == EntityType.LOCATION):
            credits.append(Credit(shift, shift + agency.end()))
            content, shift = content[agency.end() :], shift + agency.end()
        places = i < _FIRST_LINES and _OPENING_PLACES.match(content)
        if places and not _OPENING.match(content):
            credits.append(Credit(shift, shift + places.end(), only_places=True))
            content, shift = content[places.end() :], shift + places.end()
        start, end = len(content), len(content)
        if may_have_making and _may_have_making(content):
            making = _MAKING.search(content)
            start, end = _sentence_around(content, making.span()) if making else (start, end)
        credits += _in_line(content[:start], shift, may_credit)
        if start < end:
            credits.append(Credit(shift + start, shift + end))
            credits += _in_line(content[end:], shift + end, may_credit)
    return credits


def _is_byline(line: str, follower: str, i: int, before: str) -> bool:
    """Whether the line number ``i``, one of the first, is a byline without "by"."""
    if len(line) > _LONGEST_AUTHOR_LINE or line.endswith(_PROSE_ENDS):
        return False
    if i < _FIRST_LINES and _ROLE_LINE.fullmatch(line):
        return True
    if (
        0 < i < _FIRST_LINES
        and (len(follower) >= _SHORTEST_PROSE or _DATED_LINE.fullmatch(follower))
        and _PLACED_NAME_LINE.fullmatch(line)
    ):
        return True
    if _NAME_LINE.fullmatch(line) and _ROLE_BELOW_LINE.fullmatch(follower):
        return True
    below_name = i > 0 and _NAME_LINE.fullmatch(before) and _ROLE_BELOW_LINE.fullmatch(line)
    return bool(below_name or _LABELLED_NAME_LINE.fullmatch(line) or _DATED_LINE.fullmatch(line))


def _is_author(line: str, follower: str, at_end: bool) -> bool:
    """Whether a whole line names an author, given the line after it, or an outlet."""
    if _OUTLET_LINE.fullmatch(line):
        return True
    if _OUTLET_LINE.fullmatch(follower) and _NAME_LINE.fullmatch(line):
        return True
    return at_end and len(line) <= _LONGEST_AUTHOR_LINE and bool(_AUTHOR_LINE.match(line))


def _may_have_making(text: str) -> bool:
    """Whether a text or a line may have a sentence about the making of the article."""
    return bool(_MAKING_PHRASES.find_matches_as_indexes(text.lower()))


def _sentence_around(line: str, making: Span) -> Span:
    """The sentence of a line that is about the making of the article, from the words that show it.

    Args:
        line: of the article.
        making: the words.
    """
    reach = max(0, making[0] - _SENTENCE_REACH)
    ends = [match.end() for match in _SENTENCE_END.finditer(line[reach : making[0]])]
    after = _SENTENCE_END.search(line, making[1])
    return reach + ends[-1] if ends else reach, after.start() + 1 if after else len(line)


def _in_line(content: str, shift: int, within: bool) -> Iterator[Credit]:
    """The credits of a line.

    Args:
        content: of the line.
        shift: where it begins.
        within: whether its text may have credits elsewhere than at the beginning of a line.
    """
    at = len(content) - len(content.lstrip())
    if opening := _OPENING.match(content, at):
        yield Credit(shift + at, shift + opening.end())
        at = opening.end()
    elif (place := _PLACES.match(content, at)) and not _WITHIN.match(content, at):
        yield Credit(shift + at, shift + place.end(), only_places=True)
        at = place.end()
    if not (within and _may_credit(content)):
        return
    for match in _WITHIN.finditer(content, at):
        start = match.start()
        if match[0].startswith(("/", "via")):
            reach = max(at, start - _NAME_REACH)
            name = _NAME_AT_END.search(content[reach:start])
            start = reach + name.start() if name else start
        yield Credit(shift + start, shift + match.end())
        at = match.end()


def _may_credit(text: str) -> bool:
    """Whether a text or a line may have the words and the signs of a credit within."""
    lower = text.lower()
    return (
        "copyright" in lower
        or len(lower) != len(text)  # a letter that grows in lower case shifts the offsets
        or any(sign in text for sign in _OTHER_SIGNS)
        or any(sign.search(text) for sign in _AGENCY_SIGNS)
        or any(
            _CREDIT_SIGN.match(text, end)
            for _, _, end in _CREDIT_FINDER.find_matches_as_indexes(lower, overlapping=True)
        )
    )


def credit_at(credits: Sequence[Credit], position: int) -> Credit | None:
    """The one of ``credits``, as of :func:`find_credits`, that holds a code point of the text."""
    at = bisect_right(credits, position, key=lambda credit: credit.start) - 1
    return credits[at] if at >= 0 and position < credits[at].end else None
