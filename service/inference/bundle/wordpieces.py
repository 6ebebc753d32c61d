"""Word pieces: what the encoder reads of a text, and which word each piece belongs to.

Letter case reaches the uncased encoder through the token type ids: one of :data:`CASES` for each
piece, taken from its whole word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from service.enrichment.words import Span

if TYPE_CHECKING:
    from tokenizers import Tokenizer

CASES = ("lower", "capitalised", "upper", "mixed")
"""What a token type id says of its word; "lower" also stands for words without letter case."""

# One code point for one code point, so that offsets stay true: typographic marks as newswire of the
# training data has them, and every kind of white space as a plain space.
_FOLD = str.maketrans(
    {
        **dict.fromkeys("‘’‛′ʼ", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\t\n\v\f\r\x85\u2028\u2029\xa0\u1680\u202f\u205f\u3000", " "),
        **dict.fromkeys(map(chr, range(0x2000, 0x200B)), " "),
    }
)


@dataclass(frozen=True)
class Pieces:
    """The word pieces of a text, without special tokens.

    Attributes:
        ids: vocabulary ids, int32, shape ``(pieces,)``.
        cases: index into :data:`CASES` of each piece's word, int32, shape ``(pieces,)``.
        bounds: pieces ``bounds[i]`` up to ``bounds[i + 1]`` are those of word ``i``; int64, shape
            ``(words + 1,)``. A word that the vocabulary has nothing for has none.
    """

    ids: NDArray[np.int32]
    cases: NDArray[np.int32]
    bounds: NDArray[np.int64]


def case_of(word: str) -> int:
    """The index into :data:`CASES` of ``word``."""
    if word == word.lower():
        return 0
    if len(word) > 1 and word == word.upper():
        return 2
    if word[0].isupper() and word[1:] == word[1:].lower():
        return 1
    return 3


def cut_pieces(tokenizer: Tokenizer, text: str, words: Sequence[Span]) -> Pieces:
    """Cut ``text`` into word pieces and assign each to the word it begins in.

    Args:
        tokenizer: a tokenizer of the ``tokenizers`` library that neither truncates nor pads.
            Nothing is set on it, so that threads may share it.
        text: the text, any length.
        words: spans of its words, ascending, covering all but white space.

    Raises:
        ValueError: ``text`` is not blank and ``words`` is empty.
    """
    encoding = tokenizer.encode(text.translate(_FOLD), add_special_tokens=False)
    ids = np.asarray(encoding.ids, dtype=np.int32)
    starts = np.asarray([start for start, _ in encoding.offsets], dtype=np.int64)
    if len(ids) and not words:
        raise ValueError("text has word pieces but no words")
    word_starts = np.asarray([start for start, _ in words], dtype=np.int64)
    bounds = np.append(np.searchsorted(starts, word_starts), len(ids))
    if len(words):
        bounds[0] = 0
    cases = np.asarray([case_of(text[start:end]) for start, end in words], dtype=np.int32)
    return Pieces(ids, np.repeat(cases, np.diff(bounds)), bounds)
