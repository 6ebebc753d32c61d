"""Boundaries: mending the names that a model tags in part."""

from __future__ import annotations

from collections.abc import Sequence

from service.enrichment.tags import TaggedSpan

# What an organisation may be called before "of" or "for"; a model now and then leaves it out.
_HEADS = frozenset(
    "academy agency association authority bank board bureau campaign center centre chamber church "
    "college commission committee confederation congress council court department faculty "
    "federation foundation fund house institute institution league ministry museum office "
    "organisation organization school secretariat society union university".split()
)


def mend(span: TaggedSpan, words: Sequence[str], taken: int = 0) -> TaggedSpan:
    """An organisation with the head noun that its tag begins after.

    ``Centre for [Strategic and International Studies]`` becomes
    ``[Centre for Strategic and International Studies]``; anything else stays as it is.

    Args:
        span: as :func:`~service.enrichment.tags.decode_tags` found it.
        words: those of its sentence, which the span counts.
        taken: words at the beginning of the sentence up to the end of the name before.
    """
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
