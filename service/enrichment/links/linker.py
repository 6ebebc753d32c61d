"""Links the places and nationalities of an article to entries of the knowledge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from service.enrichment.bounds import Check, no_check
from service.enrichment.links.candidates import NamedEntity, find_candidates
from service.enrichment.links.entries import KnowledgeIdentity, Link
from service.enrichment.links.knowledge import Knowledge, Sense
from service.enrichment.links.scoring import Weights, confidence, probabilities, ranking
from service.enrichment.types import Article, Entity

WEIGHTS = Weights(
    (
        2.0,  # people
        0.98,  # millions
        0.96,  # capital
        0.15,  # region
        -1.02,  # district
        2.98,  # country
        -0.01,  # area
        2.0,  # continent
        -1.23,  # alternate
        -7.0,  # rare
        6.99,  # contained
        0.99,  # called
        0.38,  # same_country
        0.9,  # same_region
        0.45,  # near
        0.95,  # holds
        0.14,  # namesake
    ),
    unknown=-1.13,
)
"""As ``python -m training.knowledge.fit`` prints them."""

LEAST_CONFIDENCE = 0.6
"""Below it there is no link. ``python -m benchmarks.places`` shows the precision of others."""

_LEAST_ALTERNATIVE = 0.001
_MOST_LINKS = 10
_URI = "https://sws.geonames.org/{}/"


class Linker:
    """Links entities. Several threads may use it at once.

    Args:
        path: of the knowledge.

    Raises:
        OSError: the file cannot be read.
        sqlite3.DatabaseError: it is no knowledge.
    """

    def __init__(self, path: Path) -> None:
        self._knowledge = Knowledge(path)

    @property
    def identity(self) -> KnowledgeIdentity:
        """The version of the knowledge."""
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
        linked = [replace(entity, links=()) for entity in entities]
        check()
        found = probabilities(candidates, WEIGHTS, check)
        for candidate, shares in zip(candidates, found, strict=True):
            if candidate.index is not None:
                links = _links(candidate, shares, alternatives)
                linked[candidate.index] = replace(linked[candidate.index], links=links)
        return tuple(linked)


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
