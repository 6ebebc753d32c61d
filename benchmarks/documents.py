"""How good the sentiment of whole articles is, beside the simplest ways that could do.

Measured on PerSenT (Bastan et al. 2020), for want of a set with the sentiment of whole articles:
its label is the attitude of the article's author towards its main entity. The test part is about
two presidents only; on the dev part, about hundreds of people, the constants of the document's
sentiment were chosen, so that its figures are a little too good.
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
"""MIXED counts as neutral."""


@dataclass
class _Way:
    """What one way says of each article: a label, and a score, higher the more positive."""

    labels: list[int] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)

    def add(self, label: int, score: float) -> None:
        self.labels.append(label)
        self.scores.append(score)


def measure_documents(enricher: Enricher, path: Path) -> list[tuple[str, float]]:
    """Macro-F1 of labels and AUC of scores, in per cent, on the articles of a PerSenT file."""
    gold: list[int] = []
    ours, sign, first = _Way(), _Way(), _Way()
    lines = path.read_text(encoding="utf-8").splitlines()
    for line in tqdm(lines, path.name, leave=False, disable=None):
        record = json.loads(line)
        text = "".join(c for c in record["text"] if c.isprintable() or c.isspace())
        if not text.strip():
            continue
        found = enricher.enrich(Article(text, language="en"))
        whole, lead = found.sentiment, found.sentences[0].sentiment
        side = int(np.sign(whole.score))
        gold.append(LABELS[record["sentiment"].upper()])
        ours.add(LABELS[whole.label], whole.score)
        sign.add(1 + side, side)
        first.add(LABELS[lead.label], lead.score)
    usual = Counter(gold).most_common(1)[0][0]
    labels = {
        "document's label": ours.labels,
        "baseline: sign of the score": sign.labels,
        "baseline: label of the first sentence": first.labels,
        "baseline: most frequent label": [usual] * len(gold),
    }
    ordered = {
        "document's score": ours.scores,
        "baseline: sign of the score": sign.scores,
        "baseline: score of the first sentence": first.scores,
    }
    return [
        *((f"macro-F1, {way}", 100 * macro_f1(gold, given)) for way, given in labels.items()),
        *((f"AUC, {way}", 100 * auc(gold, given)) for way, given in ordered.items()),
    ]


def auc(gold: Sequence[int], scores: Sequence[float]) -> float:
    """How often a positive article (2) has a higher score than a negative one (0), in 0–1.

    No threshold has a part in it. Equal scores count half; 0.5 is what chance gives.
    """
    labels, values = np.asarray(gold), np.asarray(scores)
    apart = np.subtract.outer(values[labels == 2], values[labels == 0])
    return float(np.mean((np.sign(apart) + 1) / 2))
