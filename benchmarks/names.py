"""Scores the names in annotated documents, read by the whole pipeline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from tqdm import tqdm

from service.enrichment.pipeline import Enricher
from service.enrichment.types import Article, Enrichment
from training.labels import FOLDED
from training.names import Document

NameSpan = tuple[int, int, str]

FOUR_TYPES = FOLDED
"""Every type → the type of CoNLL-2003 that it belongs to."""
THREE_TYPES = {fine: coarse for fine, coarse in FOLDED.items() if coarse != "MISC"}
"""The same for sets that annotate persons, organisations and places only."""


@dataclass
class Names:
    """Counts of correct, predicted and gold names by type."""

    correct: Counter[str]
    predicted: Counter[str]
    gold: Counter[str]

    def f1(self, entity_type: str | None = None) -> float:
        """Return micro-F1 in per cent, of one type or of all."""
        correct, predicted, gold = (
            counts[entity_type] if entity_type else counts.total()
            for counts in (self.correct, self.predicted, self.gold)
        )
        return 200 * correct / max(1, predicted + gold)

    def precision(self, entity_type: str) -> float:
        """Return the precision of one type in per cent."""
        return 100 * self.correct[entity_type] / max(1, self.predicted[entity_type])


def types_of_model(entity_types: Iterable[str]) -> dict[str, str]:
    """Every type → itself if the model has it, or else the type of CoNLL-2003 it belongs to."""
    known = set(entity_types)
    return {fine: fine if fine in known else coarse for fine, coarse in FOLDED.items()}


def score_names(
    enricher: Enricher,
    documents: Iterable[Document],
    counted_as: Mapping[str, str],
    perturb: Callable[[str], str] | None = None,
) -> Names:
    """Count the names whose span and type match exactly.

    Each sentence becomes a paragraph of its document.

    Args:
        enricher: reads the documents.
        documents: sentences with their names.
        counted_as: type → the type that it counts as, for gold and predicted names. Names of other
            types do not count.
        perturb: changes the text of a document, without changing offsets.
    """
    names = Names(Counter(), Counter(), Counter())
    for document in tqdm(documents, "names", leave=False, disable=None):
        text, annotated, position = "", set[NameSpan](), 0
        for sentence, spans in document:
            annotated |= {(position + start, position + end, type_) for start, end, type_ in spans}
            text += sentence + "\n\n"
            position = len(text)
        text = perturb(text) if perturb else text
        gold = _counted(annotated, counted_as)
        predicted = _counted(mentions(enricher.enrich(Article(text, language="en"))), counted_as)
        for counts, spans_ in (
            (names.correct, predicted & gold),
            (names.predicted, predicted),
            (names.gold, gold),
        ):
            counts.update(type_ for _, _, type_ in spans_)
    return names


def mentions(enrichment: Enrichment) -> set[NameSpan]:
    """Return every mention as ``(start, end, entity type)``."""
    return {(m.start, m.end, e.type) for e in enrichment.entities for m in e.mentions}


def _counted(spans: Iterable[NameSpan], counted_as: Mapping[str, str]) -> set[NameSpan]:
    return {(start, end, counted_as[type_]) for start, end, type_ in spans if type_ in counted_as}
