"""Links of places: ``python -m benchmarks.places --data FOLDER``.

Two sets. ``places/lgl.jsonl`` has 588 articles of small local papers with the GeoNames id of each
place (Lieberman et al. 2010, Gritta et al. 2019). Half of them, chosen by a hash, are for tuning
(``dev``), the others (``test``) are for reporting. ``annotations/places.jsonl`` has the places that
the model finds in 29 articles of ``ner/worldwide_train.conll`` (Shan et al. 2023), with their ids,
or 0 for places without an entry. A large language model judged the links for this project after it
had seen them, and no human has checked them.

A link is right if it has the very id, or lies within 161 km (100 miles) of the right place. Only
places that the model finds count: "linked" is the share of their mentions that get a link, "right"
the share of these links that are right, "found" the share of the set's places that the model finds
as locations. The simplest rule links each name to its most populous place.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from service.app import create_registry
from service.config.models_config import prepare_models_config
from service.config.settings import KNOWLEDGE, read_settings
from service.enrichment.article import Article
from service.enrichment.links.candidates import NamedEntity, find_candidates
from service.enrichment.links.countries import country_evidence
from service.enrichment.links.knowledge import Knowledge, Place
from service.enrichment.links.linker import LEAST_CONFIDENCE, WEIGHTS
from service.enrichment.links.scoring import Weights, confidence, probabilities, ranking
from service.enrichment.pipeline import Enricher
from service.enrichment.types import Entity, EntityType

ANNOTATIONS = Path(__file__).parent / "annotations" / "places.jsonl"
THRESHOLDS = (0.0, 0.3, 0.5, LEAST_CONFIDENCE, 0.7, 0.9)
_NEAR_KM = 161.0
_EARTH_KM = 6371.0


@dataclass(frozen=True)
class Gold:
    """The right place of a name.

    Attributes:
        id: GeoNames id; 0 for a name that is none of a place with an entry.
        latitude, longitude: degrees.
    """

    id: int
    latitude: float
    longitude: float

    def matches(self, place: Place) -> bool:
        """Whether a place is this one or near it."""
        return self.id != 0 and (place.id == self.id or self.distance(place) <= _NEAR_KM)

    def distance(self, place: Place) -> float:
        """Kilometres on the great circle."""
        one, other = math.radians(self.latitude), math.radians(place.latitude)
        across = math.radians(place.longitude - self.longitude)
        half = (
            math.sin((other - one) / 2) ** 2
            + math.cos(one) * math.cos(other) * math.sin(across / 2) ** 2
        )
        return 2 * _EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


@dataclass(frozen=True)
class ReadArticle:
    """An article that the model has read.

    Attributes:
        entities: that the model found.
        candidates: of the entities.
        evidence: country → share of the article's evidence that is of it.
        gold: index of an entity → right place → number of the entity's mentions.
        places: how many the set has in the article.
        found: how many of them the model found as locations.
    """

    entities: tuple[Entity, ...]
    candidates: list[NamedEntity]
    evidence: Mapping[str, float]
    gold: dict[int, Counter[Gold]] = field(default_factory=dict)
    places: int = 0
    found: int = 0


class Reader:
    """Reads articles with the embedded model and finds the candidates of their places."""

    def __init__(self) -> None:
        settings = read_settings()
        models = create_registry(settings, *prepare_models_config(settings))
        self._enricher: Enricher = models.get().enricher
        self._knowledge = Knowledge(KNOWLEDGE)

    def read(self, text: str, toponyms: Sequence[dict[str, float]] = ()) -> ReadArticle:
        """Read a text, with the right places of the names in it."""
        article = Article(text, language="en")
        entities = self._enricher.enrich(article).entities
        candidates = find_candidates(self._knowledge, article, entities)
        gold: dict[int, Counter[Gold]] = {}
        found = 0
        for toponym in toponyms:
            right = Gold(int(toponym["geonameid"]), toponym["latitude"], toponym["longitude"])
            for index, entity in enumerate(entities):
                if entity.type == EntityType.LOCATION and any(
                    m.start < toponym["end"] and toponym["start"] < m.end for m in entity.mentions
                ):
                    gold.setdefault(index, Counter())[right] += 1
                    found += 1
                    break
        evidence = country_evidence(article)
        return ReadArticle(entities, candidates, evidence, gold, len(toponyms), found)


def read_lgl(reader: Reader, folder: Path, part: str) -> Iterator[ReadArticle]:
    """The articles of ``dev`` or ``test``."""
    for record in _records(folder / "places/lgl.jsonl"):
        if (sha256(record["id"].encode()).digest()[0] % 2 == 0) == (part == "dev"):
            yield reader.read(record["text"], record["toponyms"])


def read_world(reader: Reader, folder: Path) -> Iterator[ReadArticle]:
    """The articles of ``annotations/places.jsonl``. Right places without candidates are unknown."""
    texts = list(_worldwide(folder / "ner/worldwide_train.conll"))
    for record in _records(ANNOTATIONS):
        article = reader.read(texts[record["article"]])
        known = {c.index: {s.place.id: s.place for s in c.senses} for c in article.candidates}
        places = 0
        for index, entity in enumerate(article.entities):
            identifier = record["places"].get(entity.name)
            if entity.type != EntityType.LOCATION or identifier is None:
                continue
            place = known.get(index, {}).get(identifier)
            gold = Gold(identifier, place.latitude, place.longitude) if place else Gold(0, 0.0, 0.0)
            article.gold[index] = Counter({gold: len(entity.mentions)})
            places += len(entity.mentions)
        yield replace(article, places=places, found=places)


def _worldwide(path: Path) -> Iterator[str]:
    """The articles of a file in CoNLL's format, with spaces between the words."""
    for document in path.read_text("utf-8").split("-DOCSTART-")[1:]:
        sentences = document.split("\n", 1)[1].strip("\n").split("\n\n")
        words = ([line.split("\t")[0] for line in s.splitlines() if line] for s in sentences)
        yield "\n".join(" ".join(sentence) for sentence in words)


