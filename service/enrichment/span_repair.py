"""Span repair: names that a model tags in part, in two, or with a word too many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from service.enrichment.bio import TaggedSpan
from service.enrichment.types import EntityType

# First words of an organisation's name before "of" or "for", which a model sometimes omits.
_HEAD_NOUNS = frozenset(
    "academy agency association authority bank board bureau campaign center centre chamber church "
    "college commission committee confederation congress council court department faculty "
    "federation foundation fund house institute institution league ministry museum office "
    "organisation organization school secretariat society union university".split()
)
_HONORIFICS = frozenset({"mr", "mrs", "ms", "miss", "mr.", "mrs.", "ms."})
# Lower-case words at the beginning of a person's or a place's name.
_PARTICLES = frozenset(
    "al bin da dal de del dela della den der di dos du el ibn la las le los ten ter van von y "
    "zu d' o'".split()
)


def repair_spans(spans: Sequence[TaggedSpan], words: Sequence[str]) -> list[TaggedSpan]:
    """Correct the usual mistakes of a tagger in one sentence.

    - Adjacent names of one type become one (``[Lib] [Dems]``).
    - An organisation gets back the head noun that its tag omits (``Centre for [Strategic
      Studies]``).
    - "Mr" is not part of a name, nor are lower-case words around a person's or a place's name.
    - In a sentence with capitals, a name without a capital or a digit is dropped.

    Args:
        spans: the names of a sentence, as :func:`~service.enrichment.bio.decode_tags` returns
            them.
        words: of the sentence. The spans index them.
    """
    has_capitals = any(c.isupper() for word in words for c in word)
    repaired: list[TaggedSpan] = []
    for span in _join_adjacent(spans):
        if has_capitals:
            span = _trim(span, words)
            if not any(map(_has_capital_or_digit, words[span.first : span.last])):
                continue
        previous_end = repaired[-1].last if repaired else 0
        repaired.append(_restore_head_noun(span, words, previous_end))
    return repaired


def _has_capital_or_digit(word: str) -> bool:
    return any(c.isupper() or c.isdigit() for c in word)


def _join_adjacent(spans: Sequence[TaggedSpan]) -> Iterator[TaggedSpan]:
    current: TaggedSpan | None = None
    for span in spans:
        if current and current.last == span.first and current.type == span.type:
            confidence = (
                current.confidence * (current.last - current.first)
                + span.confidence * (span.last - span.first)
            ) / (span.last - current.first)
            current = TaggedSpan(current.first, span.last, span.type, confidence)
            continue
        if current:
            yield current
        current = span
    if current:
        yield current


def _trim(span: TaggedSpan, words: Sequence[str]) -> TaggedSpan:
    """Remove words that are not part of the name. The span may end up empty."""
    first, last = span.first, span.last
    if span.type == EntityType.PERSON:
        while first < last and words[first].lower() in _HONORIFICS:
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
