"""Sentence splitters beside each other: ``python -m benchmarks.sentence_splitting --data FOLDER``.

``annotations/sentence_borders.jsonl`` labels 792 places in US news, each behind a mark that may end
a sentence, by whether a sentence ends there. Each was labelled once; places that a reader cannot
decide were left out. The rules of ``service/enrichment/sentence_borders.py`` were written with the
part ``dev`` in view; the part ``test`` comes from other articles and was labelled afterwards.

Splitters that are not installed are left out (``benchmarks/requirements.txt`` has them).
"""

from __future__ import annotations

import argparse
import gzip
import json
import platform
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

from service.enrichment.sentences import split_sentences

ANNOTATIONS = Path(__file__).parent / "annotations/sentence_borders.jsonl"

Splitter = Callable[[str], set[int]]
"""Gives the code points of a text at which sentences begin."""


@dataclass(frozen=True)
class Border:
    """A place that a sentence may begin at: ``offset`` counts code points of the article's text."""

    article: str
    offset: int
    border: bool
    part: str


def _ours(text: str) -> set[int]:
    return {start for start, _ in split_sentences(text)}


def _syntok() -> Splitter:
    from syntok import segmenter
    from syntok.tokenizer import Tokenizer

    tokenizer = Tokenizer(replace_not_contraction=False)
    return lambda text: {
        tokens[0].offset for tokens in segmenter.segment(tokenizer.tokenize(text)) if tokens
    }


def _pysbd() -> Splitter:
    import pysbd

    segmenter = pysbd.Segmenter(language="en", clean=False, char_span=True)
    return lambda text: {span.start for span in segmenter.segment(text)}


def _blingfire() -> Splitter:
    import blingfire

    return lambda text: {start for start, _ in blingfire.text_to_sentences_and_offsets(text)[1]}


def _sentencex() -> Splitter:
    import sentencex

    return lambda text: {
        boundary["start_index"] for boundary in sentencex.get_sentence_boundaries("en", text)
    }


PEERS = {
    "syntok": _syntok,
    "pysbd": _pysbd,
    "blingfire": _blingfire,
    "sentencex": _sentencex,
}


def read_borders(data: Path) -> tuple[list[Border], dict[str, str]]:
    """The labelled places, and the texts of their articles by id."""
    borders = [Border(**json.loads(line)) for line in ANNOTATIONS.read_text("utf-8").splitlines()]
    ids = {border.article for border in borders}
    with gzip.open(data / "articles/us_news.jsonl.gz", "rt", encoding="utf-8") as lines:
        articles = (json.loads(line) for line in lines)
        return borders, {a["id"]: a["text"] for a in articles if a["id"] in ids}


def measure(
    split: Splitter, borders: list[Border], texts: dict[str, str]
) -> tuple[dict[str, list[int]], float]:
    """Wrong cuts and missed borders of each part, and the seconds that all texts take."""
    began = perf_counter()
    starts = {article: split(text) for article, text in texts.items()}
    seconds = perf_counter() - began
    wrong: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for border in borders:
        near = {border.offset + shift for shift in (-2, -1, 0, 1, 2)}  # beside quotation marks
        if border.border == near.isdisjoint(starts[border.article]):
            wrong[border.part][border.border] += 1
    return wrong, seconds


def _splitters() -> Iterator[tuple[str, Splitter]]:
    yield "ours", _ours
    for name, load in PEERS.items():
        try:
            yield f"{name} {version(name)}", load()
        except ImportError:
            print(f"{name} is not installed.")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.sentence_splitting", description=__doc__
    )
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with articles/us_news.jsonl.gz"
    )
    borders, texts = read_borders(parser.parse_args().data)
    parts = {part: [b.border for b in borders if b.part == part] for part in ("dev", "test")}
    print(f"{platform.processor() or platform.machine()}, {len(texts)} articles")
    for part, labels in parts.items():
        print(f"{part}: {len(labels)} places, {sum(labels)} of them borders")
    print(
        f"{'':18} {'dev: cut':>9} {'missed':>7} {'test: cut':>10} {'missed':>7} {'ms/article':>11}"
    )
    for name, split in _splitters():
        wrong, seconds = measure(split, borders, texts)
        (cut, missed), (test_cut, test_missed) = wrong["dev"], wrong["test"]
        print(
            f"{name:18} {cut:9} {missed:7} {test_cut:10} {test_missed:7} "
            f"{1000 * seconds / len(texts):11.2f}"
        )


if __name__ == "__main__":
    main()
