"""Fits the weights of links: ``python -m training.knowledge.fit --data FOLDER``.

The places of the ``dev`` half of LGL have their GeoNames ids. In BBC and US articles, a name stands
for its most populous place if that has ten times the people of the next: local papers alone would
teach that fame counts for little. The weights are drawn to initial ones, which were set by hand.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.places import ReadArticle, Reader, read_lgl, report
from service.enrichment.links.candidates import NamedEntity
from service.enrichment.links.scoring import FEATURES, Context, Weights, describe, probabilities
from service.enrichment.types import EntityType

INITIAL = Weights(
    (2.2, 1.0, 1.0, 0.2, -1.0, 3.0, 0.0, 2.0, -1.2, -7.0, 7.0, 1.0, 0.0, 5.5, 0.7, 1.0, 0.4, 1.0),
    -1.2,
)
_PULL = 0.15
_ROUNDS, _STEPS, _RATE = 3, 250, 0.05
_FAMOUS = 10

Example = tuple[NDArray[np.float64], list[int], float]
"""Features of the candidates, and a last row for another place; right rows; weight."""


def fit(local: Sequence[ReadArticle], world: Sequence[ReadArticle]) -> Weights:
    """The weights that make the right candidates likeliest."""
    weights = initial = np.array([*INITIAL.features, INITIAL.unknown])
    for _ in range(_ROUNDS):
        current = Weights(tuple(weights[:-1].tolist()), float(weights[-1]))
        examples = [e for article in local for e in _examples(article, current, local=True)]
        examples += [e for article in world for e in _examples(article, current, local=False)]
        weights = _ascend(examples, weights, initial)
    return Weights(tuple(round(float(w), 2) for w in weights[:-1]), round(float(weights[-1]), 2))


def _ascend(
    examples: Sequence[Example], weights: NDArray[np.float64], initial: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Adam on the penalised likelihood."""
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for _ in range(_STEPS):
        gradient = _PULL * (weights - initial)
        for rows, right, weight in examples:
            scores = rows @ weights
            shares = np.exp(scores - scores.max())
            shares /= shares.sum()
            target = np.zeros_like(shares)
            target[right] = shares[right] / max(shares[right].sum(), 1e-12)
            gradient = gradient - weight / len(examples) * (rows.T @ (target - shares))
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.99 * square + 0.01 * gradient**2
        weights = weights - _RATE * mean / (np.sqrt(square) + 1e-6)
    return weights


def _examples(article: ReadArticle, weights: Weights, local: bool) -> Iterator[Example]:
    found = probabilities(article.candidates, article.evidence, weights)
    context = Context()
    for candidate, shares in zip(article.candidates, found, strict=True):
        context.add(candidate, shares)
    for candidate, shares in zip(article.candidates, found, strict=True):
        right, weight = _right(article, candidate) if local else _famous(article, candidate)
        if right is None:
            continue
        context.add(candidate, shares, -1)
        described = describe(candidate, article.evidence, context)
        context.add(candidate, shares)
        rows = np.zeros((len(described) + 1, len(FEATURES) + 1))
        rows[:-1, :-1] = described
        rows[-1, -1] = 1
        yield rows, right or [len(described)], weight


def _right(article: ReadArticle, candidate: NamedEntity) -> tuple[list[int] | None, float]:
    golds = article.gold.get(candidate.index) if candidate.index is not None else None
    if not golds:
        return None, 0.0
    gold, count = golds.most_common(1)[0]
    places = [sense.place for sense in candidate.senses]
    exact = [index for index, place in enumerate(places) if place.id == gold.id]
    near = [index for index, place in enumerate(places) if gold.matches(place)]
    return exact or near, math.sqrt(count)


def _famous(article: ReadArticle, candidate: NamedEntity) -> tuple[list[int] | None, float]:
    people = [sense.place.population for sense in candidate.senses]
    if (
        candidate.index is None
        or article.entities[candidate.index].type != EntityType.LOCATION
        or len(people) < 2
        or max(people) < _FAMOUS * sorted(people)[-2]
    ):
        return None, 0.0
    return [people.index(max(people))], 1.0


def _read_world(reader: Reader, folder: Path) -> Iterator[ReadArticle]:
    with (folder / "articles/bbc.jsonl").open(encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for index, line in enumerate(file) if index % 4 == 0]
    with gzip.open(folder / "articles/us_news.jsonl.gz", "rt", encoding="utf-8") as file:
        texts += [json.loads(line)["text"] for index, line in enumerate(file) if index % 20 == 0]
    for text in texts:
        yield reader.read(text)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    folder = parser.parse_args().data
    reader = Reader()
    dev = list(read_lgl(reader, folder, "dev"))
    weights = fit(dev, list(_read_world(reader, folder)))
    print(dict(zip(FEATURES, weights.features, strict=True)))
    print(weights)
    print(report("LGL, dev", dev, weights))
