"""Coverage: how much of an article the model read."""

from __future__ import annotations

from collections.abc import Sequence

from service.enrichment.article import Article
from service.enrichment.model_protocol import Tokens
from service.enrichment.segmentation import Segmentation
from service.enrichment.types import Coverage
from service.enrichment.words import WordRange


def measure_coverage(
    article: Article,
    segmentation: Segmentation,
    tokens: Tokens,
    windows: Sequence[Sequence[WordRange]],
) -> Coverage:
    """Count what was analysed.

    ``analyzed`` derives from the windows that the model read: it is less than ``characters`` by the
    visible characters that no window holds.

    Args:
        article: the analysed article.
        segmentation: of the article.
        tokens: of the article.
        windows: the parts of each window that the model read.
    """
    read = sum(len("".join(segmentation.word_texts(part))) for parts in windows for part in parts)
    visible = len("".join(segmentation.source.split()))
    return Coverage(
        characters=article.characters,
        analyzed=article.characters - (visible - read),
        sentences=len(segmentation.sentences),
        tokens=int(tokens.bounds[-1]),
        windows=len(windows),
    )
