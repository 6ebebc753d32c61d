"""Salience: the share of an article's attention that each of its entities has."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import regex

from service.enrichment.candidates import Candidate
from service.enrichment.credits import Credit, credit_at, find_credits
from service.enrichment.segmentation import Segmentation
from service.enrichment.types import OTHER_TYPES, EntityType, Factors

LATENESS_DISCOUNT = 0.6
"""Share of the mentions' weight that an entity loses if its first mention ends the article."""

TITLE_BONUS = 1.5
"""Weight of standing in the title, in mentions."""

LEAD_BONUS = 0.5
"""Weight of standing in the lead, the first sentence of the text, in mentions."""

LEADING_BONUS = 0.5
"""Weight of beginning a sentence, in mentions."""

TYPE_WEIGHTS: dict[str, float] = dict.fromkeys(OTHER_TYPES, 0.8)
"""Weight of the types that articles are seldom about. All other types weigh 1.

``python -m benchmarks.salience`` prints what these constants gain on each genre."""

SHORTEST_LEAD = 8
"""Words of a sentence that may be the lead. Shorter ones are dates, places, captions."""

LONGEST_HEADLINE = 150
"""Code points of a first line that may be the title of an article without one."""

LEADING_WORDS = 2
"""Most words before a mention that begins its sentence: "But former president X"."""

_FIRST_LINE = regex.compile(r"\s*+([^\r\n]*+)(?<![.!?:;,][\"'”’)]?\s*)[\r\n]+\s*\S")


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
    credits = find_credits(segmentation.source)
    headline = _headline_end(segmentation)
    lead = _lead(segmentation, headline, credits)
    factors = [_factors(mentions, segmentation, credits, headline, lead) for mentions in clusters]
    shares = salience(factors, types)
    weighed = [
        Cluster(tuple(mentions), type_, of_cluster, share)
        for mentions, type_, of_cluster, share in zip(clusters, types, factors, shares, strict=True)
    ]
    return sorted(weighed, key=lambda cluster: (-cluster.salience, cluster.factors.first))


def salience(factors: Sequence[Factors], types: Sequence[str]) -> list[float]:
    """The share of each entity. The shares sum to 1.

    The weight of an entity is its number of mentions, discounted by the position of the first one,
    plus a bonus for each mention that begins its sentence, for standing in the title and for
    standing in the lead: ``TYPE_WEIGHTS[type] · (mentions · (1 − LATENESS_DISCOUNT · √first) +
    LEADING_BONUS · leading + TITLE_BONUS · in_title + LEAD_BONUS · in_lead)``. English sentences
    begin with their subject, which readers take for their topic (Grosz, Joshi & Weinstein 1995,
    "Centering"), and news begins with its summary. Where no entity has any weight, all share
    equally.

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
                entity.mentions * (1 - LATENESS_DISCOUNT * math.sqrt(entity.first))
                + LEADING_BONUS * entity.leading
                + TITLE_BONUS * entity.in_title
                + LEAD_BONUS * entity.in_lead
            )
            for entity, type_ in zip(factors, types, strict=True)
        ]
    )
    if not weights.any():
        weights = np.ones(len(factors))
    shares: list[float] = (weights / weights.sum()).tolist()
    return shares


def _majority_type(mentions: Sequence[Candidate]) -> str:
    types = [mention.type for mention in mentions]
    if types.count(types[0]) == len(types):
        return types[0]
    counts = Counter(types)
    return max(counts, key=lambda type_: counts[type_])


def _headline_end(segmentation: Segmentation) -> int:
    """One past the title in the source; without one, past a first line that reads like a headline.

    Such a line is short, other lines follow, and it does not end like a sentence.
    """
    if segmentation.title_end:
        return segmentation.title_end
    line = _FIRST_LINE.match(segmentation.source)
    return line.end(1) if line and len(line[1]) <= LONGEST_HEADLINE else 0


def _lead(segmentation: Segmentation, headline: int, credits: Sequence[Credit]) -> int | None:
    """Index of the first sentence after the headline that is long enough to be the lead."""
    for i, (first, last) in enumerate(segmentation.sentences):
        start, end = segmentation.sentence_spans[i]
        if start < headline or last - first < SHORTEST_LEAD:
            continue
        credit = credit_at(credits, start)
        if credit is None or credit.end < end:
            return i
    return None


def _is_credited(mention: Candidate, credits: Sequence[Credit]) -> bool:
    """Whether a mention stands in a credit, which makes it no subject of the article."""
    credit = credit_at(credits, mention.start)
    if credit is None:
        return False
    return not credit.only_places or mention.type == EntityType.LOCATION


def _factors(
    mentions: Sequence[Candidate],
    segmentation: Segmentation,
    credits: Sequence[Credit],
    headline: int,
    lead: int | None,
) -> Factors:
    counted = [mention for mention in mentions if not _is_credited(mention, credits)]
    return Factors(
        mentions=len(counted),
        leading=sum(
            mention.words[0] - segmentation.sentences[mention.sentence][0] <= LEADING_WORDS
            for mention in counted
        ),
        first=(counted or mentions)[0].start / len(segmentation.source),
        in_title=any(mention.start < headline for mention in counted),
        in_lead=any(mention.sentence == lead for mention in counted),
    )
