"""Span joining: names that a tagger cuts into parts, as at a nickname or at "and"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import regex

from service.enrichment.bio import TaggedSpan
from service.enrichment.coreference.lexicon import (
    COORDINATED_ORGANIZATIONS,
    COORDINATED_PLACES,
    COORDINATED_REGIONS,
    COUNTIES,
    SHARED_HEAD_ENDINGS,
    SHARED_HEADS,
    SHIP_PREFIXES,
)
from service.enrichment.coreference.names import ends_in_legal_form, normalize
from service.enrichment.types import EntityType

_CLOSING_QUOTES = {'"': '"”', "“": '”"', "„": "“”", "‘": "’'", "'": "'’", "«": "»"}
"""By the opening quotation mark."""
_OPENINGS = frozenset({"(", *_CLOSING_QUOTES})
_MAX_NICKNAME = 4
"""Most words of a nickname."""
_MAX_COORDINATED = 8
"""Most words of a name that "and" joins."""
_AND = frozenset({"and", "&"})
_FIRST_WORDS = {form.split()[0] for form in COORDINATED_ORGANIZATIONS | COORDINATED_PLACES}
_COURT_WORDS = frozenset(
    "appeal attorney case cases court courts decision judge judges jury justices landmark lawsuit "
    "overturned plaintiff precedent ruled ruling".split()
)
_UNTAGGED = 0.5
"""Confidence in a known name that is not tagged."""
PLACES_AND_ORGANIZATIONS = (EntityType.LOCATION, EntityType.ORGANIZATION)
_NATIONALITY = regex.compile(r"(?:an|ch|ese|i|ian|ish)$")


def merge(one: TaggedSpan, other: TaggedSpan, type_: str) -> TaggedSpan:
    """A span from ``one`` to ``other``, with the mean of their words' confidence."""
    sizes = one.last - one.first, other.last - other.first
    confidence = (one.confidence * sizes[0] + other.confidence * sizes[1]) / sum(sizes)
    return TaggedSpan(one.first, other.last, type_, confidence)


def may_hold_untagged_names(words: Sequence[str]) -> bool:
    """Whether the rules for "and" or for ships may find a name where none is tagged."""
    return not (_AND.isdisjoint(words) and SHIP_PREFIXES.isdisjoint(words))


def join_adjacent(spans: Sequence[TaggedSpan], words: Sequence[str]) -> Iterator[TaggedSpan]:
    """Join adjacent spans that are parts of one name: ``[Lib] [Dems]``."""
    current: TaggedSpan | None = None
    for span in spans:
        if (
            current
            and current.last == span.first
            and (
                _is_one(current, span, words)
                or _is_unfinished(current, words)
                or _is_college(current, span, words)
            )
        ):
            current = merge(current, span, current.type)
            continue
        if current:
            yield current
        current = span
    if current:
        yield current


def _is_one(span: TaggedSpan, following: TaggedSpan, words: Sequence[str]) -> bool:
    """Whether adjacent spans are parts of one name: ``[Lib] [Dems]``, not ``[Thai] [Muslims]``."""
    nationality = span.type == EntityType.NORP and _NATIONALITY.search(words[span.last - 1])
    return (
        span.type == following.type
        and not nationality
        and words[span.last - 1] not in (")", "]")
        and any(map(has_capital_or_digit, words[span.first : span.last]))
    )


def _is_college(span: TaggedSpan, place: TaggedSpan, words: Sequence[str]) -> bool:
    """Whether a place belongs to a college's name: ``[Imperial College] [London]``."""
    types = (span.type, place.type) == (EntityType.ORGANIZATION, EntityType.LOCATION)
    return types and words[span.last - 1] in ("College", "University")


def _is_unfinished(span: TaggedSpan, words: Sequence[str]) -> bool:
    """Whether a name ends in a preposition: ``[Lloyd 's of] [London]``."""
    name = words[span.first : span.last - 1]
    unfinished = bool(name) and words[span.last - 1] in ("of", "for")
    return unfinished and not ends_in_legal_form(" ".join(name), certain=False)


