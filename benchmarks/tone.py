"""Scores the sentiment of whole articles as they are served: of documents, sentences and mentions.

The articles are those of the tone set that training holds out. A large language model labelled
them; the data folder has its guide. A labelled sentence is compared with the served sentence that
overlaps it most, and a labelled mention with the served mention that overlaps it most. A mention
that the service does not find counts as neutral, since that is all a client learns of it.

A bundle's regression for documents is fitted on the same articles. Its accuracy here is therefore
slightly too high: ``python -m training.evaluate`` cross-validates it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
from tqdm import tqdm

from service.enrichment.article import Article
from service.enrichment.document_tone import LABELS
from service.enrichment.pipeline import Enricher
from service.enrichment.types import Mention, Sentence, Sentiment
from training.articles import ONE_IN, TARGETS_FILE, TONES_FILE, source_of
from training.data import held_out
from training.documents import LABEL_OF_TONE
from training.labels import POLARITIES, POLARITY_OF_RATING
from training.opinions import read_lines
from training.scores import macro_f1

SOURCES = {"bbc": "BBC", "persent": "US news", "worldwide": "world news"}
"""The collections that the articles are from, and their names in the table."""
_CLEARLY_NEGATIVE = 1
_NEGATIVE, _NEUTRAL, _POSITIVE = range(3)

Place = TypeVar("Place", Sentence, Mention)


class Judgement(NamedTuple):
    """A label, and what is served in its place.

    Attributes:
        gold: index of the polarity or, for documents, of the label.
        served: likewise.
        score: P(positive) − P(negative).
        rating: the tone from 1 (clearly negative) to 5 (clearly positive); 0 if it has none.
    """

    gold: int
    served: int
    score: float
    rating: int = 0


@dataclass
class Judgements:
    """The judgements of articles from one source.

    Attributes:
        documents, sentences, mentions: of each kind of place.
        found: number of the labelled mentions that the service finds.
    """

    documents: list[Judgement] = field(default_factory=list)
    sentences: list[Judgement] = field(default_factory=list)
    mentions: list[Judgement] = field(default_factory=list)
    found: int = 0

    def add(self, others: Judgements) -> None:
        """Add the judgements of other articles."""
        self.documents += others.documents
        self.sentences += others.sentences
        self.mentions += others.mentions
        self.found += others.found


def measure_tone(enricher: Enricher, folder: Path) -> list[tuple[str, str, float]]:
    """Return rows of (set, measure, value in per cent) for the tone set in ``folder``."""
    by_source: dict[str, Judgements] = defaultdict(Judgements)
    targets = {record["id"]: record["targets"] for record in read_lines(folder / TARGETS_FILE)}
    records = [r for r in read_lines(folder / TONES_FILE) if held_out(r["id"], ONE_IN)]
    for record in tqdm(records, "tone", leave=False, disable=None):
        found = judge(enricher, record, targets.get(record["id"], []))
        by_source[SOURCES[source_of(record["id"])]].add(found)
        by_source["all"].add(found)
    rows = []
    for source in [each for each in (*SOURCES.values(), "all") if each in by_source]:
        own = by_source[source]
        rows += [(f"Tone dev, {source}: documents", *row) for row in document_rows(own.documents)]
        rows += [(f"Tone dev, {source}: sentences", *row) for row in sentence_rows(own.sentences)]
    return rows + [("Tone dev, all: mentions", *row) for row in mention_rows(by_source["all"])]


def judge(enricher: Enricher, record: dict[str, Any], targets: list[dict[str, Any]]) -> Judgements:
    """Enrich an article of the tone set and pair its labels with what is served.

    Args:
        enricher: enriches the article.
        record: the article with its labels.
        targets: its labelled mentions.
    """
    article = Article(record["text"], title=record["title"] or None, language="en")
    enrichment = enricher.enrich(article)
    whole = enrichment.sentiment
    gold = LABEL_OF_TONE[record["document"]]
    judgements = Judgements([Judgement(gold, LABELS.index(whole.label), whole.score)])
    for row in record["sentences"]:
        nearest = _overlapping(enrichment.sentences, row)
        if nearest and any(map(str.isalnum, record[row["section"]][row["start"] : row["end"]])):
            polarity = POLARITY_OF_RATING[row["tone"] - 1]
            judgements.sentences.append(_judgement(polarity, nearest.sentiment, row["tone"]))
    mentions = [mention for entity in enrichment.entities for mention in entity.mentions]
    for target in targets:
        polarity = POLARITIES.index(target["polarity"])
        mention = _overlapping(mentions, target)
        if mention and mention.sentiment:
            judgements.found += 1
            judgements.mentions.append(_judgement(polarity, mention.sentiment))
        else:
            judgements.mentions.append(Judgement(polarity, _NEUTRAL, 0.0))
    return judgements


def _judgement(gold: int, sentiment: Sentiment, rating: int = 0) -> Judgement:
    served = POLARITIES.index(sentiment.label.lower())
    return Judgement(gold, served, sentiment.score, rating)


def _overlapping(places: Iterable[Place], span: dict[str, Any]) -> Place | None:
    """The place that shares most characters with a labelled span; ``None`` if none does."""
    best, most = None, 0
    for place in places:
        if place.section == span["section"]:
            shared = min(place.end, span["end"]) - max(place.start, span["start"])
            if shared > most:
                best, most = place, shared
    return best


def document_rows(documents: Sequence[Judgement]) -> list[tuple[str, float]]:
    """Accuracy and AUC, beside the most frequent label."""
    gold = [each.gold for each in documents]
    return [
        ("accuracy, four labels", _share([each.served == each.gold for each in documents])),
        ("accuracy, baseline: most frequent label", 100 * max(Counter(gold).values()) / len(gold)),
        ("AUC, score", 100 * auc(gold, [each.score for each in documents])),
    ]


def sentence_rows(sentences: Sequence[Judgement]) -> list[tuple[str, float]]:
    """Macro-F1 of the three polarities, and the worst confusion."""
    clearly = [each for each in sentences if each.rating == _CLEARLY_NEGATIVE]
    return [
        ("macro-F1", _macro_f1(sentences)),
        ("clearly negative called positive", _share([e.served == _POSITIVE for e in clearly])),
    ]


def mention_rows(judgements: Judgements) -> list[tuple[str, float]]:
    """Macro-F1 of the three polarities in their natural shares."""
    mentions = judgements.mentions
    neutral = [each for each in mentions if each.gold == _NEUTRAL]
    return [
        ("macro-F1", _macro_f1(mentions)),
        ("neutral called otherwise", _share([each.served != _NEUTRAL for each in neutral])),
        ("labelled mentions found", 100 * judgements.found / max(1, len(mentions))),
    ]


def _macro_f1(judgements: Sequence[Judgement]) -> float:
    return 100 * macro_f1([j.gold for j in judgements], [j.served for j in judgements])


def _share(true: Sequence[bool]) -> float:
    return 100 * float(np.mean(true)) if true else 0.0


def auc(gold: Sequence[int], scores: Sequence[float]) -> float:
    """Return the area under the ROC curve (AUC), 0–1, of positive against negative articles.

    It is the probability that a positive article scores higher than a negative one. Ties count
    half; chance gives 0.5.

    Args:
        gold: index of each article's label.
        scores: of each article.
    """
    labels, values = np.asarray(gold), np.asarray(scores)
    differences = np.subtract.outer(values[labels == _POSITIVE], values[labels == _NEGATIVE])
    return float(np.mean((np.sign(differences) + 1) / 2))
