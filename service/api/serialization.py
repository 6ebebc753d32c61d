"""Reduces an enrichment to the members that the client requested."""

from __future__ import annotations

from dataclasses import replace

from service.api.schemas.options import LINKS, MENTION_SENTIMENT, VALUES, Options
from service.enrichment.article import Article
from service.enrichment.offsets import convert_offsets
from service.enrichment.types import Enrichment, Entity, Mention


def to_response(enrichment: Enrichment, article: Article, options: Options) -> dict[str, object]:
    """The members of the response, as input of ``EnrichmentSchema``.

    Args:
        enrichment: its offsets count code points.
        article: the enriched article.
        options: the query parameters of the request.

    Raises:
        Problem: see :meth:`Options.check_language`.
    """
    options.check_language(enrichment)
    converted = convert_offsets(enrichment, article, options.offsets)
    features = options.features
    entities = [e for e in converted.entities if options.types is None or e.type in options.types]
    if {MENTION_SENTIMENT, LINKS} & features:
        features |= {"entities"}
    if MENTION_SENTIMENT not in features:
        entities = [_without_mention_sentiment(entity) for entity in entities]
    optional = (
        ("sentiment", "sentiment", converted.sentiment),
        ("entities", "entities", entities),
        ("sentences", "sentences", converted.sentences),
        ("sentiment", "voices", converted.voices),
        (VALUES, "values", converted.values),
    )
    members: dict[str, object] = {
        "id": article.id,
        "language": converted.language,
        **{member: value for feature, member, value in optional if feature in features},
        "coverage": converted.coverage,
        "model": converted.model,
        "warnings": converted.warnings,
    }
    if options.include_text:
        members["article"] = article
    return members


def _without_mention_sentiment(entity: Entity) -> Entity:
    mentions = (
        Mention(m.section, m.start, m.end, m.text, m.sentence, m.confidence)
        for m in entity.mentions
    )
    return replace(entity, mentions=tuple(mentions))
