"""Readers of data sets of single sentences: target sentiment, film reviews, valence."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from tokenizers import Tokenizer

from training.data import Sentence, Target, make_sentence
from training.labels import CERTAIN, POLARITIES, POLARITY_OF_RATING, of_valence

_T = TypeVar("_T")


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Read the objects of a file of JSON lines."""
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def read_newsmtsc(path: Path) -> list[tuple[str, list[tuple[int, int, int]]]]:
    """Read ``(text, [(start, end, polarity)])`` of each sentence of a NewsMTSC file."""
    return [
        (
            record["sentence_normalized"],
            [(t["from"], t["to"], int(t["polarity"]) // 2 - 1) for t in record["targets"]],
        )
        for record in read_lines(path)
    ]


def read_targets(path: Path) -> list[tuple[str, list[tuple[int, int, int]]]]:
    """As :func:`read_newsmtsc`, for ``targets.jsonl``."""
    return [
        (
            record["text"],
            [(t["start"], t["end"], POLARITIES.index(t["polarity"])) for t in record["targets"]],
        )
        for record in read_lines(path)
    ]


def hold_out(news: list[_T]) -> tuple[list[_T], list[_T]]:
    """Split the training part of NewsMTSC for training and tuning; the last twelfth is held out.

    Nearly half of the held-out sentences are from articles with other sentences in the training
    part, so scores on them are slightly too high.
    """
    held_out = len(news) // 12
    return news[:-held_out], news[-held_out:]


def target_sentences(
    tokenizer: Tokenizer,
    judged: Iterable[tuple[str, list[tuple[int, int, int]]]],
    target_set: str,
) -> list[Sentence]:
    """Labelled sentences from sentences with target sentiment."""
    return [
        make_sentence(
            tokenizer, text, target_set=target_set,
            targets=[Target(start, end, CERTAIN[label]) for start, end, label in targets],
        )
        for text, targets in judged
    ]  # fmt: skip


def read_sst(path: Path) -> list[tuple[str, int]]:
    """Read ``(text, rating 0–4)`` of each sentence of an SST-5 file, with clitics rejoined."""
    sentences = []
    for line in path.read_text(encoding="utf-8").splitlines():
        rating, text = line.split(" ", 1)
        for clitic in ("n't", "'s", "'re", "'ve", "'ll", "'d", "'m"):
            text = text.replace(f" {clitic} ", f"{clitic} ")
        text = text.replace("-lrb-", "(").replace("-rrb-", ")").replace("``", '"')
        sentences.append((text.replace("''", '"'), int(rating)))
    return sentences


def sst_sentences(tokenizer: Tokenizer, path: Path, seed: int = 0) -> list[Sentence]:
    """Read SST sentences with three polarities. Most get an initial capital, as sentences have."""
    chance = random.Random(seed)
    return [
        make_sentence(
            tokenizer,
            text[0].upper() + text[1:] if chance.random() < 0.7 else text,
            polarity=CERTAIN[POLARITY_OF_RATING[rating]],
            scale="film",
        )
        for text, rating in read_sst(path)
    ]


def valence_sentences(tokenizer: Tokenizer, path: Path) -> list[Sentence]:
    """Read sentences with a graded valence."""
    return [
        make_sentence(
            tokenizer, record["text"], polarity=of_valence(record["valence"]), scale="valence"
        )
        for record in read_lines(path)
    ]