def join_nicknames(spans: Sequence[TaggedSpan], words: Sequence[str]) -> list[TaggedSpan]:
    """Join a person's given name, a nickname in quotation marks or brackets and the family name."""
    if _OPENINGS.isdisjoint(words):
        return list(spans)
    joined: list[TaggedSpan] = []
    position = 0
    while position < len(spans):
        span = spans[position]
        position += 1
        closing = _nickname_end(span, words)
        following = spans[position].type if position < len(spans) else EntityType.PERSON
        bracketed = bool(closing) and words[span.last] == "(" and words[span.last + 2] == ")"
        if closing and not (bracketed and following != EntityType.PERSON):  # "Busch (Ford) Hamlin"
            while position < len(spans) and spans[position].last <= closing:
                position += 1
            family = spans[position] if position < len(spans) else None
            if family and family.first <= closing and EntityType.PERSON in (span.type, family.type):
                span = merge(span, family, EntityType.PERSON)
                position += 1
            elif span.type == EntityType.PERSON and (not family or family.first > closing):
                span = span._replace(last=closing + 1)
        joined.append(span)
    return joined


def _nickname_end(span: TaggedSpan, words: Sequence[str]) -> int | None:
    """The word after a nickname that follows a person's name, if a name may go on there."""
    quoted = any(word in _CLOSING_QUOTES for word in words[span.first + 1 : span.last])
    if span.type != EntityType.PERSON and not quoted:
        return None
    opening = next(
        (i for i in range(span.first + 1, span.last) if words[i] in _OPENINGS),
        span.last,
    )
    if opening + 3 >= len(words):
        return None
    in_brackets = words[opening] == "("
    quoted = words[opening + in_brackets] in _CLOSING_QUOTES
    inner = opening + in_brackets + quoted
    closers = _CLOSING_QUOTES[words[inner - 1]] if quoted else ")"
    if not (quoted or _is_given_name(span, opening, words)):
        return None
    for closing in range(inner + 1, min(inner + _MAX_NICKNAME + 1, len(words) - 1)):
        if words[closing] in closers:
            after = closing + 1
            if in_brackets and quoted and words[after] == ")":
                after += 1
            capitalised = has_capital_or_digit(words[closing - 1])
            goes_on = after < len(words) and words[after][0].isupper()
            return after if capitalised and goes_on and after >= span.last else None
        if words[closing] in (",", ".", "!", "?", ":"):
            return None
    return None


def _is_given_name(span: TaggedSpan, opening: int, words: Sequence[str]) -> bool:
    """Whether one capitalised word stands in brackets behind one: ``[William] (Bill) Clinton``."""
    given = opening - span.first == 1 and words[opening] == "("
    return given and words[opening + 2 : opening + 3] == [")"] and not words[opening + 1].isupper()


def join_ships(spans: Sequence[TaggedSpan], words: Sequence[str]) -> list[TaggedSpan]:
    """Join the prefix of a ship and its name: ``[HMS Prince] of [Wales]``."""
    if SHIP_PREFIXES.isdisjoint(words):
        return list(spans)
    ships: list[TaggedSpan] = []
    for prefix, word in enumerate(words[:-1]):
        if word in SHIP_PREFIXES and words[prefix + 1][0].isupper():
            last = _ship_end(prefix, spans, words)
            tagged = [s for s in spans if s.first < last and s.last > prefix]
            is_product = any(s.type == EntityType.PRODUCT for s in tagged)
            type_ = EntityType.PRODUCT if is_product else EntityType.MISC
            confidence = min((s.confidence for s in tagged), default=_UNTAGGED)
            ships.append(TaggedSpan(prefix, last, type_, confidence))
    others = [s for s in spans if all(s.last <= x.first or s.first >= x.last for x in ships)]
    return sorted([*others, *ships])


def _ship_end(prefix: int, spans: Sequence[TaggedSpan], words: Sequence[str]) -> int:
    name = prefix + 1
    last = next((s.last for s in spans if s.first <= name < s.last), name + 1)
    if words[last : last + 1] == ["of"]:
        name = last + 1 + (words[last + 1 : last + 2] == ["the"])
        if name < len(words) and words[name][0].isupper():
            return next((s.last for s in spans if s.first <= name < s.last), name + 1)
    return last


def join_cases(spans: Sequence[TaggedSpan], words: Sequence[str]) -> list[TaggedSpan]:
    """Join the parties of a court case: ``[Roe] v. [Wade]``, not ``[England] v. [Wales]``."""
    if "v" not in words:
        return list(spans)
    in_court = any(word.lower() in _COURT_WORDS for word in words)
    joined: list[TaggedSpan] = []
    for span in spans:
        before = joined[-1] if joined else None
        if (
            before
            and list(words[before.last : span.first]) == ["v", "."]
            and (in_court or EntityType.PERSON in (before.type, span.type))
        ):
            joined[-1] = merge(before, span, EntityType.MISC)
        else:
            joined.append(span)
    return joined