def _records(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def report(name: str, articles: Sequence[ReadArticle], weights: Weights = WEIGHTS) -> str:
    """Lines of a table: for each threshold, and for the simplest rule."""
    found = sum(article.found for article in articles)
    places = sum(article.places for article in articles)
    lines = [f"{name}: {places} places, {found / places:.1%} found"]
    for label, links in (
        ("most populous", list(_most_populous(articles))),
        *((f"at {least:.2f}", list(_linked(articles, weights, least))) for least in THRESHOLDS),
    ):
        linked = sum(count for _, _, count in links)
        right = sum(count for place, gold, count in links if gold.matches(place))
        exact = sum(count for place, gold, count in links if gold.id == place.id)
        lines.append(
            f"  {label:14} linked {linked / found:6.1%}  right {right / linked:6.1%}"
            f"  very id {exact / linked:6.1%}"
        )
    return "\n".join(lines)


def _most_populous(articles: Iterable[ReadArticle]) -> Iterator[tuple[Place, Gold, int]]:
    for article in articles:
        for candidate in article.candidates:
            if candidate.index is not None:
                for gold, count in article.gold.get(candidate.index, {}).items():
                    yield candidate.senses[0].place, gold, count


def _linked(
    articles: Iterable[ReadArticle], weights: Weights, least: float
) -> Iterator[tuple[Place, Gold, int]]:
    for article in articles:
        found = probabilities(article.candidates, article.evidence, weights)
        for candidate, shares in zip(article.candidates, found, strict=True):
            best = ranking(candidate, shares)[0]
            if candidate.index is not None and confidence(candidate, shares, best) >= least:
                for gold, count in article.gold.get(candidate.index, {}).items():
                    yield candidate.senses[best].place, gold, count


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with places/ and ner/")
    parser.add_argument("--part", choices=("dev", "test"), default="test")
    return parser.parse_args()


if __name__ == "__main__":
    arguments = _arguments()
    reader = Reader()
    print(report("LGL", list(read_lgl(reader, arguments.data, arguments.part))))
    print(report("World news", list(read_world(reader, arguments.data))))
