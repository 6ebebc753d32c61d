"""Clauses: the part of a sentence around a mention, cut at punctuation and conjunctions."""

from __future__ import annotations

from collections.abc import Sequence

from service.enrichment.words import WordRange

# A sentence may express opposite opinions on either side of these.
_SEPARATORS = frozenset("; : -- – — …".split())
_CONJUNCTIONS = frozenset("but while whilst whereas although though yet however despite".split())
MIN_WORDS = 4
"""Fewest words of a clause that can express an opinion."""


def clause_of(mention: WordRange, stretch: WordRange, words: Sequence[str]) -> WordRange:
    """The clause that holds a mention.

    Args:
        mention: its words.
        stretch: the words of its sentence, or a part of the sentence.
        words: the characters of each word of the stretch.

    Returns:
        The words of the clause, or the whole stretch if the clause has fewer than
        :data:`MIN_WORDS`.
    """
    first, last = stretch
    for word, text in enumerate(words, stretch[0]):
        separator = text in _SEPARATORS
        if separator or text.lower() in _CONJUNCTIONS:
            if word < mention[0]:
                first = word + separator
            elif word >= mention[1]:
                last = word
                break
    return (first, last) if last - first >= MIN_WORDS else stretch
