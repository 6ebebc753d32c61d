"""Span repair: names that a model tags in part, in two, or with a word too many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

import regex

from service.enrichment.bio import TaggedSpan
from service.enrichment.coreference.lexicon import (
    CITIES,
    COUNTRIES,
    FOLLOWING_HEADS,
    GENERATIONS,
    INDEX_ENDINGS,
    INDICES,
    PRECEDING_HEADS,
)
from service.enrichment.coreference.names import ends_in_legal_form, is_honorific, normalize
from service.enrichment.known_names import known_type
from service.enrichment.numbered_names import is_number_of_name, numbered_unit
from service.enrichment.person_spans import PARTICLES, repair_persons, with_titled_person
from service.enrichment.span_joining import (
    PLACES_AND_ORGANIZATIONS,
    has_capital_or_digit,
    join_adjacent,
    join_cases,
    join_coordinated,
    join_nicknames,
    join_ships,
    known_coordination,
    may_hold_untagged_names,
    shared_head_end,
)
from service.enrichment.types import EntityType
from service.enrichment.words import POSSESSIVES

# First words of an organisation's name before "of" or "for", which a model sometimes omits.
_HEAD_NOUNS = frozenset(
    "academy agency association authority bank board bureau campaign center centre chamber church "
    "college commission committee confederation congress council court department faculty "
    "federation foundation fund house institute institution league ministry museum office "
    "organisation organization school secretariat society union university".split()
)
# Those that stand before a place: "Church of England".
_HEADS_OF_PLACES = frozenset("bank church diocese museum parliament university".split())
_ARTICLES = ("The", "A", "An")

_DASHES = frozenset({"-", "–", "—", "--"})
# Nouns that a tagger omits at the end of a place's name: "[Downing] Street".
_STREETS = frozenset({"Avenue", "Boulevard", "Lane", "Road", "Square", "Street"})
# Nouns of places after a possessive: "[Land] 's End".
_POSSESSED = frozenset(
    {"Bay", "Bush", "Corner", "Cross", "End", "Green", "Head", "Landing", "Park"}
)
_THINGS = frozenset({EntityType.MISC, EntityType.PRODUCT})
_LAWS = frozenset({"Act", "Bill", "Code", "Order"})
_YEAR = regex.compile(r"1[5-9]\d\d|20\d\d")
# "press@example.org", "www.example.org", "Budget_2026.pdf"; "Booking.com" is a name.
_ADDRESS = regex.compile(
    r"\w@\w|^www\.\w|\w_\w|\.(?:csv|docx?|gif|html?|jpe?g|mp[34]|pdf|php|png|pptx?|txt|xlsx?|zip)$",
    regex.IGNORECASE,
)
_LEGAL_FORM_REACH = 3
"""Most words that a tagger omits at the end of a company's name."""


def repair_spans(spans: Sequence[TaggedSpan], words: Sequence[str]) -> list[TaggedSpan]:
    """Correct the usual mistakes of a tagger in one sentence.

    - Adjacent names of one type become one (``[Lib] [Dems]``).
    - What a thing belongs to is an organisation (``[Apple] 's [iPhone]``).
    - A place and the one that it lies in are two names (``[Nairobi] , [Kenya]``, ``[London] 's
      [Gatwick]``), except "Washington, D.C.".
    - A nickname in quotation marks does not split a person's name (``[Ray] "Boom Boom" [Castro]``).
    - Two places that share a head noun are one organisation (``[Devon] and [Cornwall] Police``),
      and so are the parts of some names (``[Marks] and [Spencer]``).
    - An organisation gets back the head noun that its tag omits (``Centre for [Strategic
      Studies]``).
    - A legal form and a generational suffix belong to the name before them (``Acme Ltd``).
    - What follows "Ms" or "Cllr" is a person; see
      :func:`~service.enrichment.person_spans.repair_persons` for more on persons.
    - The parties of a case are one name (``[Roe] v. [Wade]``), and a law has its year.
    - A ship's name begins with its prefix (``HMS [Prince] of [Wales]``).
    - "Mr" is not part of a name, nor are lower-case words around a person's or a place's name.
    - A name ends before an e-mail address, a web address or the name of a file.
    - In a sentence with capitals, a name without a capital or a digit is dropped.

    Args:
        spans: the names of a sentence, as :func:`~service.enrichment.bio.decode_tags` returns
            them.
        words: of the sentence. The spans index them.
    """
    if not spans and not may_hold_untagged_names(words):
        return []
    has_capitals = any(c.isupper() for word in words for c in word)
    repaired: list[TaggedSpan] = []
    spans = [cut for span in spans if (cut := _without_address(span, words))]
    joined = [part for span in join_adjacent(spans, words) for part in _split_places(span, words)]
    if has_capitals:
        joined = join_ships(join_coordinated(join_nicknames(joined, words), words), words)
        joined = join_cases(repair_persons(joined, words), words)
    for span, following in zip_longest(joined, joined[1:]):
        if following and _makes(span, following, words):
            span = span._replace(type=EntityType.ORGANIZATION)
        if has_capitals:
            span = _trim(with_titled_person(span, words), words)
            name = words[span.first : span.last]
            if not any(map(has_capital_or_digit, name)) or (
                len(name) == 1 and name[0] in _ARTICLES
            ):
                continue
        previous_end = repaired[-1].last if repaired else 0
        if span.first < previous_end:
            continue
        limit = following.first if following else len(words)
        span = _with_suffix(span, words, limit)
        repaired.append(_restore_head_noun(span, words, previous_end))
    return repaired


