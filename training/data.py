"""Training data: the labelled sets as windows of word pieces, cut by the code that serves them.

Every set is read from the folder that holds ``ner/`` and ``sentiment/``; none is part of the
project (the model card names their sources).
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from service.enrichment.words import split_words
from service.inference.bundle.wordpieces import WordPieces, classify_case, tokenize_words

TAGS = (
    "O",
    *(f"{p}-{t}" for t in ("PERSON", "ORGANIZATION", "LOCATION", "MISC") for p in "BI"),
)
POLARITIES = ("negative", "neutral", "positive")
Distribution = tuple[float, float, float]
"""Probabilities of the :data:`POLARITIES`."""
CERTAIN: tuple[Distribution, ...] = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
UNKNOWN: Distribution = (0.0, 0.0, 0.0)
POLARITY_OF_RATING = (0, 0, 1, 2, 2)
"""Index of the polarity of each of SST's ratings."""
LABELLED_SETS = (
    "ner/conllpp_train.txt",
    "ner/conllpp_dev.txt",
    "ner/uner_ewt_dev.iob2",
    "sentiment/newsmtsc_train.jsonl",
    "sentiment/sst5_train.txt",
    "sentiment/sst5_dev.txt",
)
UNLABELLED_NEWS = ("articles/bbc.jsonl", "articles/persent_dev.jsonl")
UNLABELLED = -100
NOT_LOOKED_FOR = len(TAGS)
"""Label of a word outside the names of a set without MISC: it may yet be in a MISC name."""
_T = TypeVar("_T")
_CONLL_TYPES = {"PER": "PERSON", "ORG": "ORGANIZATION", "LOC": "LOCATION", "MISC": "MISC"}


@dataclass(frozen=True)
class Sentence:
    """One labelled sentence.

    Attributes:
        text: its text.
        pieces: its word pieces.
        tags: index into :data:`TAGS` of each word, :data:`NOT_LOOKED_FOR` or :data:`UNLABELLED`.
        polarity: of the whole sentence, or :data:`UNKNOWN`.
        targets: ``(first word, one past the last, polarity)`` of each mention judged.
        damaged: the token type ids that the pieces would have in all-caps, lower and title case.
    """

    text: str
    pieces: WordPieces
    tags: NDArray[np.int64]
    polarity: Distribution = UNKNOWN
    targets: tuple[tuple[int, int, Distribution], ...] = ()
    damaged: tuple[NDArray[np.int32], ...] = field(default=(), repr=False)


def make_sentence(
    tokenizer: Tokenizer,
    text: str,
    spans: Iterable[tuple[int, int, str]] | None = None,
    polarity: Distribution = UNKNOWN,
    targets: Iterable[tuple[int, int, Distribution]] = (),
    outside: int = 0,
) -> Sentence:
    """Cut ``text`` into words and pieces and carry the labels over.

    Args:
        tokenizer: as :func:`service.inference.bundle.wordpieces.tokenize_words` takes it.
        text: the sentence.
        spans: its names as ``(start, end, type)`` in code points; ``None`` when nobody looked.
        polarity: of the sentence.
        targets: ``(start, end, polarity)`` in code points.
        outside: label of the words in none of the ``spans``.
    """
    words = split_words(text)
    pieces = tokenize_words(tokenizer, text, words)
    tags = np.full(len(words), UNLABELLED if spans is None else outside, dtype=np.int64)
    for start, end, kind in spans or ():
        prefix = "B"
        for i, (first, last) in enumerate(words):
            if first < end and last > start:
                tags[i] = TAGS.index(f"{prefix}-{kind}")
                prefix = "I"
    judged = []
    for start, end, label in targets:
        inside = [i for i, (first, last) in enumerate(words) if first < end and last > start]
        judged.append((inside[0], inside[-1] + 1, label))
    lengths = np.diff(pieces.bounds)
    damaged = tuple(
        np.repeat(
            np.asarray([classify_case(change(text[a:b])) for a, b in words], dtype=np.int32),
            lengths,
        )
        for change in (str.upper, str.lower, str.title)
    )
    return Sentence(text, pieces, tags, polarity, tuple(judged), damaged)


