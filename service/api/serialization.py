"""An enrichment as its caller asked for it."""

from __future__ import annotations

from dataclasses import replace

from service.api.schemas.options import MENTION_SENTIMENT, Options
from service.enrichment.offsets import convert_offsets
from service.enrichment.types import Article, Enrichment, Entity


def to_response(enrichment: Enrichment, article: Article, options: Options) -> dict[str, object]:
    """What ``EnrichmentSchema`` writes: the members asked for, and those that are always there.

    Args:
        enrichment: one whose offsets count code points.
        article: the article it is of.
        options: what the caller wants.
    """
    found = convert_offsets(enrichment, article, options.offsets)
    features = options.features
    entities = [e for e in found.entities if options.types is None or e.type in options.types]
    if MENTION_SENTIMENT in features:
        features |= {"entities"}
    else:
        entities = [_without_mention_sentiment(entity) for entity in entities]
    wanted = (
        ("sentiment", "sentiment", found.sentiment),
        ("entities", "entities", entities),
        ("sentences", "sentences", found.sentences),
        ("sentiment", "voices", found.voices),
    )
    members: dict[str, object] = {
        "id": article.id,
        "language": found.language,
        **{member: value for feature, member, value in wanted if feature in features},
        "coverage": found.coverage,
        "model": found.model,
        "warnings": found.warnings,
    }
    if options.include_text:
        members["article"] = article
    return members


def _without_mention_sentiment(entity: Entity) -> Entity:
    return replace(
        entity, mentions=tuple(replace(mention, sentiment=None) for mention in entity.mentions)
    )
