"""Clauses: the part of a sentence that speaks of a name, cut where the sentence turns."""

from __future__ import annotations

from collections.abc import Sequence

from service.enrichment.model_protocol import WordRange

# After these, or before those, a sentence may say the opposite of something else.
_MARKS = frozenset("; : -- – — …".split())
_TURNS = frozenset("but while whilst whereas although though yet however despite".split())
LEAST_WORDS = 4
"""A clause of fewer words is no opinion, and its whole sentence counts."""


def clause_of(mention: WordRange, stretch: WordRange, words: Sequence[str]) -> WordRange:
    """The clause that a mention stands in.

    Args:
        mention: its words.
        stretch: of which it is a part: a sentence, or what one voice says of it.
        words: of the stretch.
    """
    begin, end = stretch
    first, last = begin, end
    for word, text in enumerate(words, begin):
        mark, turn = text in _MARKS, text.lower() in _TURNS
        if word < mention[0] and (mark or turn):
            first = word + mark
        elif word >= mention[1] and (mark or turn):
            last = word
            break
    return (first, last) if last - first >= LEAST_WORDS else stretch