def read_conll(path: Path) -> list[list[tuple[str, list[tuple[int, int, str]]]]]:
    """Documents of ``(text, [(start, end, type)])`` sentences from a CoNLL column file.

    The text of a sentence is its tokens with single spaces between them. The first column is the
    token, the last its BIO tag.
    """
    documents: list[list[tuple[str, list[tuple[int, int, str]]]]] = [[]]
    rows: list[tuple[str, str]] = []
    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        columns = line.split()
        if columns and columns[0] != "-DOCSTART-":
            rows.append((columns[0], columns[-1]))
            continue
        if rows:
            documents[-1].append(_join(rows))
            rows = []
        if columns and documents[-1]:
            documents.append([])
    return [document for document in documents if document]


def _join(rows: list[tuple[str, str]]) -> tuple[str, list[tuple[int, int, str]]]:
    spans: list[tuple[int, int, str]] = []
    position = 0
    for token, tag in rows:
        end = position + len(token)
        if tag != "O":
            kind = _CONLL_TYPES[tag[2:]]
            if tag[0] == "I" and spans and spans[-1][1:] == (position - 1, kind):
                spans[-1] = (spans[-1][0], end, kind)
            else:
                spans.append((position, end, kind))
        position = end + 1
    return " ".join(token for token, _ in rows), spans


def ner_documents(tokenizer: Tokenizer, path: Path) -> list[list[Sentence]]:
    """The documents of a CoNLL file as lists of sentences."""
    return [
        [make_sentence(tokenizer, text, spans) for text, spans in document]
        for document in read_conll(path)
    ]


def read_uner(path: Path) -> list[list[tuple[str, list[tuple[int, int, str]]]]]:
    """Documents of ``(text, [(start, end, type)])`` from a Universal NER file (PER, ORG, LOC).

    The text is the one its ``# text`` line gives, in which the tokens are looked up in turn.
    """
    documents: list[list[tuple[str, list[tuple[int, int, str]]]]] = []
    text, position = "", 0
    spans: list[tuple[int, int, str]] = []
    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        if line.startswith("# newdoc"):
            documents.append([])
        elif line.startswith("# text = "):
            text, position, spans = line.removeprefix("# text = "), 0, []
        elif line and line[0].isdigit():
            token, tag = line.split("\t")[1:3]
            start = text.index(token, position)
            position = start + len(token)
            if tag[0] == "I" and spans:
                spans[-1] = (spans[-1][0], position, spans[-1][2])
            elif tag[0] == "B" and tag[2:] in _CONLL_TYPES:
                spans.append((start, position, _CONLL_TYPES[tag[2:]]))
        elif not line and text:
            documents[-1].append((text, spans))
            text = ""
    return documents


def uner_documents(tokenizer: Tokenizer, path: Path) -> list[list[Sentence]]:
    """The documents of a Universal NER file, which has no MISC."""
    return [
        [make_sentence(tokenizer, text, spans, outside=NOT_LOOKED_FOR) for text, spans in document]
        for document in read_uner(path)
    ]


