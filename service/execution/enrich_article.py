"""The steps for one article: look up the cache, queue, enrich, store in the cache."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from service.enrichment.article import Article
from service.enrichment.links.linker import Linker
from service.enrichment.timings import StageTimer
from service.enrichment.types import Enrichment, Entity
from service.enrichment.values.finder import LANGUAGE
from service.enrichment.watchlists.index import ListSelection
from service.execution.job import JobLimits
from service.execution.model_registry import ServedModel
from service.execution.scheduler import Scheduler
from service.execution.token_cost import estimate_tokens


class EnrichedArticle(NamedTuple):
    """An enrichment, and where it comes from.

    Attributes:
        enrichment: its offsets count code points.
        cache_status: value of the header field ``Cache-Status`` (RFC 9211); ``""`` without stores.
    """

    enrichment: Enrichment
    cache_status: str


@dataclass(frozen=True)
class Extras:
    """What to add to an enrichment.

    Lists are part of the cache key. The others need no model, take little time, and depend on more
    than the cache key, so that they are not in the cache.

    Attributes:
        values: whether to find dates and amounts of money.
        linker: links the entities; ``None`` for no links.
        alternatives: whether less likely links are added.
        lists: names to find and to link; ``None`` for none.
    """

    values: bool = False
    linker: Linker | None = None
    alternatives: bool = False
    lists: ListSelection | None = None


def enrich_article(
    model: ServedModel,
    scheduler: Scheduler,
    article: Article,
    timer: StageTimer,
    limits: JobLimits,
    extras: Extras | None = None,
) -> EnrichedArticle:
    """Enrich an article, from the cache if it has been enriched before.

    Args:
        model: enricher and cache.
        scheduler: shares out the encoder.
        article: any length.
        timer: records the stages.
        limits: deadline and disconnection.
        extras: what to add; nothing by default.

    Raises:
        BoundExceeded: the article has too many sentences, words, mentions or values.
        UnsupportedLanguage: the model does not support the article's language.
        Overloaded: the scheduler has no room for the article.
        DeadlineExceeded: the deadline has passed.
        ClientDisconnected: the client has closed its connection.
        Exception: what ``limits.spend`` raises.
    """
    extras = extras or Extras()
    lists = extras.lists
    version = lists.version if lists else ""
    lookup = model.cache.look_up(article, timer, limits.cache_owner, version)
    enrichment = lookup.enrichment
    if enrichment is None:
        tokens = estimate_tokens(article.text) + estimate_tokens(article.title or "")
        with scheduler.admit(tokens, timer, limits) as job:
            limits.spend(tokens)  # what the queue rejects costs nothing
            job.begin()
            enrichment = model.enricher.enrich(article, timer, job, job.check, lists)
    cache_status = model.cache.keep(lookup, enrichment, timer)
    if extras.values and enrichment.language.code == LANGUAGE:
        with timer("values"):
            values = model.enricher.find_values(article, limits.check)
            enrichment = replace(enrichment, values=values)
    if extras.linker is not None:
        with timer("links"):
            enrichment = replace(
                enrichment,
                entities=_after_lists(
                    enrichment.entities,
                    extras.linker.link(
                        article, enrichment.entities, extras.alternatives, limits.check
                    ),
                ),
                model=replace(enrichment.model, knowledge=extras.linker.identity),
            )
    return EnrichedArticle(enrichment, cache_status)


def _after_lists(listed: Sequence[Entity], linked: Sequence[Entity]) -> tuple[Entity, ...]:
    """The entities with the links to lists, and after these the other links."""
    return tuple(
        replace(other, links=(*(entity.links or ()), *(other.links or ())))
        for entity, other in zip(listed, linked, strict=True)
    )
