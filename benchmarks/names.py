"""Scores the names in annotated documents, read by the whole pipeline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from tqdm import tqdm

from service.enrichment.article import Article
from service.enrichment.pipeline import Enricher
from service.enrichment.types import Enrichment
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
    """Count the names in documents; see :func:`read_documents` and :func:`count_names`."""
    return count_names(read_documents(enricher, documents, perturb), counted_as)


def read_documents(
    enricher: Enricher,
    documents: Iterable[Document],
    perturb: Callable[[str], str] | None = None,
) -> list[tuple[set[NameSpan], set[NameSpan]]]:
    """Return the gold and the predicted names of each document.

    Args:
        enricher: reads the documents; each sentence becomes a paragraph.
        documents: sentences with their names.
        perturb: changes the text of a document, without changing offsets.
    """
    read = []
    for document in tqdm(documents, "names", leave=False, disable=None):
        text, gold, position = "", set[NameSpan](), 0
        for sentence, spans in document:
            gold |= {(position + start, position + end, type_) for start, end, type_ in spans}
            text += sentence + "\n\n"
            position = len(text)
        text = perturb(text) if perturb else text
        read.append((gold, mentions(enricher.enrich(Article(text, language="en")))))
    return read


def count_names(
    read: Iterable[tuple[set[NameSpan], set[NameSpan]]], counted_as: Mapping[str, str]
) -> Names:
    """Count the names whose span and type match exactly.

    Args:
        read: gold and predicted names of each document.
        counted_as: type → the type that it counts as. Names of other types do not count.
    """
    names = Names(Counter(), Counter(), Counter())
    for gold, predicted in (tuple(_counted(spans, counted_as) for spans in own) for own in read):
        for counts, spans in (
            (names.correct, predicted & gold),
            (names.predicted, predicted),
            (names.gold, gold),
        ):
            counts.update(type_ for _, _, type_ in spans)
    return names


def mentions(enrichment: Enrichment) -> set[NameSpan]:
    """Return every mention as ``(start, end, entity type)``."""
    return {(m.start, m.end, e.type) for e in enrichment.entities for m in e.mentions}


def _counted(spans: Iterable[NameSpan], counted_as: Mapping[str, str]) -> set[NameSpan]:
    return {(start, end, counted_as[type_]) for start, end, type_ in spans if type_ in counted_as}