def read_newsmtsc(path: Path) -> list[tuple[str, list[tuple[int, int, int]]]]:
    """``(text, [(start, end, polarity)])`` of each sentence of a NewsMTSC file."""
    sentences = []
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        targets = [(t["from"], t["to"], int(t["polarity"]) // 2 - 1) for t in record["targets"]]
        sentences.append((record["sentence_normalized"], targets))
    return sentences


def hold_out(news: list[_T]) -> tuple[list[_T], list[_T]]:
    """NewsMTSC's training part in two, to train on and to tune on.

    The last twelfth is held out. Nearly half of its sentences are from articles that have others in
    the rest, so what is measured on it is a little too good.
    """
    held_out = len(news) // 12
    return news[:-held_out], news[-held_out:]


def newsmtsc_sentences(
    tokenizer: Tokenizer,
    news: Iterable[tuple[str, list[tuple[int, int, int]]]],
    answers: Answers | None = None,
) -> list[Sentence]:
    """NewsMTSC sentences. One on which all its targets agree has their polarity itself.

    Args:
        tokenizer: as :func:`make_sentence` takes it.
        news: as :func:`read_newsmtsc` gives them.
        answers: what a teacher says of each of them; the labels are then the mean of both.
    """
    sentences = []
    for text, targets in news:
        labels = {label for _, _, label in targets}
        polarity = CERTAIN[labels.pop()] if len(labels) == 1 else UNKNOWN
        answer = answers[text] if answers else None
        if answer:
            polarity = _mean(polarity, answer.polarity) if any(polarity) else answer.polarity
        judged = [
            (
                start,
                end,
                _mean(CERTAIN[label], answer.towards[start, end]) if answer else CERTAIN[label],
            )
            for start, end, label in targets
        ]
        sentences.append(make_sentence(tokenizer, text, None, polarity, judged))
    return sentences


def read_sst(path: Path) -> list[tuple[str, int]]:
    """``(text, rating 0–4)`` of each sentence of an SST-5 file, with its clitics joined again."""
    sentences = []
    for line in path.read_text(encoding="utf-8").splitlines():
        rating, text = line.split(" ", 1)
        for clitic in ("n't", "'s", "'re", "'ve", "'ll", "'d", "'m"):
            text = text.replace(f" {clitic} ", f"{clitic} ")
        text = text.replace("-lrb-", "(").replace("-rrb-", ")").replace("``", '"')
        sentences.append((text.replace("''", '"'), int(rating)))
    return sentences


def sst_sentences(
    tokenizer: Tokenizer, path: Path, answers: Answers | None = None, seed: int = 0
) -> list[Sentence]:
    """SST sentences with three polarities; most begin with a capital, as sentences do.

    Args:
        tokenizer: as :func:`make_sentence` takes it.
        path: the file.
        answers: what a teacher says of its sentences; the labels are then the mean of both.
        seed: of the capitals.
    """
    chance = random.Random(seed)
    sentences = []
    for text, rating in read_sst(path):
        written = text[0].upper() + text[1:] if chance.random() < 0.7 else text
        polarity = CERTAIN[POLARITY_OF_RATING[rating]]
        if answers and text in answers:
            polarity = _mean(polarity, answers[text].polarity)
        sentences.append(make_sentence(tokenizer, written, None, polarity))
    return sentences


def _mean(one: Distribution, other: Distribution) -> Distribution:
    return tuple((a + b) / 2 for a, b in zip(one, other, strict=True))  # type: ignore[return-value]


class Answer(NamedTuple):
    """What a teacher says of a sentence.

    Attributes:
        polarity: of the whole sentence.
        towards: by name, as ``(start, end)`` in code points.
        labelled: whether the sentence is of a labelled set.
    """

    polarity: Distribution
    towards: dict[tuple[int, int], Distribution]
    labelled: bool


Answers = dict[str, Answer]
"""By the text of the sentence."""


def read_answers(path: Path) -> Answers:
    """The answers that :func:`training.teacher.answer` left in ``path``."""
    answers: Answers = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            towards = {(start, end): tuple(said) for start, end, said in record["towards"]}
            answers[record["text"]] = Answer(tuple(record["polarity"]), towards, record["labelled"])
    return answers


def answered_sentences(tokenizer: Tokenizer, answers: Answers) -> list[Sentence]:
    """Sentences with a teacher's answers for labels."""
    return [
        make_sentence(
            tokenizer, text, None, answer.polarity,
            [(start, end, said) for (start, end), said in answer.towards.items()],
        )
        for text, answer in answers.items()
    ]  # fmt: skip


def pack(
    sentences: Iterable[Sentence], limit: int, chance: random.Random, short: float = 0.25
) -> Iterator[list[Sentence]]:
    """Runs of consecutive sentences of at most ``limit`` pieces, the way they are served.

    A share ``short`` of the windows gets a smaller limit, down to a single sentence, since
    headlines and short texts are served too.
    """
    window: list[Sentence] = []
    size, room = 0, limit
    for sentence in sentences:
        length = len(sentence.pieces.ids)
        if length > limit or not length:
            continue  # longer than a window: a handful in all the sets
        if window and size + length > room:
            yield window
            window, size = [], 0
            room = limit if chance.random() >= short else chance.randint(8, limit)
        window.append(sentence)
        size += length
    if window:
        yield window
