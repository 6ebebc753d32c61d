"""Labelled sentences, split into words and word pieces by the service's own code, and windows."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from transformers import AutoTokenizer

from service.enrichment.words import split_words
from service.inference.bundle.wordpieces import WordPieces, classify_case, tokenize_words
from training.labels import (
    NINE,
    SCALES,
    TAG_SETS,
    TARGET_SETS,
    UNKNOWN,
    UNLABELLED,
    Distribution,
    Scheme,
)

NameSpan = tuple[int, int, str]
"""First, one past the last, and type; in code points or in words."""


class Target(NamedTuple):
    """The polarity towards a mention, given as a half-open range of characters or words."""

    first: int
    last: int
    polarity: Distribution


@dataclass(frozen=True)
class Sentence:
    """One labelled sentence.

    Attributes:
        text: its text.
        pieces: its word pieces.
        tags: index into :data:`~training.labels.TAG_SETS` of each word, or ``UNLABELLED``.
        names: in words, with the types of the set; ``None`` if it has no names.
        polarity: of the sentence, or ``UNKNOWN``.
        scale: index into :data:`~training.labels.SCALES` of the scale of ``polarity``.
        targets: labelled mentions, in words.
        target_set: index into :data:`~training.labels.TARGET_SETS` of the targets' set.
        answered: a teacher's tag probabilities, shape ``(words, tags)``, or ``None``.
        damaged: token type ids of the pieces in all-caps, lower and title case.
    """

    text: str
    pieces: WordPieces
    tags: NDArray[np.int64]
    names: tuple[NameSpan, ...] | None = None
    polarity: Distribution = UNKNOWN
    scale: int = 0
    targets: tuple[Target, ...] = ()
    target_set: int = 0
    answered: NDArray[np.float16] | None = field(default=None, repr=False)
    damaged: tuple[NDArray[np.int32], ...] = field(default=(), repr=False)


def make_sentence(
    tokenizer: Tokenizer,
    text: str,
    *,
    spans: Iterable[NameSpan] | None = None,
    scheme: Scheme = NINE,
    polarity: Distribution = UNKNOWN,
    scale: str = SCALES[0],
    targets: Iterable[Target] = (),
    target_set: str = TARGET_SETS[0],
) -> Sentence:
    """Split a sentence into words and word pieces, and assign its labels to them.

    Args:
        tokenizer: without truncation and padding.
        text: the sentence.
        spans: its names in code points; ``None`` if names are not labelled.
        scheme: of the labels of ``spans``.
        polarity: of the sentence.
        scale: of ``polarity``.
        targets: labelled mentions in code points.
        target_set: of the targets.
    """
    words = split_words(text)
    pieces = tokenize_words(tokenizer, text, words)
    outside = TAG_SETS.index(scheme.allowed("O", ""))
    tags = np.full(len(words), UNLABELLED if spans is None else outside, dtype=np.int64)
    names = []
    for start, end, kind in spans or ():
        first, last = _words_of(words, start, end)
        names.append((first, last, kind))
        tags[first:last] = TAG_SETS.index(scheme.allowed("I", kind))
        tags[first : first + 1] = TAG_SETS.index(scheme.allowed("B", kind))
    judged = [
        Target(*_words_of(words, start, end), label) for start, end, label in targets if start < end
    ]
    lengths = np.diff(pieces.bounds)
    damaged = tuple(
        np.repeat(
            np.asarray([classify_case(change(text[a:b])) for a, b in words], dtype=np.int32),
            lengths,
        )
        for change in (str.upper, str.lower, str.title)
    )
    return Sentence(
        text, pieces, tags, None if spans is None else tuple(names), polarity,
        SCALES.index(scale), tuple(judged), TARGET_SETS.index(target_set), None, damaged,
    )  # fmt: skip


def _words_of(words: list[tuple[int, int]], start: int, end: int) -> tuple[int, int]:
    """The range of words that overlap a span of characters."""
    inside = [i for i, (first, last) in enumerate(words) if first < end and last > start]
    return inside[0], inside[-1] + 1


def held_out(key: str, one_in: int) -> bool:
    """Whether an item is held out from training: one in ``one_in``, by a hash of its key."""
    return int(sha256(key.encode()).hexdigest(), 16) % one_in == 0


def load_tokenizer(encoder: Path) -> Tokenizer:
    """Load the tokenizer of an encoder, without truncation and padding."""
    tokenizer: Tokenizer = AutoTokenizer.from_pretrained(encoder).backend_tokenizer
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def pack(
    sentences: Iterable[Sentence], limit: int, chance: random.Random, short: float = 0.25
) -> Iterator[list[Sentence]]:
    """Pack consecutive sentences into windows, as the service does.

    Args:
        sentences: in order. Those longer than a window are left out.
        limit: most word pieces in a window.
        chance: source of random numbers.
        short: share of the windows with a smaller random limit, because headlines and short texts
            are served too.
    """
    window: list[Sentence] = []
    size, room = 0, limit
    for sentence in sentences:
        length = len(sentence.pieces.ids)
        if length > limit or not length:
            continue  # rare
        if window and size + length > room:
            yield window
            window, size = [], 0
        if not window:
            room = limit if chance.random() >= short else chance.randint(8, limit)
        window.append(sentence)
        size += length
    if window:
        yield window
