"""Salience beside simple rules, by genre: ``python -m benchmarks.salience --data FOLDER``.

Four sets:

- the 40 articles of ``annotations/bbc.jsonl``, whose texts are in ``articles/bbc.jsonl``;
- the 34 articles of ``annotations/us_news.jsonl``, with texts in ``articles/us_news.jsonl.gz``:
  salience 0-5, the number of five summaries of one sentence that would name the entity, as a
  language model judged it once, before the formula was chosen. Nobody checked it;
- GUM (Zeldes 2017), ``entities/gum.jsonl``: documents of nine genres, none of them news, with
  the same grades from five real summaries. GUM's titles stand in its texts, where it has them, so
  that an article has no title of its own there;
- titles: news articles without their title. The entities that the title names are salient.

The measure is nDCG@5. "Cross-validated" chooses the constants of ``salience.py`` from a small grid
on nine tenths of the annotated documents and measures on the rest, in ten folds. "Best possible"
orders our entities by the annotation: the rest is lost to names that were not found.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import regex

from benchmarks.editorial import Clusters, locator, normalized_gain, read_annotated
from service.enrichment.article import Article
from service.enrichment.language_detector import TrainedDetector
from service.enrichment.pipeline import Enricher
from service.enrichment.types import Entity, EntityType
from service.inference.bundle.bundle import load_bundle

FOLDS = 10
GRID = tuple(product((0.3, 0.6), (0.5, 1.0), (0.5, 1.0, 1.5), (0.0, 0.5), (0.9, 1.0), (0.8, 1.0)))
"""Lateness discount, bonuses for leading, title and lead, weight of places and of MISC."""

US_NEWS = Path(__file__).parent / "annotations/us_news.jsonl"

TITLES = 150
"""Articles of each source in the set of titles, evenly spread over it."""

NEWS = ("BBC news", "US news")
BY_TITLE = ("titles, BBC", "titles, US")

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
    documents += _us_news(enricher, data)
    for genre, path in zip(BY_TITLE, ("bbc.jsonl", "us_news.jsonl.gz"), strict=True):
        records = [r for r in _records(data / "articles" / path) if r["title"]]
        for record in records[:: len(records) // TITLES][:TITLES]:
            documents.append(_by_title(enricher, genre, record))
    return [document for document in documents if any(document.gains.values())]


def _records(path: Path) -> list[dict[str, str]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _us_news(enricher: Enricher, data: Path) -> Iterator[Document]:
    """The annotated articles, whose entities are known by a name, not by their mentions."""
    texts = {record["id"]: record for record in _records(data / "articles/us_news.jsonl.gz")}
    for line in US_NEWS.read_text(encoding="utf-8").splitlines():
        annotated = json.loads(line)
        record = texts[annotated["id"]]
        article = Article(record["text"], title=record["title"], language="en")
        entities = enricher.enrich(article).entities
        indices = {_form(entity["name"]): i for i, entity in enumerate(annotated["entities"])}
        yield Document(
            "US news",
            entities,
            [
                next((indices[form] for form in _forms(entity) if form in indices), None)
                for entity in entities
            ],
            {i: entity["salience"] for i, entity in enumerate(annotated["entities"])},
        )


def _form(name: str) -> str:
    return name.removeprefix("The ").removeprefix("the ").replace(".", "").lower()


def _forms(entity: Entity) -> list[str]:
    return [_form(name) for name in (entity.name, *(m.text for m in entity.mentions))]


def _by_title(enricher: Enricher, genre: str, record: Mapping[str, str]) -> Document:
    entities = enricher.enrich(Article(record["text"], language="en")).entities
    title = record["title"].lower()
    named = [
        any(
            regex.search(rf"\b{regex.escape(mention.text.lower())}\b", title)
            for mention in entity.mentions
        )
        for entity in entities
    ]
    true = [i if is_named else None for i, is_named in enumerate(named)]
    return Document(genre, entities, true, {i: 1 for i in true if i is not None})


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


def best(document: Document) -> float:
    """nDCG@5 in per cent of the best order of our entities."""
    found = {entity: document.gains[entity] for entity in document.true if entity is not None}
    order = sorted(found, key=found.__getitem__, reverse=True)
    return 100 * normalized_gain(document.gains, order)


def formula(
    late: float, leading: float, title: float, lead: float, place: float, misc: float
) -> Weight:
    """The weight of :func:`service.enrichment.salience.salience` with other constants."""
    types: dict[str, float] = {EntityType.LOCATION: place, EntityType.MISC: misc}

    def weight(entity: Entity) -> float:
        factors = entity.factors
        return types.get(entity.type, 1.0) * (
            factors.mentions * (1 - late * math.sqrt(factors.first))
            + leading * factors.leading
            + title * factors.in_title
            + lead * factors.in_lead
        )

    return weight


def cross_validate(documents: Sequence[Document]) -> list[float]:
    """nDCG@5 of each document by the constants that are best on the other folds.

    News and GUM count alike in the choice. The constants for the set of titles are chosen on all
    annotated documents.
    """
    gains = np.asarray(
        [[gain(document, formula(*constants)) for document in documents] for constants in GRID]
    )
    news = np.asarray([document.genre in NEWS for document in documents])
    annotated = np.asarray([document.genre not in BY_TITLE for document in documents])
    folds = np.random.default_rng(7).permutation(len(documents)) % FOLDS
    folds[~annotated] = FOLDS
    measured = np.zeros(len(documents))
    for fold in range(FOLDS + 1):
        rest = annotated & (folds != fold)
        measured_here = folds == fold
        means = gains[:, rest & news].mean(axis=1) + gains[:, rest & ~news].mean(axis=1)
        measured[measured_here] = gains[int(means.argmax())][measured_here]
    return [float(value) for value in measured]


def table(documents: Sequence[Document]) -> str:
    """nDCG@5 of each rule on each genre, as a Markdown table."""
    columns = {
        name: [gain(document, weight) for document in documents] for name, weight in RULES.items()
    }
    columns["cross-validated"] = cross_validate(documents)
    columns["best possible"] = [best(document) for document in documents]
    rows: dict[str, list[int]] = defaultdict(list)
    for i, document in enumerate(documents):
        rows[document.genre].append(i)
    rows["GUM, all"] = [
        i for i, document in enumerate(documents) if document.genre not in (*NEWS, *BY_TITLE)
    ]
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
