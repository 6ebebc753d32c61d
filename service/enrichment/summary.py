"""Summary: the results of all steps as one enrichment."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from service.enrichment.model_protocol import Tokens
from service.enrichment.quote_attribution import SentenceQuote
from service.enrichment.segmentation import Segmentation
from service.enrichment.sentiment import document_sentiment, sentiment_of, split_voices
from service.enrichment.types import (
    Article,
    ArticleWarning,
    Coverage,
    Enrichment,
    Entity,
    Language,
    ModelIdentity,
    Sentence,
)
from service.enrichment.words import WordRange


def summarize(
    segmentation: Segmentation,
    probabilities: NDArray[np.float64],
    quotes: Sequence[SentenceQuote],
    entities: tuple[Entity, ...],
    *,
    language: Language,
    coverage: Coverage,
    model: ModelIdentity,
    warnings: tuple[ArticleWarning, ...],
) -> Enrichment:
    """Sum up the sentiment of an article and of each voice in it.

    Args:
        segmentation: of the article.
        probabilities: negative, neutral and positive of each sentence, shape ``(sentences, 3)``.
        quotes: of each sentence; speakers are indices into ``entities``.
        entities: most salient first.
        language: passed on, as all that follows.
        coverage: see :func:`measure_coverage`.
        model: identity of the model.
        warnings: about the article.
    """
    lengths = np.asarray([last - first for first, last in segmentation.sentences], np.float64)
    sentences = tuple(
        Sentence(
            *segmentation.locate(*span),
            sentiment_of(row),
            quote.quoted,
            entities[quote.speaker].name if quote.quoted and quote.speaker is not None else None,
        )
        for span, row, quote in zip(segmentation.sentence_spans, probabilities, quotes, strict=True)
    )
    return Enrichment(
        language=language,
        sentiment=document_sentiment(probabilities, lengths),
        voices=split_voices(sentences, probabilities, lengths),
        entities=entities,
        sentences=sentences,
        coverage=coverage,
        model=model,
        warnings=warnings,
    )


def measure_coverage(
    article: Article,
    segmentation: Segmentation,
    tokens: Tokens,
    windows: Sequence[Sequence[WordRange]],
) -> Coverage:
    """Count what was analysed.

    ``analyzed`` derives from the windows that the model read: it is less than ``characters`` by the
    visible characters that no window holds.
    """
    read = sum(
        end - start
        for parts in windows
        for first, last in parts
        for start, end in segmentation.words[first:last]
    )
    visible = len("".join(segmentation.source.split()))
    return Coverage(
        characters=len(article.text) + len(article.title or ""),
        analyzed=len(segmentation.source) - segmentation.gap - (visible - read),
        sentences=len(segmentation.sentences),
        tokens=int(tokens.bounds[-1]),
        windows=len(windows),
    )
