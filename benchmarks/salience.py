"""Salience beside simple rules, by genre: ``python -m benchmarks.salience --data FOLDER``.

Two sets: the 40 articles of ``annotations/bbc.jsonl``, whose texts are in ``articles/bbc.jsonl``,
and GUM (Zeldes 2017), ``entities/gum.jsonl``: documents of nine genres, none of them news, with
graded salience 0-5, the number of five summaries in which an entity stands. GUM's titles stand in
its texts, where it has them, so that an article has no title of its own there.

The measure is nDCG@5. "Cross-validated" chooses the constants of ``salience.py`` from a small grid
on nine tenths of the documents and measures on the rest, in ten folds.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from benchmarks.editorial import Clusters, locator, normalized_gain, read_annotated
from service.enrichment.language import TrainedDetector
from service.enrichment.pipeline import Enricher
from service.enrichment.types import Article, Entity, EntityType
from service.inference.bundle.bundle import load_bundle

FOLDS = 10
GRID = tuple(product((0.3, 0.5), (0.5, 1.0), (1.0, 2.0), (0.7, 0.9), (0.5, 0.7, 1.0)))
"""Lateness discount, bonus for leading, bonus for the title, weight of places and of MISC."""

Weight = Callable[[Entity], float]


@dataclass(frozen=True)
class Document:
    """An enriched document.

    Attributes:
        genre: of the text.
        entities: ours, in our order.
        true: the annotated entity that each of ours is, if any.
        gains: how much each annotated entity matters.
    """

    genre: str
    entities: tuple[Entity, ...]
    true: list[int | None]
    gains: dict[int, int]


RULES: dict[str, Weight] = {
    "ours": lambda entity: entity.salience,
    "number of mentions": lambda entity: len(entity.mentions),
    "mentions + 2 in the title": lambda entity: len(entity.mentions) + 2 * entity.factors.in_title,
    "first position": lambda entity: -entity.factors.first,
}


def read_documents(enricher: Enricher, data: Path) -> list[Document]:
    """The documents of both sets that have a salient entity."""
    documents = [
        _document(
            enricher,
            "BBC news",
            annotated.article,
            annotated.entities,
            dict(enumerate(annotated.gains)),
        )
        for annotated in read_annotated(data / "articles/bbc.jsonl")
    ]
    for line in (data / "entities/gum.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        documents.append(
            _document(
                enricher,
                record["id"].split("_")[1],
                Article(record["text"], language="en"),
                {(m["start"], m["end"]): m["entity"] for m in record["mentions"]},
                {entity["id"]: entity["salience"] for entity in record["entities"]},
            )
        )
    return [document for document in documents if any(document.gains.values())]


def _document(
    enricher: Enricher, genre: str, article: Article, gold: Clusters, gains: dict[int, int]
) -> Document:
    entities = enricher.enrich(article).entities
    locate = locator(article)
    true: list[int | None] = []
    for entity in entities:
        spans = (locate(m.section, m.start, m.end) for m in entity.mentions)
        counts = Counter(gold[span] for span in spans if span in gold)
        true.append(counts.most_common(1)[0][0] if counts else None)
    return Document(genre, entities, true, gains)


def gain(document: Document, weight: Weight) -> float:
    """nDCG@5 in per cent of the order by ``weight``; the earlier first among equals."""
    order = sorted(
        range(len(document.entities)),
        key=lambda i: (-weight(document.entities[i]), document.entities[i].factors.first),
    )
    return 100 * normalized_gain(document.gains, [document.true[i] for i in order])


def formula(late: float, leading: float, title: float, place: float, misc: float) -> Weight:
    """The weight of :func:`service.enrichment.salience.salience` with other constants."""
    types: dict[str, float] = {EntityType.LOCATION: place, EntityType.MISC: misc}

    def weight(entity: Entity) -> float:
        factors = entity.factors
        return types.get(entity.type, 1.0) * (
            factors.mentions * (1 - late * factors.first)
            + leading * factors.leading
            + title * factors.in_title
        )

    return weight


def cross_validate(documents: Sequence[Document]) -> list[float]:
    """nDCG@5 of each document by the constants that are best on the other folds.

    Both sets, BBC and GUM, count alike in the choice.
    """
    gains = np.asarray(
        [[gain(document, formula(*constants)) for document in documents] for constants in GRID]
    )
    news = np.asarray([document.genre == "BBC news" for document in documents])
    folds = np.random.default_rng(7).permutation(len(documents)) % FOLDS
    measured = np.zeros(len(documents))
    for fold in range(FOLDS):
        rest = folds != fold
        means = gains[:, rest & news].mean(axis=1) + gains[:, rest & ~news].mean(axis=1)
        measured[~rest] = gains[int(means.argmax())][~rest]
    return [float(value) for value in measured]


def table(documents: Sequence[Document]) -> str:
    """nDCG@5 of each rule on each genre, as a Markdown table."""
    columns = {
        name: [gain(document, weight) for document in documents] for name, weight in RULES.items()
    }
    columns["cross-validated"] = cross_validate(documents)
    rows: dict[str, list[int]] = defaultdict(list)
    for i, document in enumerate(documents):
        rows[document.genre].append(i)
    rows["GUM, all"] = [i for i, d in enumerate(documents) if d.genre != "BBC news"]
    lines = [f"| genre | documents | {' | '.join(columns)} |"]
    lines.append("|---|---:|" + "---:|" * len(columns))
    for genre, indices in rows.items():
        values = (_mean(column[i] for i in indices) for column in columns.values())
        cells = " | ".join(f"{value:.1f}" for value in values)
        lines.append(f"| {genre} | {len(indices)} | {cells} |")
    return "\n".join(lines)


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.salience", description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with articles/ and entities/"
    )
    parser.add_argument("--bundle", type=Path, default=Path("models/enrich-en-small"))
    arguments = parser.parse_args()
    enricher = Enricher(load_bundle(arguments.bundle), TrainedDetector())
    print(table(read_documents(enricher, arguments.data)))


if __name__ == "__main__":
    main()
