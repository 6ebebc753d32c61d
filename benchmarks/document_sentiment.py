"""Scores the sentiment of whole articles, compared with simple baselines.

In the absence of data with the sentiment of whole articles, the data is PerSenT (Bastan et al.
2020), whose label is the attitude of an article's author towards its main entity. The articles of
the test part are about two presidents only. The dev part covers hundreds of people, but the
constants of the document sentiment were tuned on it, so its figures are slightly optimistic.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from tqdm import tqdm

from service.enrichment.pipeline import Enricher
from service.enrichment.types import Article
from training.scores import macro_f1

LABELS = {"NEGATIVE": 0, "NEUTRAL": 1, "MIXED": 1, "POSITIVE": 2}
"""Label → polarity; MIXED counts as neutral."""


@dataclass
class _Predictions:
    """Labels and scores that a method predicts; a higher score is more positive."""

    labels: list[int] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)

    def add(self, label: int, score: float) -> None:
        self.labels.append(label)
        self.scores.append(score)


def measure_documents(enricher: Enricher, path: Path) -> list[tuple[str, float]]:
    """Return macro-F1 of labels and AUC of scores, in per cent, on a PerSenT file."""
    gold: list[int] = []
    ours, sign, first = _Predictions(), _Predictions(), _Predictions()
    lines = path.read_text(encoding="utf-8").splitlines()
    for line in tqdm(lines, path.name, leave=False, disable=None):
        record = json.loads(line)
        text = "".join(c for c in record["text"] if c.isprintable() or c.isspace())
        if not text.strip():
            continue
        enrichment = enricher.enrich(Article(text, language="en"))
        whole, lead = enrichment.sentiment, enrichment.sentences[0].sentiment
        side = int(np.sign(whole.score))
        gold.append(LABELS[record["sentiment"].upper()])
        ours.add(LABELS[whole.label], whole.score)
        sign.add(1 + side, side)
        first.add(LABELS[lead.label], lead.score)
    most_frequent = Counter(gold).most_common(1)[0][0]
    labels = {
        "document's label": ours.labels,
        "baseline: sign of the score": sign.labels,
        "baseline: label of the first sentence": first.labels,
        "baseline: most frequent label": [most_frequent] * len(gold),
    }
    scores = {
        "document's score": ours.scores,
        "baseline: sign of the score": sign.scores,
        "baseline: score of the first sentence": first.scores,
    }
    return [
        *(
            (f"macro-F1, {name}", 100 * macro_f1(gold, predicted))
            for name, predicted in labels.items()
        ),
        *((f"AUC, {name}", 100 * auc(gold, predicted)) for name, predicted in scores.items()),
    ]


def auc(gold: Sequence[int], scores: Sequence[float]) -> float:
    """Return the area under the ROC curve (AUC), 0–1, of positive against negative articles.

    It is the probability that a positive article (2) scores higher than a negative one (0). Ties
    count half; chance gives 0.5.
    """
    labels, values = np.asarray(gold), np.asarray(scores)
    differences = np.subtract.outer(values[labels == 2], values[labels == 0])
    return float(np.mean((np.sign(differences) + 1) / 2))
