"""The word pieces of a text, the input of the encoder, and the word that each piece belongs to.

The encoder is uncased: the token type id of each piece encodes the letter case of its whole word,
as an index into :data:`CASES`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import regex
from numpy.typing import NDArray

from service.enrichment.bounds import Check, checked, no_check
from service.enrichment.words import Span
from service.inference.bundle.known_words import known_words

if TYPE_CHECKING:
    from tokenizers import Tokenizer

CASES = ("lower", "capitalised", "upper", "mixed")
"""The letter cases by token type id; "lower" includes words without letter case."""

# Each code point maps to a single one, so that offsets remain valid: typographic marks to those in
# the newswire of the training data, and all white space to a plain space.
_FOLD = str.maketrans(
    {
        **dict.fromkeys("‘’‛′ʼ", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\t\n\v\f\r\x85\u2028\u2029\xa0\u1680\u202f\u205f\u3000", " "),
        **dict.fromkeys(map(chr, range(0x2000, 0x200B)), " "),
    }
)

_STRETCH = 16 * 1024
"""Code points that are tokenized at once. A whole text would take hundreds of bytes for each of its
tokens, and the interpreter would stand still meanwhile."""

# Where BERT's tokenizer splits in any context. "]" may end a special token of the vocabulary.
_SPLIT = regex.compile(r"(?!\])[\p{P} ]")


@dataclass(frozen=True)
class WordPieces:
    """The word pieces of a text, without special tokens.

    Attributes:
        ids: vocabulary ids, int32, shape ``(pieces,)``.
        cases: index into :data:`CASES` of each piece's word, int32, shape ``(pieces,)``.
        bounds: word ``i`` has the pieces from ``bounds[i]`` up to ``bounds[i + 1]``; int64, shape
            ``(words + 1,)``. A word that the vocabulary does not cover has no pieces.
    """

    ids: NDArray[np.int32]
    cases: NDArray[np.int32]
    bounds: NDArray[np.int64]


def classify_case(word: str) -> int:
    """Return the letter case of ``word`` as an index into :data:`CASES`."""
    if word == word.lower():
        return 0
    if len(word) > 1 and word == word.upper():
        return 2
    if word[0].isupper() and word[1:] == word[1:].lower():
        return 1
    return 3


def tokenize_words(
    tokenizer: Tokenizer, text: str, words: Sequence[Span], check: Check = no_check
) -> WordPieces:
    """Split ``text`` into word pieces and assign each piece to the word in which it begins.

    Args:
        tokenizer: a tokenizer of the ``tokenizers`` library that neither truncates nor pads.
            It is not modified, so threads may share it.
        text: a text of any length.
        words: spans of its words, ascending; they cover everything except white space.
        check: called for each stretch, and once behind them. Its exceptions propagate.

    Raises:
        ValueError: ``text`` is not blank and ``words`` is empty.
    """
    folded, known = text.translate(_FOLD), known_words(tokenizer)
    all_ids, all_starts = [np.empty(0, dtype=np.int32)], [np.empty(0, dtype=np.int64)]
    for begin, end in checked(_stretches(folded), check):
        stretch_ids, stretch_starts = known.split(folded[begin:end])
        all_ids.append(np.asarray(stretch_ids, dtype=np.int32))
        all_starts.append(begin + np.asarray(stretch_starts, dtype=np.int64))
    ids, starts = np.concatenate(all_ids), np.concatenate(all_starts)
    if len(ids) and not words:
        raise ValueError("text has word pieces but no words")
    word_starts = np.asarray([start for start, _ in words], dtype=np.int64)
    bounds = np.append(np.searchsorted(starts, word_starts), len(ids))
    if len(words):
        bounds[0] = 0
    check()
    cases = np.asarray([classify_case(text[start:end]) for start, end in words], dtype=np.int32)
    return WordPieces(ids, np.repeat(cases, np.diff(bounds)), bounds)


def _stretches(text: str) -> Iterator[Span]:
    """Cut ``text`` where no word piece goes across, or anywhere in a run without such a place."""
    begin = 0
    while begin < len(text):
        longest = min(begin + 2 * _STRETCH, len(text))
        split = _SPLIT.search(text, begin + _STRETCH, longest)
        end = split.start() if split else longest
        yield begin, end
        begin = end