def _without_address(span: TaggedSpan, words: Sequence[str]) -> TaggedSpan | None:
    for at in range(span.first, span.last):
        if _ADDRESS.search(words[at]):
            return span._replace(last=at) if at > span.first else None
    return span


def _split_places(span: TaggedSpan, words: Sequence[str]) -> Iterator[TaggedSpan]:
    if span.type == EntityType.LOCATION:
        for mark in range(span.first + 1, span.last - 1):
            if words[mark + 1][0].isupper() and (
                (words[mark] == "," and normalize(words[mark + 1]) != "dc")
                or (words[mark] in POSSESSIVES and _is_place(words[span.first : mark]))
            ):
                yield span._replace(last=mark)
                span = span._replace(first=mark + 1)
    yield span


def _makes(span: TaggedSpan, following: TaggedSpan, words: Sequence[str]) -> bool:
    """Whether a name is that of the maker of a thing: ``[Apple] 's [iPhone]``."""
    return (
        span.type in _THINGS
        and following.type in _THINGS
        and span.last - span.first == 1
        and span.last + 1 == following.first
        and words[span.last] in POSSESSIVES
    )


def _is_place(name: Sequence[str]) -> bool:
    form = normalize(" ".join(name))
    return form in CITIES or known_type(form) == EntityType.LOCATION


def _with_suffix(span: TaggedSpan, words: Sequence[str], limit: int) -> TaggedSpan:
    """Add a legal form, "Police", an index's number, or a generational suffix after the name."""
    if span.last >= limit or span.first == span.last:
        return span
    suffix = words[span.last]
    if span.type == EntityType.LOCATION and known_coordination(words[span.first : span.last]):
        end = shared_head_end(span, words)  # "Tyne and Wear Fire and Rescue Service"
        if end and end > span.last:
            return span._replace(last=end, type=EntityType.ORGANIZATION)
    if (
        span.type in PLACES_AND_ORGANIZATIONS
        and suffix[0].isupper()
        and suffix.lower() in FOLLOWING_HEADS
    ):
        return span._replace(last=span.last + 1, type=EntityType.ORGANIZATION)
    if suffix in POSSESSIVES and span.last - span.first == 1 and span.last + 1 < limit:
        whole = words[span.last + 1] in _POSSESSED and normalize(words[span.first]) not in COUNTRIES
        if whole and span.type in (EntityType.LOCATION, EntityType.PERSON):
            return span._replace(last=span.last + 2, type=EntityType.LOCATION)
    if suffix in _STREETS and span.type == EntityType.LOCATION:
        return span._replace(last=span.last + 1)
    if suffix[0].isupper() and words[span.first].lower() in INDICES:
        last = span.last
        while last < limit and words[last].lower() in INDEX_ENDINGS:
            last += 1
        if last > span.last:  # "Dow Jones Industrial Average"
            return span._replace(last=last)
    if is_number_of_name(span, words):
        return span._replace(last=span.last + 1)
    if span.type == EntityType.MISC and (law := _year_of_law(span, words)):
        return span._replace(last=law)
    company = _with_legal_form(span, words, limit)
    if span.type != EntityType.PERSON or company:
        return company or span
    last = span.last
    if suffix == "," and last + 1 < len(words):
        last, suffix = last + 1, words[last + 1]
    # "Ann Cole Senior Adviser"
    spelled = suffix in ("Senior", "Junior") and words[last + 1 : last + 2]
    if (
        suffix[0].isupper()
        and normalize(suffix) in GENERATIONS
        and (span.last - span.first > 1 or len(suffix) > 1)
        and not (spelled and words[last + 1][0].isupper())
        and (last == span.last or suffix.rstrip(".") in ("Jr", "Sr"))
    ):
        return span._replace(last=last + 1)
    return span


