"""Span repair: names that a model tags in part, in two, or with a word too many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from service.enrichment.bio import TaggedSpan
from service.enrichment.coreference.lexicon import (
    CERTAIN_TITLES,
    COORDINATED_ORGANIZATIONS,
    COORDINATED_PLACES,
    COORDINATED_REGIONS,
    FOLLOWING_HEADS,
    GENERATIONS,
    SHARED_HEADS,
)
from service.enrichment.coreference.names import ends_in_legal_form, normalize
from service.enrichment.types import EntityType

# First words of an organisation's name before "of" or "for", which a model sometimes omits.
_HEAD_NOUNS = frozenset(
    "academy agency association authority bank board bureau campaign center centre chamber church "
    "college commission committee confederation congress council court department faculty "
    "federation foundation fund house institute institution league ministry museum office "
    "organisation organization school secretariat society union university".split()
)
HONORIFICS = frozenset({"mr", "mrs", "ms", "miss", "mr.", "mrs.", "ms."})
# Lower-case words at the beginning of a person's or a place's name.
_PARTICLES = frozenset(
    "al bin da dal de del dela della den der di dos du el ibn la las le los ten ter van von y "
    "zu d' o'".split()
)
_CLOSING_QUOTES = {'"': '"”', "“": '”"', "„": "“”", "‘": "’'", "'": "'’", "«": "»"}
"""By the opening quotation mark."""
_MAX_NICKNAME = 4
"""Most words of a nickname."""
_MAX_COORDINATED = 8
"""Most words of a name that "and" joins."""
_AND = ("and", "&")
_COUNTABLE_PLACES = (EntityType.LOCATION, EntityType.ORGANIZATION)


def repair_spans(spans: Sequence[TaggedSpan], words: Sequence[str]) -> list[TaggedSpan]:
    """Correct the usual mistakes of a tagger in one sentence.

    - Adjacent names of one type become one (``[Lib] [Dems]``).
    - A nickname in quotation marks does not split a person's name (``[Ray] "Boom Boom" [Castro]``).
    - Two places that share a head noun are one organisation (``[Devon] and [Cornwall] Police``),
      and so are the parts of some names (``[Marks] and [Spencer]``).
    - An organisation gets back the head noun that its tag omits (``Centre for [Strategic
      Studies]``).
    - A legal form and a generational suffix belong to the name before them (``Acme Ltd``).
    - What follows "Ms" or "Cllr" is a person.
    - "Mr" is not part of a name, nor are lower-case words around a person's or a place's name.
    - In a sentence with capitals, a name without a capital or a digit is dropped.

    Args:
        spans: the names of a sentence, as :func:`~service.enrichment.bio.decode_tags` returns
            them.
        words: of the sentence. The spans index them.
    """
    has_capitals = any(c.isupper() for word in words for c in word)
    repaired: list[TaggedSpan] = []
    joined = list(_join_adjacent(spans, words))
    if has_capitals:
        joined = _join_coordinated(_join_nicknames(joined, words), words)
    for span in joined:
        if has_capitals:
            span = _trim(_with_titled_person(span, words), words)
            if not any(map(_has_capital_or_digit, words[span.first : span.last])):
                continue
        previous_end = repaired[-1].last if repaired else 0
        if span.first < previous_end:
            continue
        span = _with_suffix(span, words)
        repaired.append(_restore_head_noun(span, words, previous_end))
    return repaired


def _has_capital_or_digit(word: str) -> bool:
    return any(c.isupper() or c.isdigit() for c in word)


def _join_adjacent(spans: Sequence[TaggedSpan], words: Sequence[str]) -> Iterator[TaggedSpan]:
    current: TaggedSpan | None = None
    for span in spans:
        if current and current.last == span.first and current.type == span.type:
            current = _merge(current, span, span.type)
            continue
        if current and current.last == span.first and _is_unfinished(current, words):
            current = _merge(current, span, current.type)
            continue
        if current:
            yield current
        current = span
    if current:
        yield current


def _is_unfinished(span: TaggedSpan, words: Sequence[str]) -> bool:
    """Whether a name ends in a preposition: ``[Lloyd 's of] [London]``."""
    return span.last - span.first > 1 and words[span.last - 1] in ("of", "for")


def _merge(one: TaggedSpan, other: TaggedSpan, type_: str) -> TaggedSpan:
    """A span from ``one`` to ``other``, with the mean of their words' confidence."""
    sizes = one.last - one.first, other.last - other.first
    confidence = (one.confidence * sizes[0] + other.confidence * sizes[1]) / sum(sizes)
    return TaggedSpan(one.first, other.last, type_, confidence)


def _join_nicknames(spans: Sequence[TaggedSpan], words: Sequence[str]) -> list[TaggedSpan]:
    """Join a person's given name, a nickname in quotation marks and the family name."""
    joined: list[TaggedSpan] = []
    position = 0
    while position < len(spans):
        span = spans[position]
        position += 1
        closing = _nickname_end(span, words)
        if closing:
            while position < len(spans) and spans[position].last <= closing:
                position += 1
            family = spans[position] if position < len(spans) else None
            if family and family.first == closing:
                span = _merge(span, family, EntityType.PERSON)
                position += 1
            elif words[closing][0].isupper() and (not family or family.first > closing):
                span = span._replace(last=closing + 1)
        joined.append(span)
    return joined


def _nickname_end(span: TaggedSpan, words: Sequence[str]) -> int | None:
    """The word after a nickname that follows a person's name, if a name may go on there."""
    if span.type != EntityType.PERSON:
        return None
    opening = next(
        (i for i in range(span.first + 1, span.last) if words[i] in ("(", *_CLOSING_QUOTES)),
        span.last,
    )
    if opening + 3 >= len(words):
        return None
    in_brackets = words[opening] == "("
    inner = opening + 1 + in_brackets
    closers = _CLOSING_QUOTES.get(words[inner - 1])
    if not closers:
        return None
    for closing in range(inner + 1, min(inner + _MAX_NICKNAME + 1, len(words) - 1)):
        if words[closing] in closers:
            after = closing + 1
            if in_brackets and words[after] == ")":
                after += 1
            capitalised = _has_capital_or_digit(words[closing - 1])
            goes_on = after < len(words) and words[after][0].isupper()
            return after if capitalised and goes_on and after >= span.last else None
        if words[closing] in (",", ".", "!", "?", ":"):
            return None
    return None


def _join_coordinated(spans: Sequence[TaggedSpan], words: Sequence[str]) -> list[TaggedSpan]:
    """Join names around "and" that are one: ``[Devon] and [Cornwall] Police``."""
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
    """Join what is tagged of known names with "and": ``[Marks and] [Spencer]``."""
    if not spans or not any(word in _AND for word in words):
        return list(spans)
    known = list(_known_coordinations(words))
    joined: list[TaggedSpan] = []
    for span in spans:
        first, last, type_ = next(
            (name for name in known if name[0] < span.last and span.first < name[1]),
            (span.first, span.last, span.type),
        )
        if joined and first < joined[-1].last:
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
            last = next(
                (
                    end
                    for end in range(min(len(words), joint + 5), joint + 1, -1)
                    if words[first][0].isupper() and _known_type(words[first:end])
                ),
                None,
            )
            if last:
                yield first, last, _known_type(words[first:last]) or ""
                break


def _known_type(words: Sequence[str]) -> str | None:
    form = " ".join("and" if word in _AND else normalize(word) for word in words)
    if form in COORDINATED_ORGANIZATIONS:
        return EntityType.ORGANIZATION
    return EntityType.LOCATION if form in COORDINATED_PLACES else None


def _coordinated(one: TaggedSpan, other: TaggedSpan, words: Sequence[str]) -> TaggedSpan | None:
    end = _shared_head_end(other, words)
    if not end:
        return None
    form = " ".join("and" if w in _AND else normalize(w) for w in words[one.first : other.last])
    known = any(form == region or form.startswith(region + " ") for region in COORDINATED_REGIONS)
    between = one.first > 0 and words[one.first - 1].lower() in ("between", "both")
    places = one.type == EntityType.LOCATION and other.type in _COUNTABLE_PLACES
    if known or (places and not between):
        return _merge(one, other, EntityType.ORGANIZATION)._replace(last=end)
    return None


def _shared_head_end(span: TaggedSpan, words: Sequence[str]) -> int | None:
    """One past the capitalised head noun in or after ``span``; ``None`` without one."""
    last = span.last
    while last < len(words) and (
        words[last][0].isupper()
        or (words[last] in _AND and words[last + 1 : last + 2] and words[last + 1][0].isupper())
    ):
        last += 1
        if last - span.last > _MAX_COORDINATED:
            break
    for end in range(last, span.first + 1, -1):
        if words[end - 1][0].isupper():
            heads = {normalize(word) for word in words[span.first + 1 : end]}
            if not heads.isdisjoint(SHARED_HEADS):
                return end
    return None


def _with_titled_person(span: TaggedSpan, words: Sequence[str]) -> TaggedSpan:
    """Type a name after a title that only persons have."""
    if span.type == EntityType.PERSON or span.last - span.first > 3:
        return span
    inside = span.last - span.first > 1 and is_certain_title(words[span.first])
    before = span.first > 0 and is_certain_title(words[span.first - 1])
    if not (inside or before):
        return span
    return span._replace(type=EntityType.PERSON)


def _with_suffix(span: TaggedSpan, words: Sequence[str]) -> TaggedSpan:
    """Add a legal form, "Police", or a generational suffix, that follows the name."""
    if span.last >= len(words) or span.first == span.last:
        return span
    suffix = words[span.last]
    if span.type == EntityType.LOCATION and _known_type(words[span.first : span.last]):
        end = _shared_head_end(span, words)  # "Tyne and Wear Fire and Rescue Service"
        if end and end > span.last:
            return span._replace(last=end, type=EntityType.ORGANIZATION)
    if span.type in _COUNTABLE_PLACES and suffix[0].isupper() and suffix.lower() in FOLLOWING_HEADS:
        return span._replace(last=span.last + 1, type=EntityType.ORGANIZATION)
    if span.type != EntityType.PERSON:
        if ends_in_legal_form(f"{words[span.last - 1]} {suffix}"):
            return span._replace(last=span.last + 1, type=EntityType.ORGANIZATION)
        return span
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


def is_certain_title(word: str) -> bool:
    """Whether a word is a title that only persons have: "Ms", "Cllr"."""
    return word[0].isupper() and normalize(word) in CERTAIN_TITLES


def _trim(span: TaggedSpan, words: Sequence[str]) -> TaggedSpan:
    """Remove words that are not part of the name. The span may end up empty."""
    first, last = span.first, span.last
    if span.type == EntityType.PERSON:
        while first < last and words[first].lower() in HONORIFICS:
            first += 1
    trims_lowercase = span.type in (EntityType.PERSON, EntityType.LOCATION)
    if trims_lowercase and any(map(_has_capital_or_digit, words[first:last])):
        while (
            words[first][0].islower()
            and not _has_capital_or_digit(words[first])
            and words[first] not in _PARTICLES
        ):
            first += 1
        while words[last - 1].islower():
            last -= 1
    if span.type == EntityType.ORGANIZATION:
        company = last
        while company - first > 2 and words[company - 1].islower():
            company -= 1
        if ends_in_legal_form(" ".join(words[first:company])):
            last = company
    return span._replace(first=first, last=last)


def _restore_head_noun(span: TaggedSpan, words: Sequence[str], previous_end: int) -> TaggedSpan:
    if span.type != EntityType.ORGANIZATION:
        return span
    preposition = span.first - 1
    if preposition > 0 and words[preposition] == "the":
        preposition -= 1
    if preposition > previous_end and words[preposition] in ("of", "for"):
        head = words[preposition - 1]
        if head[0].isupper() and head.lower() in _HEAD_NOUNS:
            return span._replace(first=preposition - 1)
    return span
