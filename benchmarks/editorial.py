"""Scores entities, their ranking and quotations against the annotations of an editor.

``annotations/bbc.jsonl`` annotates 40 articles of the BBC data set (Greene & Cunningham 2006) by id
and offset, without their text. Offsets count the code points of the title, two line breaks and the
text. The annotations were made once, with the help of a language model, and the rules of the
service were developed on these articles: the differences to the baselines are more meaningful than
the figures themselves.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import numpy as np

from service.enrichment.pipeline import Enricher
from service.enrichment.types import Article, Enrichment, Entity, Section

ANNOTATIONS = Path(__file__).parent / "annotations/bbc.jsonl"
GAP = "\n\n"

Span = tuple[int, int]
Clusters = dict[Span, int]
"""Span of a mention → entity."""


@dataclass(frozen=True)
class Annotated:
    """An annotated article.

    Attributes:
        article: Title and text.
        entities: Span of each mention → index of its entity.
        names: Name of each entity.
        gains: Relevance of each entity, from 3 (a main subject of the article) to 0.
        quotations: Span between the quotation marks, and speaker (entity index or ``None``).
    """

    article: Article
    entities: Clusters
    names: list[str]
    gains: list[int]
    quotations: list[tuple[Span, int | None]]


def read_annotated(articles: Path, annotations: Path = ANNOTATIONS) -> list[Annotated]:
    """Read the annotated articles; their texts are looked up by id in the file ``articles``."""
    texts = {}
    for line in articles.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        texts[record["id"]] = Article(record["text"], title=record["title"], language="en")
    annotated = []
    for line in annotations.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        names = [entity["name"] for entity in record["entities"]]
        annotated.append(
            Annotated(
                texts[record["id"]],
                {
                    (start, end): i
                    for i, entity in enumerate(record["entities"])
                    for start, end in entity["mentions"]
                },
                names,
                [entity.get("main", 0) for entity in record["entities"]],
                [
                    (
                        (quotation["start"], quotation["end"]),
                        names.index(quotation["speaker"]) if quotation["speaker"] else None,
                    )
                    for quotation in record["quotations"]
                ],
            )
        )
    return annotated


@dataclass
class _Ratio:
    hits: float = 0
    predicted: float = 0
    gold: float = 0

    def f1(self) -> float:
        return 200 * self.hits / max(1, self.predicted + self.gold)


@dataclass
class _CoreferenceScore:
    """Pairwise and B-cubed (Bagga & Baldwin 1998) scores of clusters of mentions."""

    pairs: _Ratio = field(default_factory=_Ratio)
    precision: list[float] = field(default_factory=list)
    recall: list[float] = field(default_factory=list)

    def add(self, gold: Clusters, predicted: dict[Span, object]) -> None:
        """Add an article; only mentions in both are scored."""
        both = sorted(gold.keys() & predicted.keys())
        for one, other in combinations(both, 2):
            in_gold, in_predicted = gold[one] == gold[other], predicted[one] == predicted[other]
            self.pairs.hits += in_gold and in_predicted
            self.pairs.predicted += in_predicted
            self.pairs.gold += in_gold
        for mention in both:
            gold_cluster = {m for m in both if gold[m] == gold[mention]}
            cluster = {m for m in both if predicted[m] == predicted[mention]}
            self.precision.append(len(gold_cluster & cluster) / len(cluster))
            self.recall.append(len(gold_cluster & cluster) / len(gold_cluster))

    def b_cubed(self) -> float:
        """Return the B-cubed F1 in per cent."""
        precision, recall = float(np.mean(self.precision)), float(np.mean(self.recall))
        return 200 * precision * recall / (precision + recall)


@dataclass
class _RankingScore:
    """NDCG of the first five entities, and whether the first is a most relevant one."""

    ndcg: list[float] = field(default_factory=list)
    first: list[bool] = field(default_factory=list)

    def add(self, gains: Sequence[int], ranked: Sequence[int | None]) -> None:
        """Add an article.

        Args:
            gains: Relevance of each gold entity.
            ranked: Gold entity of each predicted entity, in the predicted order; ``None`` if there
                is none.
        """
        seen: set[int] = set()
        ranked_gains = []
        for entity in ranked[:5]:
            ranked_gains.append(0 if entity is None or entity in seen else gains[entity])
            if entity is not None:
                seen.add(entity)
        ideal = _dcg(sorted(gains, reverse=True)[:5])
        self.ndcg.append(_dcg(ranked_gains) / ideal)
        self.first.append(bool(ranked_gains) and ranked_gains[0] == max(gains))


def _dcg(gains: Iterable[int]) -> float:
    return float(sum((2**gain - 1) / np.log2(rank + 2) for rank, gain in enumerate(gains)))


def measure_editorial(enricher: Enricher, articles: Path) -> list[tuple[str, str, float]]:
    """Return rows of (task, measure and method, value in per cent)."""
    coreference: dict[str, _CoreferenceScore] = defaultdict(_CoreferenceScore)
    salience: dict[str, _RankingScore] = defaultdict(_RankingScore)
    quoted, speakers, nearest = _Ratio(), _Ratio(), _Ratio()
    mentions = _Ratio()
    for annotated in read_annotated(articles):
        enrichment = enricher.enrich(annotated.article)
        locate = _locator(annotated.article)
        spans = [
            [locate(m.section, m.start, m.end) for m in e.mentions] for e in enrichment.entities
        ]
        texts = {
            locate(m.section, m.start, m.end): m.text
            for e in enrichment.entities
            for m in e.mentions
        }
        gold = annotated.entities
        mentions.hits += len(gold.keys() & texts.keys())
        mentions.predicted += len(texts)
        mentions.gold += len(gold)
        coreference["ours"].add(
            gold, {span: i for i, cluster in enumerate(spans) for span in cluster}
        )
        coreference["baseline: same text"].add(gold, dict(texts))
        coreference["baseline: same last word"].add(
            gold, {span: text.split()[-1].lower() for span, text in texts.items()}
        )
        gold_entities = [
            _majority(gold[span] for span in cluster if span in gold) for cluster in spans
        ]
        for method, key in _ORDERS.items():
            ranked = sorted(range(len(gold_entities)), key=lambda i: key(enrichment.entities[i]))
            salience[method].add(annotated.gains, [gold_entities[i] for i in ranked])
        _score_quotations(annotated, enrichment, gold_entities, (quoted, speakers, nearest))
    rows = [("BBC, 40 articles", "mentions, exact span, F1", mentions.f1())]
    for method, counts in coreference.items():
        rows.append(("Grouping of mentions", f"pairwise F1, {method}", counts.pairs.f1()))
        rows.append(("Grouping of mentions", f"B-cubed F1, {method}", counts.b_cubed()))
    for method, ranks in salience.items():
        rows.append(("Salience", f"nDCG@5, {method}", 100 * float(np.mean(ranks.ndcg))))
        rows.append(("Salience", f"first is right, {method}", 100 * float(np.mean(ranks.first))))
    rows.append(("Quotations", "sentences quoted, F1", quoted.f1()))
    for method, ratio in (("ours", speakers), ("baseline: nearest person", nearest)):
        rows.append(
            (
                "Quotations",
                f"speaker, precision, {method}",
                100 * ratio.hits / max(1, ratio.predicted),
            )
        )
        rows.append(
            ("Quotations", f"speaker, recall, {method}", 100 * ratio.hits / max(1, ratio.gold))
        )
    return rows


_ORDERS: dict[str, Callable[[Entity], tuple[float, float]]] = {
    "ours": lambda entity: (-entity.salience, entity.factors.first),
    "baseline: number of mentions": lambda entity: (-len(entity.mentions), entity.factors.first),
    "baseline: first mention": lambda entity: (entity.factors.first, 0),
}


def _locator(article: Article) -> Callable[[Section, int, int], Span]:
    shift = len(article.title or "") + len(GAP)

    def locate(section: Section, start: int, end: int) -> Span:
        return (start, end) if section == "title" else (start + shift, end + shift)

    return locate


def _majority(entities: Iterable[int]) -> int | None:
    counts = Counter(entities)
    return counts.most_common(1)[0][0] if counts else None


def _score_quotations(
    annotated: Annotated,
    enrichment: Enrichment,
    gold_entities: Sequence[int | None],
    counts: tuple[_Ratio, _Ratio, _Ratio],
) -> None:
    """Score quoted sentences and their speakers.

    A sentence is quoted if at least half of its letters and digits are inside quotation marks.
    """
    quoted, speakers, nearest = counts
    locate = _locator(annotated.article)
    source = f"{annotated.article.title}{GAP}{annotated.article.text}"
    by_name = {entity.name: i for i, entity in reversed(list(enumerate(enrichment.entities)))}
    persons = sorted(
        (locate(m.section, m.start, m.end), i)
        for i, entity in enumerate(enrichment.entities)
        for m in entity.mentions
        if entity.type == "PERSON"
    )
    for sentence in enrichment.sentences:
        start, end = locate(sentence.section, sentence.start, sentence.end)
        shares = [
            (_letters(source[max(start, a) : min(end, b)]), speaker)
            for (a, b), speaker in annotated.quotations
            if a < end and b > start
        ]
        is_quoted = 2 * sum(share for share, _ in shares) >= _letters(source[start:end]) > 0
        quoted.hits += is_quoted and sentence.quoted
        quoted.predicted += sentence.quoted
        quoted.gold += is_quoted
        if not is_quoted:
            continue
        speaker = max(shares, key=lambda pair: pair[0])[1]
        predicted = None if sentence.speaker is None else gold_entities[by_name[sentence.speaker]]
        nearest_person = min(
            ((max(a - end, start - b), gold_entities[i]) for (a, b), i in persons),
            key=lambda pair: pair[0],
            default=(0, None),
        )[1]
        for ratio, entity in ((speakers, predicted), (nearest, nearest_person)):
            ratio.hits += entity is not None and entity == speaker
            ratio.predicted += entity is not None
            ratio.gold += speaker is not None


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))
