"""The steps for one article: look up the cache, queue, enrich, store in the cache."""

from __future__ import annotations

from typing import NamedTuple

from service.enrichment.timings import StageTimer
from service.enrichment.types import Article, Enrichment
from service.execution.job import JobLimits
from service.execution.model_registry import ServedModel
from service.execution.scheduler import CHARACTERS_PER_TOKEN, Scheduler


class EnrichedArticle(NamedTuple):
    """An enrichment, and where it comes from.

    Attributes:
        enrichment: its offsets count code points.
        cache_status: value of the header field ``Cache-Status`` (RFC 9211); ``""`` without stores.
    """

    enrichment: Enrichment
    cache_status: str


def enrich_article(
    model: ServedModel,
    scheduler: Scheduler,
    article: Article,
    timer: StageTimer,
    limits: JobLimits,
) -> EnrichedArticle:
    """Enrich an article, from the cache if it has been enriched before.

    Args:
        model: enricher and cache.
        scheduler: shares out the encoder.
        article: any length.
        timer: records the stages.
        limits: deadline and disconnection.

    Raises:
        BoundExceeded: the article has too many sentences, words or mentions.
        UnsupportedLanguage: the model does not support the article's language.
        Overloaded: the scheduler has no room for the article.
        DeadlineExceeded: the deadline has passed.
        ClientDisconnected: the client has closed its connection.
        Exception: what ``limits.spend`` raises.
    """
    lookup = model.cache.look_up(article, timer, limits.cache_owner)
    enrichment = lookup.enrichment
    if enrichment is None:
        characters = len(article.text) + len(article.title or "")
        tokens = characters / CHARACTERS_PER_TOKEN
        if not limits.bounded:
            limits.spend(tokens)  # may wait, and must not occupy the queue meanwhile
        with scheduler.admit(characters, timer, limits) as run_passes:
            if limits.bounded:
                limits.spend(tokens)  # what the queue rejects costs nothing
            enrichment = model.enricher.enrich(article, timer, run_passes, run_passes.check)
    return EnrichedArticle(enrichment, model.cache.keep(lookup, enrichment, timer))
