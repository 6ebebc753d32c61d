"""Wire names: what alerts, live blogs and pages write with capitals without naming anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import regex

from service.enrichment.bio import TaggedSpan
from service.enrichment.coreference.lexicon import HONORIFICS, PLACE_HEADS
from service.enrichment.coreference.names import normalize
from service.enrichment.known_names import is_known_person, with_known_type
from service.enrichment.newsroom import (
    ADDRESSED_OFFICES,
    AGENCIES,
    ALERT_WORDS,
    NO_NAMES,
    ORGANIZATIONS,
    STATES,
    TIME_ZONES,
    TIME_ZONES_AFTER_A_TIME,
    WEEKDAYS,
)
from service.enrichment.speech import SPEECH_VERBS
from service.enrichment.types import EntityType
from service.enrichment.words import POSSESSIVES

# Codes of Reuters, which end in the exchange, "BA.N", and the others after it, "NYSE:BA". "U.N" and
# "E.U" are names.
_SHARE = regex.compile(
    r"(?!U\.|E\.U|D\.C)[A-Z0-9]{1,7}(?:_[a-z])?\.[A-Z]{1,3}|[A-Z]{2,8}:[A-Z0-9][A-Z0-9.]{0,7}"
)
_INDEX = regex.compile(r"\.[A-Z0-9]{2,8}")
_CODE_REACH = 3
"""Words between a bracket and a part of a code: "(BA . N)", "(NYSE : BA)"."""
_DASHES = frozenset({"-", "–", "—", "--"})
_LABEL_MARKS = _DASHES | {":", "|", ">", "»", "›", "•"}
_LONGEST_TIME_ZONE = max(map(len, TIME_ZONES_AFTER_A_TIME))
# Without "miss", which is a verb, too: "I miss President Hollis".
_ADDRESSES = HONORIFICS - {"miss"} | {"madam", "madame"}
_LONGEST_AGENCY = 3
_DATELINE_REACH = 12
"""Words after the place in which the agency of a dateline stands."""
_UNTAGGED = 0.5
"""Confidence in an agency that is not tagged."""


def repair_wire_names(spans: Sequence[TaggedSpan], words: Sequence[str]) -> list[TaggedSpan]:
    """Drop labels, slugs and time zones, and keep names and agencies apart in alerts.

    - Weekdays, time zones ("14:05 GMT"), labels ("Top stories", "Q.") and slugs ("URGENT:") name
      nothing. A label of one word is one only if it stands alone, before a colon or a dash, or in
      capitals.
    - Party affiliations ("D-Calif."), offices in an address ("Mr. President") and the codes of
      securities in brackets ("Boeing (BA.N)") name nobody. What has shares is an organisation.
    - The place of a dateline is a name of its own ("[HARARE] - [Zanu PF]").
    - Known newspapers and parties are organisations ("Fine Gael"); well-known persons, companies
      and places have their types ("Starmer", "Tesco").
    - An agency in capitals at an end of the sentence is an organisation ("… Fukushima - NHK").
    - In a sentence in capitals, words such as PCT end a name, and an agency at the beginning or the
      end of the sentence is a name of its own ("NHK [TOKYO ELECTRIC] …").

    Args:
        spans: the names of a sentence.
        words: of the sentence. The spans index them.
    """
    spans = [part for span in spans for part in _split_dateline(span, words)]
    known = sorted([*_retype_known(spans, words), *_untagged_agencies(spans, words)])
    if not known:
        return []
    lower = " ".join(words).lower().split(" ")  # faster than word by word
    in_capitals = not any(c.islower() for word in words for c in word)
    repaired: list[TaggedSpan] = []
    for span in known:
        span = _skip_time_zone(span, lower)
        if span.first == span.last or _is_turn(span, lower):
            continue
        if _is_affiliation(span, words) or _is_addressed_office(span, lower):
            continue
        if is_security(span.first, words):
            continue
        if span.last - span.first == 1 and lower[span.first] in WEEKDAYS:
            continue
        if in_capitals:
            span = _with_speaker(_skip_label(span, lower), lower)
            repaired += _split_alert(span, lower)
        elif not _is_label(span, words, lower):
            repaired.append(_skip_slugs(span, words, lower))
    return repaired


def _split_dateline(span: TaggedSpan, words: Sequence[str]) -> Iterator[TaggedSpan]:
    """The place of a dateline and the name after it: "[HARARE - Zanu PF]"."""
    if span.first == 0 and span.last > 2 and words[0].isupper():
        for dash in range(1, span.last - 1):
            if words[dash] in _DASHES and not words[dash + 1].isupper():
                if "".join(words[:dash]).isupper():
                    yield span._replace(last=dash, type=EntityType.LOCATION)
                    span = span._replace(first=dash + 1)
                break
    yield span


def _is_affiliation(span: TaggedSpan, words: Sequence[str]) -> bool:
    if words[span.first][0] not in "DRI":
        return False
    party, dash, state = words[span.first].replace("–", "-").partition("-")
    pointed = span.last - span.first == 2 and words[span.last - 1] == "."
    return (
        bool(dash)
        and party in ("D", "R", "I")
        and (span.last - span.first == 1 or pointed)
        and state.replace(".", "").lower() in STATES
    )


def is_security(first: int, words: Sequence[str]) -> bool:
    """Whether a word is the code of a share or an index in brackets, or a part of one.

    Args:
        first: index of the word.
        words: of the sentence.
    """
    before = words[max(0, first - _CODE_REACH) : first][::-1]
    if "(" not in before:
        return False
    code = _in_brackets(first - before.index("(") - 1, words)
    return bool(_SHARE.fullmatch(code) or _INDEX.fullmatch(code))


def _has_shares(span: TaggedSpan, words: Sequence[str]) -> bool:
    """Whether the code of a share follows in brackets: "[Jet2] (JET2.L)"."""
    return bool(_SHARE.fullmatch(_in_brackets(span.last, words)))


def _in_brackets(opening: int, words: Sequence[str]) -> str:
    """The characters between the bracket at ``opening`` and the next one; ``""`` without them."""
    if words[opening : opening + 1] != ["("]:
        return ""
    inside = words[opening + 1 : opening + 2 + _CODE_REACH]
    return "".join(inside[: inside.index(")")]) if ")" in inside else ""


def _is_addressed_office(span: TaggedSpan, lower: Sequence[str]) -> bool:
    first = span.first + (lower[span.first].rstrip(".") in _ADDRESSES)
    addressed = first > 0 and lower[first - 1].rstrip(".") in _ADDRESSES
    return addressed and first + 1 == span.last and lower[first] in ADDRESSED_OFFICES


def _retype_known(spans: Sequence[TaggedSpan], words: Sequence[str]) -> Iterator[TaggedSpan]:
    for span in spans:
        form = " ".join(words[span.first : span.last])
        agency = form.isupper() and form.lower() in AGENCIES
        agency = agency and (len(form) > 2 or _is_dateline_agency(span, words))
        known = agency or form.lower() in ORGANIZATIONS
        if form.isupper() and _opens_dateline(span, words):
            yield span._replace(type=EntityType.LOCATION)
            continue
        if form == "X" and span.first and words[span.first - 1] in ("on", "via"):
            yield span._replace(type=EntityType.ORGANIZATION)  # "wrote on X"
        elif span.type == EntityType.MISC and _is_known_full_name(span, words):
            yield span._replace(type=EntityType.PERSON)
        elif known or _has_shares(span, words):
            yield span._replace(type=EntityType.ORGANIZATION)
        else:
            yield with_known_type(span, form) if " " not in form else span


def _is_known_full_name(span: TaggedSpan, words: Sequence[str]) -> bool:
    """Whether a name that a tagger takes for a thing ends in a well-known family name."""
    if span.last - span.first != 2:
        return False
    given, family = words[span.first : span.last]
    capitalised = given[0].isupper() and given[1:].islower()
    return capitalised and is_known_person(family) and normalize(given) not in PLACE_HEADS


def _opens_dateline(span: TaggedSpan, words: Sequence[str]) -> bool:
    """Whether a name stands as LEEDS does in "LEEDS, England, Nov 3 (AP) -" or "LEEDS (AP) -"."""
    after = words[span.last : span.last + _DATELINE_REACH]
    if span.first or not after or after[0] not in (",", "(", "/"):
        return False
    for at, word in enumerate(after):
        if word in ("(", "/") and " ".join(after[at + 1 : at + 2]).lower() in AGENCIES:
            return True
    return False


def _is_dateline_agency(span: TaggedSpan, words: Sequence[str]) -> bool:
    """Whether a name stands as AP does in "(AP) —"; PA and AP are states, too."""
    after = words[span.last : span.last + 2]
    return (
        span.first > 0
        and words[span.first - 1] == "("
        and len(after) == 2
        and after[0] == ")"
        and after[1] in _DASHES
    )


def _untagged_agencies(spans: Sequence[TaggedSpan], words: Sequence[str]) -> Iterator[TaggedSpan]:
    """Agencies in capitals before a colon or dash at the beginning, or after one at the end."""
    for first, mark in ((0, 1), (len(words) - 1, len(words) - 2)):
        if not (0 <= mark < len(words) and words[mark] in _LABEL_MARKS):
            continue
        word = words[first]
        tagged = any(span.first <= first < span.last for span in spans)
        if not tagged and len(word) > 2 and word.isupper() and word.lower() in AGENCIES:
            yield TaggedSpan(first, first + 1, EntityType.ORGANIZATION, _UNTAGGED)


def _skip_time_zone(span: TaggedSpan, lower: Sequence[str]) -> TaggedSpan:
    """The span without a time zone that fills it, or with which it begins: "14:05 GMT Sterling"."""
    zone = lower[span.first].replace(".", "")
    if len(zone) > _LONGEST_TIME_ZONE:
        return span
    before = lower[span.first - 1].replace(".", "") if span.first else ""
    after_time = before in ("am", "pm") or before[:1].isdigit()
    form = "".join(lower[span.first : span.last]).replace(".", "")
    if form in TIME_ZONES or (form in TIME_ZONES_AFTER_A_TIME and after_time):
        return span._replace(first=span.last)
    begins = after_time and zone in TIME_ZONES_AFTER_A_TIME
    return span._replace(first=span.first + 1) if begins else span


def _is_turn(span: TaggedSpan, lower: Sequence[str]) -> bool:
    """Whether the span is what a turn of a transcript begins with: "A. In May"."""
    return span.first == 0 and "".join(lower[: span.last]).rstrip(".") in ("q", "a")


def _is_label(span: TaggedSpan, words: Sequence[str], lower: Sequence[str]) -> bool:
    if " ".join(lower[span.first : span.last]) not in NO_NAMES:
        return False
    follower = words[span.last] if span.last < len(words) else ""
    alone = span.first == 0 and (not follower or follower in _LABEL_MARKS)
    in_capitals = "".join(words[span.first : span.last]).isupper()
    return span.last - span.first > 1 or alone or in_capitals


def _skip_slugs(span: TaggedSpan, words: Sequence[str], lower: Sequence[str]) -> TaggedSpan:
    """The span without slugs in capitals before the name: "URGENT Bank of Japan"."""
    first = span.first
    while first < span.last - 1 and words[first].isupper() and lower[first] in NO_NAMES:
        first += 1
    if first == span.first or words[first].isupper():
        return span
    return span._replace(first=first)


def _skip_label(span: TaggedSpan, lower: Sequence[str]) -> TaggedSpan:
    """The span without a label at its beginning that fills it or ends with the first words."""
    for last in range(span.last, span.first, -1):
        if " ".join(lower[span.first : last]) in NO_NAMES and (last == span.last or not span.first):
            return span._replace(first=last)
    return span


def _split_alert(span: TaggedSpan, lower: Sequence[str]) -> Iterator[TaggedSpan]:
    first = span.first
    for at in range(span.first, span.last):
        if lower[at] in ALERT_WORDS:
            yield from _split_agencies(span._replace(first=first, last=at), lower)
            first = at + 1
        elif lower[at] in POSSESSIVES and first < at < span.last - 1 and _speaks(span, lower):
            yield from _split_agencies(span._replace(first=first, last=at), lower)
            first = at + 1
            span = span._replace(type=EntityType.PERSON)
    yield from _split_agencies(span._replace(first=first), lower)


def _with_speaker(span: TaggedSpan, lower: Sequence[str]) -> TaggedSpan:
    """Type a short name between an 's and a verb of speech as a person: "ECB'S LAGARDE SAYS"."""
    owned = span.first > 0 and lower[span.first - 1] in POSSESSIVES
    if owned and 0 < span.last - span.first <= 2 and _speaks(span, lower):
        return span._replace(type=EntityType.PERSON)
    return span


def _speaks(span: TaggedSpan, lower: Sequence[str]) -> bool:
    """Whether a verb of speech follows: "BANK OF ENGLAND'S BAILEY SAYS …"."""
    return span.last < len(lower) and lower[span.last] in SPEECH_VERBS


def _split_agencies(span: TaggedSpan, lower: Sequence[str]) -> Iterator[TaggedSpan]:
    if span.first >= span.last:
        return
    first, last = span.first, span.last
    sentence_end = len(lower)
    while sentence_end and not lower[sentence_end - 1][0].isalnum():
        sentence_end -= 1
    opening = not any(word[0].isalnum() for word in lower[:first])
    for size in range(min(_LONGEST_AGENCY, last - first), 0, -1):
        if opening and " ".join(lower[first : first + size]) in AGENCIES:
            yield span._replace(last=first + size, type=EntityType.ORGANIZATION)
            first += size
            break
    closing = None
    for size in range(min(_LONGEST_AGENCY, last - first), 0, -1):
        if last == sentence_end and " ".join(lower[last - size : last]) in AGENCIES:
            closing = span._replace(first=last - size, type=EntityType.ORGANIZATION)
            last -= size
            break
    if first < last:
        yield span._replace(first=first, last=last)
    if closing:
        yield closing
