"""Salience: the share of an article's attention that each of its entities has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from service.enrichment.candidates import Candidate
from service.enrichment.segmentation import Segmentation
from service.enrichment.types import EntityType, Factors

LATENESS_DISCOUNT = 0.5
"""Share of the mentions' weight that an entity loses if its first mention ends the article."""

TITLE_BONUS = 2.0
"""Weight of standing in the title, in mentions."""

TYPE_WEIGHTS: dict[str, float] = {EntityType.LOCATION: 0.7, EntityType.MISC: 0.5}
"""Weight of the types that articles are seldom about. All other types weigh 1."""

LEADING_WORDS = 2
"""Most words before a mention that begins its sentence: "But former president X"."""


@dataclass(frozen=True)
class Cluster:
    """The mentions of one entity.

    Attributes:
        mentions: in order of appearance, at least one.
        type: the most frequent type of the mentions, the earliest among equally frequent ones.
        factors: of its salience.
        salience: its share of the article's attention, 0–1.
    """

    mentions: tuple[Candidate, ...]
    type: str
    factors: Factors
    salience: float


def rank_clusters(
    clusters: Sequence[Sequence[Candidate]], segmentation: Segmentation
) -> list[Cluster]:
    """Weigh clusters of mentions against each other.

    Args:
        clusters: the mentions of each entity in order of appearance.
        segmentation: of the article.

    Returns:
        The clusters, most salient first.
    """
    types = [_majority_type(mentions) for mentions in clusters]
    factors = [_factors(mentions, segmentation) for mentions in clusters]
    shares = salience(factors, types)
    weighed = [
        Cluster(tuple(mentions), type_, of_cluster, share)
        for mentions, type_, of_cluster, share in zip(clusters, types, factors, shares, strict=True)
    ]
    return sorted(weighed, key=lambda cluster: -cluster.salience)


def salience(factors: Sequence[Factors], types: Sequence[str]) -> list[float]:
    """The share of each entity. The shares sum to 1.

    The weight of an entity is its number of mentions, discounted by the position of the first one,
    plus one for each mention that begins its sentence, plus a bonus for standing in the title:
    ``TYPE_WEIGHTS[type] · (mentions · (1 − LATENESS_DISCOUNT · first) + leading + TITLE_BONUS ·
    in_title)``. English sentences begin with their subject, which readers take for their topic
    (Grosz, Joshi & Weinstein 1995, "Centering").

    Args:
        factors: of each entity.
        types: of each entity.
    """
    if not factors:
        return []
    weights = np.asarray(
        [
            TYPE_WEIGHTS.get(type_, 1.0)
            * (
                entity.mentions * (1 - LATENESS_DISCOUNT * entity.first)
                + entity.leading
                + TITLE_BONUS * entity.in_title
            )
            for entity, type_ in zip(factors, types, strict=True)
        ]
    )
    shares: list[float] = (weights / weights.sum()).tolist()
    return shares


def _majority_type(mentions: Sequence[Candidate]) -> str:
    counts = Counter(mention.type for mention in mentions)
    return max(counts, key=lambda type_: counts[type_])


def _factors(mentions: Sequence[Candidate], segmentation: Segmentation) -> Factors:
    return Factors(
        mentions=len(mentions),
        leading=sum(
            mention.words[0] - segmentation.sentences[mention.sentence][0] <= LEADING_WORDS
            for mention in mentions
        ),
        first=mentions[0].start / len(segmentation.source),
        in_title=any(mention.start < segmentation.title for mention in mentions),
    )
