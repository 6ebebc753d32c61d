"""Sentence summary: each sentence of an article with its sentiment and its speaker."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from service.enrichment.segmentation import Segmentation
from service.enrichment.sentence_quotes import SentenceQuote
from service.enrichment.sentiment import sentiment_of
from service.enrichment.types import Entity, Sentence


def build_sentences(
    segmentation: Segmentation,
    probabilities: NDArray[np.float64],
    quotes: Sequence[SentenceQuote],
    entities: Sequence[Entity],
) -> tuple[Sentence, ...]:
    """Build the sentences of an article.

    Args:
        segmentation: of the article.
        probabilities: negative, neutral and positive of each sentence, shape ``(sentences, 3)``.
        quotes: of each sentence; speakers are indices into ``entities``.
        entities: of the article.
    """
    return tuple(
        Sentence(
            *segmentation.locate(*span),
            sentiment=sentiment_of(row),
            quoted=quote.quoted,
            speaker=_speaker_name(quote, entities),
        )
        for span, row, quote in zip(segmentation.sentence_spans, probabilities, quotes, strict=True)
    )


def _speaker_name(quote: SentenceQuote, entities: Sequence[Entity]) -> str | None:
    if not quote.spoken or quote.speaker is None:
        return None
    return entities[quote.speaker].name