def _with_legal_form(span: TaggedSpan, words: Sequence[str], limit: int) -> TaggedSpan | None:
    """The span up to a legal form: a certain one or, right after a person, one in capitals."""
    for last in range(span.last + 1, min(span.last + _LEGAL_FORM_REACH, limit) + 1):
        if not words[last - 1][0].isupper() and words[last - 1] != "plc":
            break
        name = " ".join(words[span.first : last])
        mixed_case = words[last - 1].isupper() and not name.isupper() and last == span.last + 1
        uncertain = mixed_case and span.type == EntityType.PERSON
        if ends_in_legal_form(name) or (uncertain and ends_in_legal_form(name, certain=False)):
            return span._replace(last=last, type=EntityType.ORGANIZATION)
    return None


def _year_of_law(span: TaggedSpan, words: Sequence[str]) -> int | None:
    """One past the year after a law: "the [Clean Air Act] of 1970"."""
    after = span.last
    if words[after - 1] == "of":
        after -= 1
    is_law = after - span.first > 1 and words[after - 1] in _LAWS
    year = after + (words[after : after + 1] == ["of"])
    return year + 1 if is_law and _YEAR.fullmatch("".join(words[year : year + 1])) else None


def _trim(span: TaggedSpan, words: Sequence[str]) -> TaggedSpan:
    """Remove words that are not part of the name. The span may end up empty."""
    first, last = span.first, span.last
    while first < last and words[first] in _DASHES:
        first += 1
    if "(" in words[first + 1 : last] and ")" not in words[first:last]:
        last = words.index("(", first + 1)  # "[Nvidia ( NVDA.O] )"
    if span.type == EntityType.PERSON:
        while first < last and is_honorific(words[first]):
            first += 1
    trims_lowercase = span.type in (EntityType.PERSON, EntityType.LOCATION)
    if trims_lowercase and any(map(has_capital_or_digit, words[first:last])):
        while (
            words[first][0].islower()
            and not has_capital_or_digit(words[first])
            and words[first] not in PARTICLES
        ):
            first += 1
        if words[last - 1] == "." and words[last - 2].islower() and last - first > 2:
            last -= 1  # "[Sinner d.] Alcaraz"
        while (
            words[last - 1].islower()
            and not has_capital_or_digit(words[last - 1])
            and not _is_hyphenated(words[first:last])
        ):
            last -= 1
    if span.type == EntityType.MISC and last - first > 1 and words[last - 1] == "of":
        last -= 1
    if span.type == EntityType.ORGANIZATION:
        company = last
        while company - first > 2 and words[company - 1].islower():
            company -= 1
        if company - first > 1 and ends_in_legal_form(" ".join(words[first:company])):
            last = company
    unchanged = (first, last) == (span.first, span.last)
    return span if unchanged else span._replace(first=first, last=last)


def _is_hyphenated(name: Sequence[str]) -> bool:
    """Whether a hyphen between spaces, as in tokenised text, joins the last word to the name."""
    return len(name) > 2 and name[-2] in ("-", "‐", "‑")


def _restore_head_noun(span: TaggedSpan, words: Sequence[str], previous_end: int) -> TaggedSpan:
    if span.type == EntityType.LOCATION and span.first > previous_end:
        head = words[span.first - 1]  # "Police Scotland"
        if head[0].isupper() and head.lower() in PRECEDING_HEADS and span.last - span.first == 1:
            return span._replace(first=span.first - 1, type=EntityType.ORGANIZATION)
    if span.first > previous_end and (unit := numbered_unit((span.first, span.last), words)):
        return span._replace(first=unit[0], type=EntityType.ORGANIZATION)
    if span.last - span.first == 1 and words[span.first].isupper():
        first = _company_before(span.first, words, previous_end)
        if first < span.first:
            return span._replace(first=first, type=EntityType.ORGANIZATION)
    is_place = span.type in (EntityType.LOCATION, EntityType.FACILITY)
    if not is_place and span.type not in (EntityType.ORGANIZATION, EntityType.MISC):
        return span
    preposition = span.first - 1
    if preposition > 0 and words[preposition] == "the":
        preposition -= 1
    if preposition > previous_end and words[preposition] in ("of", "for"):
        head = words[preposition - 1]
        of_place = head.lower() in _HEADS_OF_PLACES and words[preposition] == "of"
        if head[0].isupper() and (of_place if is_place else head.lower() in _HEAD_NOUNS):
            return span._replace(first=preposition - 1, type=EntityType.ORGANIZATION)
    return span


def _company_before(form: int, words: Sequence[str], limit: int) -> int:
    """The first word of the company before a legal form: ``Equinor [ASA]``; else ``form``."""
    if not ends_in_legal_form(f"A {words[form]}", certain=False):
        return form
    first = form
    while first > max(limit, form - _LEGAL_FORM_REACH) and words[first - 1][0].isupper():
        first -= 1
    return first + (words[first] in _ARTICLES and first < form)
