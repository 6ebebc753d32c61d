"""Whole articles with the tone of the article and its sentences, and sentiment towards mentions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from training.data import Sentence, Target, held_out, make_sentence
from training.labels import CERTAIN, POLARITIES, TONES
from training.opinions import read_lines

TONES_FILE = "news_tone_train.jsonl"
TARGETS_FILE = "news_targets_train.jsonl"
ONE_IN = 6
"""One article in this many is held out for tuning."""


@dataclass(frozen=True)
class ToneArticle:
    """An article with its labels.

    Attributes:
        id: of the article.
        source: ``bbc``, ``worldwide`` or ``persent``.
        document: tone of the article, 1–5 or ``M`` for mixed.
        titled: whether the first of the sentences is the title.
        sentences: in order, title first, without those that have no letter or digit.
        tones: of each sentence, 1–5.
    """

    id: str
    source: str
    document: str
    titled: bool
    sentences: tuple[Sentence, ...]
    tones: tuple[int, ...]

    @property
    def held_out(self) -> bool:
        """Whether the article is held out for tuning."""
        return held_out(self.id, ONE_IN)


def read_articles(tokenizer: Tokenizer, folder: Path, towards: bool = True) -> list[ToneArticle]:
    """Read the articles of the tone set in ``folder``.

    Args:
        tokenizer: of the small model.
        folder: with :data:`TONES_FILE` and :data:`TARGETS_FILE`.
        towards: whether to read the sentiment towards mentions too.
    """
    judged: dict[str, list[dict[str, Any]]] = {}
    if towards:
        judged = {r["id"]: r["targets"] for r in read_lines(folder / TARGETS_FILE)}
    articles = []
    for record in read_lines(folder / TONES_FILE):
        rows = [row for row in record["sentences"] if any(map(str.isalnum, _text(record, row)))]
        articles.append(
            ToneArticle(
                record["id"], source_of(record["id"]), record["document"],
                bool(rows) and rows[0]["section"] == "title",
                tuple(_sentences(tokenizer, record, rows, judged.get(record["id"], []))),
                tuple(int(row["tone"]) for row in rows),
            )
        )  # fmt: skip
    return articles


def source_of(identifier: str) -> str:
    """The collection that an article is from."""
    first = identifier.split("/")[0].split("_")[0]
    return first if first in ("persent", "worldwide") else "bbc"


def _sentences(
    tokenizer: Tokenizer,
    record: dict[str, Any],
    rows: list[dict[str, Any]],
    judged: list[dict[str, Any]],
) -> Iterator[Sentence]:
    for row in rows:
        start, end = row["start"], row["end"]
        targets = [
            Target(
                t["start"] - start,
                min(t["end"], end) - start,
                CERTAIN[POLARITIES.index(t["polarity"])],
            )
            for t in judged
            if t["section"] == row["section"] and start <= t["start"] < end
        ]
        yield make_sentence(
            tokenizer, _text(record, row), polarity=TONES[row["tone"] - 1], targets=targets
        )


def _text(record: dict[str, Any], row: dict[str, Any]) -> str:
    text: str = record[row["section"]][row["start"] : row["end"]]
    return text
