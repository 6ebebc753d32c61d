"""Links the places, nationalities and companies of an article to the knowledge base."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from service.enrichment.article import Article
from service.enrichment.bounds import Check, no_check
from service.enrichment.links.candidates import LINKED_TYPES, NamedEntity, find_candidates
from service.enrichment.links.companies import (
    COMPANY_WEIGHTS,
    LEAST_COMPANY_CONFIDENCE,
    CompanyCandidate,
    company_probabilities,
    find_companies,
)
from service.enrichment.links.countries import country_evidence
from service.enrichment.links.entries import KnowledgeIdentity, Link, Unlinked
from service.enrichment.links.knowledge import Knowledge, Sense
from service.enrichment.links.scoring import Weights, confidence, probabilities, ranking
from service.enrichment.types import Entity, EntityType

WEIGHTS = Weights(
    (
        2.0,  # people
        0.99,  # millions
        0.97,  # capital
        0.14,  # region
        -1.03,  # district
        2.99,  # country
        -0.01,  # area
        2.0,  # continent
        -1.23,  # alternate
        -7.0,  # rare
        6.99,  # contained
        0.99,  # called
        0.13,  # namesake
        5.49,  # institutions
        0.31,  # same_country
        0.87,  # same_region
        0.44,  # near
        0.93,  # holds
    ),
    unknown=-1.1,
)
"""As ``python -m training.knowledge.fit`` prints them."""

LEAST_CONFIDENCE = 0.6
"""Below it, places have no link. ``python -m benchmarks.places`` shows the precision of others."""

_LEAST_ALTERNATIVE = 0.001
_MOST_LINKS = 10
_URI = "https://sws.geonames.org/{}/"


class Linker:
    """Links entities. Several threads may use it at once.

    Args:
        path: of the knowledge base.

    Raises:
        OSError: the file cannot be read.
        sqlite3.DatabaseError: it is not a knowledge base.
    """

    def __init__(self, path: Path) -> None:
        self._knowledge = Knowledge(path)

    @property
    def identity(self) -> KnowledgeIdentity:
        """The version of the knowledge base."""
        return self._knowledge.identity

    def link(
        self,
        article: Article,
        entities: Sequence[Entity],
        alternatives: bool = False,
        check: Check = no_check,
    ) -> tuple[Entity, ...]:
        """The entities with links.

        Args:
            article: that the mentions point into.
            entities: of the article.
            alternatives: whether to return less likely entries as well.
            check: called between the steps. Its exceptions propagate.
        """
        candidates = find_candidates(self._knowledge, article, entities)
        check()
        links: dict[int, tuple[Link, ...]] = {}
        found = probabilities(candidates, country_evidence(article), WEIGHTS, check)
        for candidate, shares in zip(candidates, found, strict=True):
            if candidate.index is not None:
                links[candidate.index] = _links(candidate, shares, alternatives)
        companies = find_companies(self._knowledge.companies, article, entities, check)
        for index, senses in companies.items():
            links[index] = _company_links(senses, alternatives)
        return tuple(
            replace(entity, links=links.get(index, ()), unlinked=_reason(entity, index in links))
            for index, entity in enumerate(entities)
        )


def _reason(entity: Entity, known: bool) -> Unlinked:
    """Why an entity has no link, if it has none."""
    if known:
        return Unlinked.NOT_LIKELY_ENOUGH
    if entity.type in LINKED_TYPES or entity.type == EntityType.ORGANIZATION:
        return Unlinked.NO_ENTRY
    return Unlinked.TYPE_NOT_LINKED


def _company_links(candidates: Sequence[CompanyCandidate], alternatives: bool) -> tuple[Link, ...]:
    shares = company_probabilities(candidates, COMPANY_WEIGHTS)
    order = sorted(range(len(shares)), key=lambda index: -shares[index])
    least = _LEAST_ALTERNATIVE if alternatives else LEAST_COMPANY_CONFIDENCE
    chosen = order[:_MOST_LINKS] if alternatives else order[:1]
    return tuple(_company_link(candidates[i], shares[i]) for i in chosen if shares[i] >= least)


def _company_link(candidate: CompanyCandidate, share: float) -> Link:
    company = candidate.company
    return Link(
        "pytickersymbols",
        company.id,
        company.uri or None,
        company.name,
        share,
        company.country or None,
        ticker=company.ticker,
        exchange=company.exchange or None,
        isin=company.isin or None,
    )


def _links(candidate: NamedEntity, shares: Sequence[float], alternatives: bool) -> tuple[Link, ...]:
    order = ranking(candidate, shares)
    best = confidence(candidate, shares, order[0])
    first = _link(candidate.senses[order[0]], best)
    if not alternatives:
        return (first,) if best >= LEAST_CONFIDENCE else ()
    others = (
        _link(candidate.senses[i], shares[i])
        for i in order[1:_MOST_LINKS]
        if shares[i] >= _LEAST_ALTERNATIVE
    )
    return (first, *others)


def _link(sense: Sense, share: float) -> Link:
    place = sense.place
    return Link(
        "geonames",
        str(place.id),
        _URI.format(place.id),
        place.name,
        min(share, 1.0),
        place.country or None,
        place.admin1 or None,
        place.latitude,
        place.longitude,
        place.feature.name.lower(),
        place.wikidata or None,
    )
