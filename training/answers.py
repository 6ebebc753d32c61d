"""Pseudo-labels: predictions of the teachers for unlabelled news, to train the small model on."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tqdm import tqdm

from service.enrichment.article import Article, fault_in
from service.enrichment.bio import decode_tags
from service.enrichment.segmentation import segment
from training.articles import ONE_IN, TONES_FILE
from training.data import Sentence, Target, held_out, make_sentence, pack
from training.labels import TAGS
from training.opinions import read_lines
from training.readers import Reader, WindowReading

ANSWERS = "answers.jsonl"
UNLABELLED_NEWS = ("articles/us_news.jsonl.gz", "articles/bbc.jsonl")
WINDOWS = 4
"""Most windows of an article that are labelled: more articles help more than longer ones."""
_JUDGED = ("PERSON", "ORGANIZATION", "LOCATION", "FACILITY", "NORP", "PRODUCT", "MISC")
_CERTAIN = 0.99
"""Words that are outside all names with at least this probability are not stored."""
_AT_ONCE = 64


class News(NamedTuple):
    """An unlabelled article."""

    id: str
    title: str
    text: str


def unlabelled_news(data: Path) -> list[News]:
    """Unlabelled articles in a fixed random order.

    Articles that are held out of the tone set, or that the service rejects, are left out.
    """
    labelled = {record["id"] for record in read_lines(data / "sentiment" / TONES_FILE)}
    articles = [
        News(record["id"], record["title"], record["text"])
        for name in UNLABELLED_NEWS
        for record in _lines(data / name)
        if record["id"] not in labelled or not held_out(record["id"], ONE_IN)
        if not any(map(fault_in, (record["text"], record["title"] or "-")))
    ]
    random.Random(20261126).shuffle(articles)
    return articles


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def ask(
    names: Reader,
    sentiment: Reader,
    tokenizer: Tokenizer,
    articles: Sequence[News],
    path: Path,
    pieces: int,
) -> None:
    """Write the teachers' predictions to ``path``, one JSON line per article.

    Continues after the articles that are already in the file. The teachers of sentiment predict the
    sentiment towards the names that ``names`` finds.

    Args:
        names: predicts tags.
        sentiment: predicts the tone of sentences and the sentiment towards mentions.
        tokenizer: of the small model.
        articles: the articles, the same ones in the same order in every call.
        path: of the file.
        pieces: most word pieces in a window.
    """
    done = _whole_lines(path)
    with path.open("a", encoding="utf-8") as lines:
        bar = tqdm(total=len(articles), initial=done, desc="labelling", mininterval=20)
        rest = iter(articles[done:])
        while group := list(islice(rest, _AT_ONCE)):
            windows = [_windows(tokenizer, article, pieces) for article in group]
            flat = [window for own in windows for window in own]
            tagged = names(flat)
            asked = [
                [
                    replace(sentence, targets=targets)
                    for sentence, targets in zip(window, _mentions(window, reading), strict=True)
                ]
                for window, reading in zip(flat, tagged, strict=True)
            ]
            judged = sentiment(asked)
            records = iter(map(_record, asked, tagged, judged))
            for article, own in zip(group, windows, strict=True):
                sentences = [row for _ in own for row in next(records)]
                line = {"id": article.id, "sentences": sentences}
                print(json.dumps(line, ensure_ascii=False), file=lines)
            lines.flush()
            bar.update(len(group))


def _whole_lines(path: Path) -> int:
    """The number of whole lines in a file. Deletes an incomplete last line."""
    if not path.exists():
        return 0
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        with path.open("r+b") as file:
            file.truncate(len(whole))
    return whole.count(b"\n")


def _windows(tokenizer: Tokenizer, article: News, pieces: int) -> list[list[Sentence]]:
    segments = segment(Article(article.text, title=article.title or None, language="en"))
    chance = random.Random(0)
    sentences = (make_sentence(tokenizer, segments.source[a:b]) for a, b in segments.sentence_spans)
    return list(islice(pack(sentences, pieces, chance, short=0.0), WINDOWS))


def _mentions(window: Sequence[Sentence], reading: WindowReading) -> list[tuple[Target, ...]]:
    """The names in each sentence of a window, as targets of sentiment."""
    found, begin = [], 0
    for sentence in window:
        rows = reading.tags[begin : begin + len(sentence.tags)]
        begin += len(sentence.tags)
        spans = [span for span in decode_tags(rows, TAGS) if span.type in _JUDGED]
        # A name without word pieces cannot be pooled.
        bounds = sentence.pieces.bounds
        spans = [span for span in spans if bounds[span.first] < bounds[span.last]]
        found.append(tuple(Target(s.first, s.last, (0.0, 1.0, 0.0)) for s in spans))
    return found


def _record(
    window: Sequence[Sentence], tagged: WindowReading, judged: WindowReading
) -> list[dict[str, Any]]:
    rows, begin, towards = [], 0, iter(judged.targets)
    for sentence, tone in zip(window, judged.sentences, strict=True):
        tags = tagged.tags[begin : begin + len(sentence.tags)]
        begin += len(sentence.tags)
        uncertain = np.flatnonzero(tags[:, 0] < _CERTAIN)
        rows.append(
            {
                "text": sentence.text,
                "tone": _rounded(tone),
                "targets": [[t.first, t.last, _rounded(next(towards))] for t in sentence.targets],
                "tags": {str(word): _rounded(tags[word]) for word in uncertain},
            }
        )
    return rows


def _rounded(probabilities: NDArray[np.float32]) -> list[float]:
    return [round(float(p), 3) for p in probabilities]


def answered_documents(tokenizer: Tokenizer, path: Path) -> list[list[Sentence]]:
    """Articles with the teachers' predictions as labels, from a file that :func:`ask` wrote."""
    return [[_answered(tokenizer, row) for row in record["sentences"]] for record in _lines(path)]


def _answered(tokenizer: Tokenizer, row: dict[str, Any]) -> Sentence:
    sentence = make_sentence(tokenizer, row["text"], polarity=_whole(row["tone"]))
    tags = np.zeros((len(sentence.tags), len(TAGS)), np.float16)
    tags[:, 0] = 1
    for word, probabilities in row["tags"].items():
        tags[int(word)] = _whole(probabilities)
    targets = tuple(Target(first, last, _whole(said)) for first, last, said in row["targets"])
    return replace(sentence, answered=tags, targets=targets)


def _whole(probabilities: list[float]) -> Any:
    """Rounded probabilities, scaled to sum to 1."""
    total = sum(probabilities)
    return tuple(p / total for p in probabilities)
