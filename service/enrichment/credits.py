"""Credits: bylines, datelines, agencies and picture credits, whose names are not subjects."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import regex
from ahocorasick_rs import AhoCorasick

from service.enrichment.coreference.names import Name
from service.enrichment.newsroom import (
    AGENCIES,
    AUTHOR_ROLES,
    CREDIT_LABELS,
    CREDIT_PHRASES,
    CREDIT_ROLES,
    TEASER_LABELS,
)
from service.enrichment.types import EntityType
from service.enrichment.words import Span


def _any_of(words: Iterable[str]) -> str:
    return "|".join(regex.escape(word) for word in sorted(words, key=len, reverse=True))


_AGENCY = rf"(?i:{_any_of(AGENCIES)})"
_AGENCIES = rf"(?:{_AGENCY}(?:\ *[,/&]\ *{_AGENCY}){{0,3}})"
_DESK = r"(?:\ \p{Lu}\p{Ll}{2,20}){0,2}"  # "Reuters Breakingviews", "AFP Sports"
_CAPITALISED = r"(?:(?:\p{Lu}\.){1,3}|\p{Lu}[\p{L}\p{M}\p{N}'’\-]{0,30}+)"
_PARTICLE = r"(?:d[aei]|del|van|von|der|den|la|al|bin|of|the)\b"
_NAME = rf"{_CAPITALISED}(?:\ {{1,3}}(?:{_CAPITALISED}|{_PARTICLE})){{0,5}}"
_JOINT = r"(?:\ ?,\ ?(?:and\ |&\ )?|\ (?:and|in|for|at|with|via)\ |\ ?[&/|]\ ?)"
_NAMES = rf"{_NAME}(?:{_JOINT}{_NAME}){{0,9}}"
_DATE = (
    r"(?:\d{1,2}\ )?\p{Lu}\p{Ll}{2,8}\.?(?:\ \d{1,2})?(?:,?\ \d{4})?"  # "3 November 2026", "Nov. 3"
)
_REST = r"\p{L}[\p{L}\p{M}.'’\-]{0,30}+"
_PLACE = rf"\p{{Lu}}[\p{{L}}\p{{M}}.'’\-]{{0,30}}+(?:[\ /]{_REST}){{0,4}}"
_CAPITALS = r"\p{Lu}[\p{Lu}\p{M}.'’\-]{1,30}+(?:[\ /]\p{Lu}[\p{Lu}\p{M}.'’\-]{0,30}+){0,4}"
_DETAILS = rf"(?:,\ (?:{_DATE}|{_PLACE})){{0,3}}"
_DASH = r"(?:\p{Pd}{1,2}|:)"
_DASHED = rf"(?:{_PLACE}{_DETAILS}\ *[(\[/]\ *{_AGENCIES}{_DESK}\ *[)\]/]\ *{_DASH})"
# Indian agencies leave the dash out.
_DATELINE = (
    rf"(?:{_DASHED}|{_CAPITALS}{_DETAILS}\ *"
    rf"(?:\(\ *{_AGENCIES}\ *\)|,\ *{_AGENCIES}\ *{_DASH}(?=\s)))"
)
_END = r"(?=[ \t]*+$)"
_ROLE = rf"(?i:{_any_of(AUTHOR_ROLES)})"

# At the beginning of a line.
_OPENING = regex.compile(
    rf"""
      (?:\p{{Lu}}\w{{1,20}}\ )?[Bb][Yy]:?\ +{_NAMES}
      (?:[ \t]*(?:(?:,|\p{{Pd}})[^.!?]{{0,60}}|[|•·][^!?]{{0,60}}))?{_END}
    | (?:\p{{Lu}}\w{{1,20}}\ )?B[Yy]:?\ +{_NAMES}\ +{_DATELINE}
    | {_DATELINE}
    | {_AGENCIES}\ *(?:{_DASH}|\|)(?=\s)
    | {_NAMES}(?:\ *[,|/]|\ \p{{Pd}})\ *
      (?:{_AGENCIES}{_DESK}|(?:[\p{{L}}&'’\-]{{1,20}}\ ){{0,4}}{_ROLE})(?:,\ {_NAMES})?{_END}
    | {_AGENCIES}(?:\ \p{{Lu}}[\p{{L}}&]{{0,20}}){{0,3}}\ {_ROLE}{_END}
    | {_AGENCIES}{_END}
    | SOURCE:?\ +{_NAMES}{_END}
    """,
    regex.VERBOSE,
)
# "Read more: Ann Lee resigns", below the first line, which may be a headline.
_TEASER = regex.compile(rf"\W*(?i:{_any_of(TEASER_LABELS)})\ ?[:|»>]")
_PLACES = regex.compile(
    rf"{_CAPITALS}{_DETAILS}\ *(?:\([^()]{{2,30}}\)\ *)?(?:{_DASH}|\|)(?=\ )", regex.VERBOSE
)
_CREDIT = (
    rf"(?i:{_any_of(CREDIT_ROLES)})(?:\ and\ \w{{1,20}})?"
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
      {_CREDIT}\ +{_NAMES}
      (?=\ *(?:[;.)\]|/]|$|,?\ (?:and\ )?{_CREDIT}\ |\ from\ (?:wire|agency|news|staff)))
    | (?:^|(?<=[(\[;.|]\ ?))(?i:{_any_of(CREDIT_LABELS | CREDIT_ROLES)})
      (?:(?:\ by)?:|(?<=source|credit),)\ *{_NAMES}(?=\ *(?:[;.)\]|]|$))
    | \b(?:AP\ Photo|AFP|EPA|Reuters|REUTERS)/{_NAMES}
    | \b[Ii]mage\ copyright\ {_AGENCIES}(?:\ [Ii]mages)?
    | [(\[]\ *{_AGENCIES}\ *[)\]]
    | (?:(?:\b(?i:copyright)\ )?(?:©|\(c\))\ *(?:\d{{4}},?\ )?|\b(?i:copyright)\ \d{{4}},?\ )
      {_NAMES}
    | (?<=\ )(?:\p{{Pd}}{{1,2}}|\|)\ *{_AGENCIES}{_END}
    | (?:/PA|(?:/\ *|\bvia\ ){_AGENCY})(?=\ *(?:[;.)\]|/]|$))
    )
    """,
    regex.VERBOSE,
)
# Each match of the pattern above has one of these, or a stem of a credit's words with a sign after
# it: most texts and lines need no search. Three patterns are faster than one.
_AGENCY_SIGNS = [
    regex.compile(rf"{sign}\ *{_AGENCY}(?!\w)")
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
      \b(?i:{_any_of(CREDIT_PHRASES)})\b
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
      {_NAMES}\ (?:
          reported\ from | writes\ about | can\ be\ reached
        | covers\ [\p{{L}},&\ \-]{{1,60}}\ (?:for|at)\b
        | is\ (?:(?:an?|the|our)\ )?(?:[\p{{L}}\p{{N}}&'’\-]{{1,20}}\ ){{0,5}}{_ROLE}\b
      )
    | (?i:follow|email|e-mail|contact)\ {_NAME}
    )""",
    regex.VERBOSE,
)
_LAST_LINES = 3
_LONGEST_AUTHOR_LINE = 300
"""Code points of a line about the author."""

_NAME_LINE = regex.compile(rf"\s*{_NAMES}\s*", regex.VERBOSE)
_OUTLET_LINE = regex.compile(rf"\s*{_AGENCIES}(?:,\ {_NAMES})?\s*", regex.VERBOSE)
# "Maria Fontana in Rome", below the headline.
_PLACED_NAME_LINE = regex.compile(
    rf"\s*{_CAPITALISED}(?:\ {_CAPITALISED}){{1,3}}\ in\ {_NAMES}\s*", regex.VERBOSE
)
# "Maria Fontana North of England editor", in the first lines.
_DESK_WORDS = (
    r"\p{Lu}[\p{L}'’\-]{0,20}|and|of|for|the|&|business|chief|defence|deputy|diplomatic|economics|"
    r"education|environment|foreign|health|home|political|science|senior|social|sports?|technology"
)
_ROLE_LINE = regex.compile(
    rf"\s*{_CAPITALISED}(?:\ {_CAPITALISED}){{1,2}}\ (?:(?:{_DESK_WORDS})\ ){{0,5}}{_ROLE}\s*",
    regex.VERBOSE,
)
# "Sarah Hill" above "Business reporter, BBC News", in the first lines.
_ROLE_BELOW_LINE = regex.compile(
    rf"\s*(?:[\p{{L}}&'’\-]{{1,20}}\ ){{0,5}}{_ROLE}(?:(?:,|\ (?:at|for|in))\ {_NAMES})?\s*",
    regex.VERBOSE,
)
# "Ann Lee | Seoul | 4 November 2026", "4 Nov 2026, 10:05 GMT"
_DATE_LINE = (
    r"(?:\d{1,2}\ )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\p{Ll}{0,6}\.?\ "
    r"(?:\d{1,2},\ )?\d{4}\b[^!?]{0,30}"
)
_DATED_LINE = regex.compile(
    rf"\s*(?:{_NAME}\ ?[|•·,–-]\ (?:[\p{{L}}\ ]{{2,30}}\ ?[|•·,–-]\ )?)?{_DATE_LINE}"
)
# "Opinion | Ann Lee"
_LABELLED_NAME_LINE = regex.compile(
    r"\s*(?:Opinion|Comment|Commentary|Analysis|Column|Editorial|(?:Guest\ )?Essay|Perspective)"
    rf"\s*[|·•/]\s*{_CAPITALISED}(?:\ {_CAPITALISED}){{1,3}}\s*",
    regex.VERBOSE,
)
# "Nairobi, Kenya – William Ruto …", at the beginning of an article.
_OPENING_PLACES = regex.compile(
    rf"{_PLACE}{_DETAILS}\ (?:–|—|--?)\ (?=\p{{Lu}}[^\r\n]{{{40}}})", regex.VERBOSE
)
_FIRST_LINES = 3
_PROSE_ENDS = (".", '."', ".”", "?", "!")
_BYLINE_LINES = 6
"""First lines in which an author stands above what he or she is."""
_SHORTEST_PROSE = 60
"""Code points of a line that is not a heading."""
_NAME_AT_END = regex.compile(rf"{_NAMES}\ ?$", regex.VERBOSE)
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


def in_credit(credits: Sequence[Credit], mention: Name) -> bool:
    """Whether a mention stands in one of ``credits``, which are in order."""
    at = bisect_right(credits, mention.start, key=lambda credit: credit.start) - 1
    if at < 0 or credits[at].end <= mention.start:
        return False
    return not credits[at].only_places or mention.type == EntityType.LOCATION
