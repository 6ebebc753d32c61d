"""Boundaries: mending the names that a model tags in part, in two, or with a word too many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from service.enrichment.bio import TaggedSpan

# What an organisation may be called before "of" or "for"; a model now and then leaves it out.
_HEADS = frozenset(
    "academy agency association authority bank board bureau campaign center centre chamber church "
    "college commission committee confederation congress council court department faculty "
    "federation foundation fund house institute institution league ministry museum office "
    "organisation organization school secretariat society union university".split()
)
_HONORIFICS = frozenset({"mr", "mrs", "ms", "miss", "mr.", "mrs.", "ms."})
# Lower-case words that a person's or a place's name may begin with.
_PARTICLES = frozenset(
    "al bin da dal de del dela della den der di dos du el ibn la las le los ten ter van von y "
    "zu d' o'".split()
)


def repair_spans(spans: Sequence[TaggedSpan], words: Sequence[str]) -> list[TaggedSpan]:
    """The names of a sentence as a reader would mark them.

    Two of one type that stand side by side are one (``[Lib] [Dems]``); an organisation gets back
    the head noun that its tag begins after (``Centre for [Strategic Studies]``); "Mr" is no part of
    a name, nor are lower-case words around a person's or a place's; and what has neither a capital
    nor a digit is no name in a sentence that has some.

    Args:
        spans: those of one sentence, as :func:`~service.enrichment.bio.decode_tags` found them.
        words: of the sentence, which the spans count.
    """
    cased = any(c.isupper() for word in words for c in word)
    mended: list[TaggedSpan] = []
    for span in _joined(spans):
        span = _trimmed(span, words) if cased else span
        if span.first == span.last or (cased and not any(map(_is_cased, words[slice(*span[:2])]))):
            continue
        taken = mended[-1].last if mended else 0
        mended.append(_with_head(span, words, taken))
    return mended


def _is_cased(word: str) -> bool:
    return any(c.isupper() or c.isdigit() for c in word)


def _joined(spans: Sequence[TaggedSpan]) -> Iterator[TaggedSpan]:
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


def _trimmed(span: TaggedSpan, words: Sequence[str]) -> TaggedSpan:
    first, last = span.first, span.last
    if span.type == "PERSON":
        while first < last and words[first].lower() in _HONORIFICS:
            first += 1
    if span.type in ("PERSON", "LOCATION") and any(map(_is_cased, words[first:last])):
        while (
            words[first][0].islower()
            and not _is_cased(words[first])
            and words[first] not in _PARTICLES
        ):
            first += 1
        while words[last - 1].islower():
            last -= 1
    return span._replace(first=first, last=last)


def _with_head(span: TaggedSpan, words: Sequence[str], taken: int) -> TaggedSpan:
    if span.type != "ORGANIZATION":
        return span
    before = span.first - 1
    if before > 0 and words[before] == "the":
        before -= 1
    if before > taken and words[before] in ("of", "for"):
        head = words[before - 1]
        if head[0].isupper() and head.lower() in _HEADS:
            return span._replace(first=before - 1)
    return span
