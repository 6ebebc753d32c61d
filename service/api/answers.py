"""An enrichment as its caller asked for it."""

from __future__ import annotations

from service.api.options import Options
from service.enrichment.article import Article, Enrichment
from service.enrichment.offsets import in_unit


def present(enrichment: Enrichment, article: Article, options: Options) -> dict[str, object]:
    """What ``EnrichmentSchema`` writes: the members asked for, and those that are always there.

    Args:
        enrichment: one whose offsets count code points.
        article: the article it is of.
        options: what the caller wants.
    """
    found = in_unit(enrichment, article, options.offsets)
    wanted = {
        "sentiment": found.sentiment,
        "entities": [e for e in found.entities if options.types is None or e.type in options.types],
        "sentences": found.sentences,
    }
    members: dict[str, object] = {
        "id": article.id,
        "language": found.language,
        **{name: value for name, value in wanted.items() if name in options.features},
        "coverage": found.coverage,
        "model": found.model,
        "warnings": found.notices,
    }
    if options.include_text:
        members["article"] = article
    return members