def join_coordinated(spans: Sequence[TaggedSpan], words: Sequence[str]) -> list[TaggedSpan]:
    """Join names around "and" that are one: ``[Devon] and [Cornwall] Police``."""
    if _AND.isdisjoint(words):
        return list(spans)
    joined: list[TaggedSpan] = []
    for span in _join_known(spans, words):
        before = joined[-1] if joined else None
        if (
            before
            and span.first == before.last + 1
            and words[before.last] in _AND
            and span.last - before.first <= _MAX_COORDINATED
            and (whole := _coordinated(before, span, words))
        ):
            joined[-1] = whole
        else:
            joined.append(span)
    return joined


def _join_known(spans: Sequence[TaggedSpan], words: Sequence[str]) -> list[TaggedSpan]:
    """Join what is tagged of known names with "and": ``[Marks and] [Spencer]``.

    An organisation that is not tagged at all becomes a name: "Slaughter and May".
    """
    known = list(_known_coordinations(words))
    if not known:
        return list(spans)
    untagged = [
        TaggedSpan(first, last, type_, _UNTAGGED)
        for first, last, type_ in known
        if type_ == EntityType.ORGANIZATION
        and words[last - 1][0].isupper()
        and all(span.last <= first or last <= span.first for span in spans)
    ]
    spans = sorted([*spans, *untagged])
    joined: list[TaggedSpan] = []
    for span in spans:
        first, last, type_ = next(
            (name for name in known if name[0] < span.last and span.first < name[1]),
            (span.first, span.last, span.type),
        )
        if joined and first < joined[-1].last:
            if span.last > joined[-1].last:  # "[Brighton and] [Hove Albion]"
                joined[-1] = joined[-1]._replace(last=span.last, type=span.type)
            continue
        if first <= span.first and span.last <= last:
            span = span._replace(first=first, last=last, type=type_)
        joined.append(span)
    return joined


def _known_coordinations(words: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    for joint, word in enumerate(words):
        if word not in _AND or not 0 < joint < len(words) - 1:
            continue
        for first in range(max(0, joint - 2), joint):
            if not words[first][0].isupper() or normalize(words[first]) not in _FIRST_WORDS:
                continue
            last = next(
                (
                    end
                    for end in range(min(len(words), joint + 5), joint + 1, -1)
                    if known_coordination(words[first:end])
                ),
                None,
            )
            if last:
                yield first, last, known_coordination(words[first:last]) or ""
                break


def known_coordination(words: Sequence[str]) -> str | None:
    """The type of a known name with "and"; ``None`` for other words."""
    form = " ".join("and" if word in _AND else normalize(word) for word in words)
    if form in COORDINATED_ORGANIZATIONS:
        return EntityType.ORGANIZATION
    return EntityType.LOCATION if form in COORDINATED_PLACES else None


def _coordinated(one: TaggedSpan, other: TaggedSpan, words: Sequence[str]) -> TaggedSpan | None:
    end = shared_head_end(other, words)
    if not end:
        return None
    form = " ".join("and" if w in _AND else normalize(w) for w in words[one.first : other.last])
    known = any(form == region or form.startswith(region + " ") for region in COORDINATED_REGIONS)
    between = one.first > 0 and words[one.first - 1].lower() in ("between", "both")
    is_place = one.type == EntityType.LOCATION or normalize(words[one.last - 1]) in COUNTIES
    places = is_place and other.type in PLACES_AND_ORGANIZATIONS
    if known or (places and not between):
        return merge(one, other, EntityType.ORGANIZATION)._replace(last=end)
    return None


def shared_head_end(span: TaggedSpan, words: Sequence[str]) -> int | None:
    """One past the capitalised head nouns in or after ``span``; ``None`` without one."""
    end = None
    for i in range(span.first + 1, min(span.last + _MAX_COORDINATED, len(words))):
        word = normalize(words[i]) if words[i][0].isupper() else ""
        if word in SHARED_HEADS or (end and word in SHARED_HEAD_ENDINGS):
            end = i + 1
        elif words[i] in _AND or (i < span.last and not end):
            continue
        elif end or not words[i][0].isupper():
            break
    return end


def has_capital_or_digit(word: str) -> bool:
    """Whether a word may be part of a name in a text with capitals."""
    return word[0].isupper() or any(c.isupper() or c.isdigit() for c in word)
