"""The probabilities of candidates, by their population and by the other places in the article."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from service.enrichment.bounds import Check, no_check
from service.enrichment.links.candidates import NamedEntity
from service.enrichment.links.knowledge import Feature, Kind, Place

_ROUNDS = 3
_CHECK_EVERY = 256
_LEAST_SHARE = 0.02
_CELL = 1.0  # degrees; neighbours within about 150 km at the latitudes of most cities

_SETTLEMENTS = frozenset({Feature.CITY, Feature.CAPITAL})
_SMALL = frozenset({*_SETTLEMENTS, Feature.DISTRICT})

FEATURES = (
    "people",
    "millions",
    "capital",
    "region",
    "district",
    "country",
    "area",
    "continent",
    "alternate",
    "rare",
    "contained",
    "called",
    "namesake",
    "institutions",
    "same_country",
    "same_region",
    "near",
    "holds",
)
"""The names of a candidate's features, in the order of the weights."""

_ALONE = FEATURES.index("same_country")
"""So many of them do not depend on the other places of the article."""


@dataclass(frozen=True)
class Weights:
    """The weights of the features, and the score of a place without an entry.

    ``python -m training.knowledge.fit`` determines them.
    """

    features: tuple[float, ...]
    unknown: float


class Context:
    """Where the places of an article lie, by the probabilities of their candidates."""

    def __init__(self) -> None:
        self.total = 0.0
        self.countries: dict[str, float] = defaultdict(float)
        self.regions: dict[tuple[str, str], float] = defaultdict(float)
        self.cells: dict[tuple[int, int], float] = defaultdict(float)

    def add(self, entity: NamedEntity, probabilities: Sequence[float], sign: int = 1) -> None:
        """Add the candidates of an entity, or take them out with ``sign`` -1."""
        weight = sign * (1 + math.log(entity.mentions))
        self.total += weight
        for sense, probability in zip(entity.senses, probabilities, strict=True):
            place, share = sense.place, weight * probability
            self.countries[place.country] += share
            if place.admin1:
                self.regions[place.country, place.admin1] += share
            if place.feature in _SMALL:
                self.cells[_cell(place)] += share

    def near(self, place: Place) -> float:
        """The weight of the places near one."""
        row, column = _cell(place)
        return sum(
            self.cells.get((row + i, column + j), 0.0) for i in (-1, 0, 1) for j in (-1, 0, 1)
        )


def probabilities(
    entities: Sequence[NamedEntity],
    evidence: Mapping[str, float],
    weights: Weights,
    check: Check = no_check,
) -> list[list[float]]:
    """The probability of each candidate of each entity; the rest is that of another place.

    The time is linear in the number of candidates.

    Args:
        entities: of the article.
        evidence: country → how much the article shows that it takes place there, 0–1.
        weights: of the features.
        check: called between the steps. Its exceptions propagate.
    """
    alone = [
        _scores(_describe_alone(entity, evidence), weights.features[:_ALONE])
        for entity in _checked(entities, check)
    ]
    found = [_softmax(scores, weights.unknown) for scores in alone]
    for _ in range(_ROUNDS - 1):
        context = Context()
        for entity, shares in zip(entities, found, strict=True):
            context.add(entity, shares)
        updated = []
        for entity, scores, shares in zip(_checked(entities, check), alone, found, strict=True):
            context.add(entity, shares, -1)
            among = _scores(_describe_among(entity, context), weights.features[_ALONE:])
            total = [one + other for one, other in zip(scores, among, strict=True)]
            updated.append(_softmax(total, weights.unknown))
            context.add(entity, shares)
        found = updated
    return found


def _checked(entities: Sequence[NamedEntity], check: Check) -> Iterator[NamedEntity]:
    for index, entity in enumerate(entities):
        if index % _CHECK_EVERY == 0:
            check()
        yield entity


def ranking(entity: NamedEntity, shares: Sequence[float]) -> list[int]:
    """The candidates of an entity, likeliest first, but a capital before the region around it."""
    places = [sense.place for sense in entity.senses]
    order = sorted(range(len(shares)), key=lambda i: (-shares[i], places[i].id))
    first = places[order[0]]
    if first.feature is Feature.REGION and entity.feature is not Feature.REGION:
        for index in order[1:]:
            if places[index].feature is Feature.CAPITAL and _same_spot(places[index], first):
                order.remove(index)
                return [index, *order]
    return order


def confidence(entity: NamedEntity, shares: Sequence[float], chosen: int) -> float:
    """The probability that a place is the right one, or that the city or the region around it is.

    They have the same name.
    """
    place = entity.senses[chosen].place
    return sum(
        share
        for sense, share in zip(entity.senses, shares, strict=True)
        if _same_spot(sense.place, place)
    )


def _same_spot(one: Place, other: Place) -> bool:
    if one.country != other.country:
        return False
    if one.admin1 == other.admin1 and Feature.REGION in (one.feature, other.feature):
        return True
    return one.id == other.id or (
        abs(one.latitude - other.latitude) < _CELL and abs(one.longitude - other.longitude) < _CELL
    )


def describe(
    entity: NamedEntity, evidence: Mapping[str, float], context: Context
) -> list[tuple[float, ...]]:
    """The features of each candidate of an entity, among the other places of the article."""
    alone, among = _describe_alone(entity, evidence), _describe_among(entity, context)
    return [(*one, *other) for one, other in zip(alone, among, strict=True)]


def _describe_alone(entity: NamedEntity, evidence: Mapping[str, float]) -> list[tuple[float, ...]]:
    contained = [any(_lies_in(s.place, area) for area in entity.containers) for s in entity.senses]
    largest = max((s.place.population for s in entity.senses), default=0)
    rows: list[tuple[float, ...]] = []
    for sense, inside in zip(entity.senses, contained, strict=True):
        place, feature = sense.place, sense.place.feature
        rows.append(
            (
                math.log10(place.population + 100) - 5,
                max(0.0, math.log10(place.population + 100) - 6) * (feature in _SETTLEMENTS),
                float(feature is Feature.CAPITAL),
                float(feature is Feature.REGION),
                float(feature is Feature.DISTRICT),
                float(feature is Feature.COUNTRY),
                float(feature is Feature.AREA),
                float(feature is Feature.CONTINENT),
                float(sense.kind is Kind.ALTERNATE),
                float(sense.kind is Kind.RARE),
                float(inside),
                float(_is_called(feature, entity.feature)),
                math.log10((largest + 100) / (place.population + 100)),
                evidence.get(place.country, 0.0),
            )
        )
    return rows


def _describe_among(entity: NamedEntity, context: Context) -> list[tuple[float, ...]]:
    total = max(context.total, 0.0)

    def share(weight: float) -> float:
        known = max(weight, 0.0) / total if total > 0.01 else 0.0
        return math.log(known + _LEAST_SHARE) - math.log(_LEAST_SHARE)

    rows: list[tuple[float, ...]] = []
    for sense in entity.senses:
        place = sense.place
        rows.append(
            (
                share(context.countries.get(place.country, 0.0)),
                share(_same_region(context, place)),
                share(context.near(place) if place.feature in _SETTLEMENTS else 0.0),
                share(_inside(context, place)),
            )
        )
    return rows


def _same_region(context: Context, place: Place) -> float:
    """The weight of the places in the same region; of a region, those in the same country."""
    if place.feature in _SMALL and place.admin1:
        return context.regions.get((place.country, place.admin1), 0.0)
    return context.countries.get(place.country, 0.0)


def _inside(context: Context, place: Place) -> float:
    """The weight of the places in a region."""
    if place.feature is not Feature.REGION:
        return 0.0
    return context.regions.get((place.country, place.admin1), 0.0)


def _is_called(feature: Feature, called: Feature | None) -> bool:
    return feature is called or (called is Feature.CITY and feature is Feature.CAPITAL)


def _lies_in(place: Place, area: Place) -> bool:
    if area.id == place.id or area.country != place.country:
        return False
    if area.feature is Feature.COUNTRY:
        return place.feature is not Feature.COUNTRY
    return area.admin1 == place.admin1 and place.feature in _SMALL


def _cell(place: Place) -> tuple[int, int]:
    return math.floor(place.latitude / _CELL), math.floor(place.longitude / _CELL)


def _scores(rows: Sequence[Sequence[float]], weights: Sequence[float]) -> list[float]:
    return [sum(w * x for w, x in zip(weights, row, strict=True)) for row in rows]


def _softmax(scores: Sequence[float], unknown: float) -> list[float]:
    """The probabilities of candidates, which share 1 with that of another place."""
    highest = max(unknown, *scores)
    powers = [math.exp(score - highest) for score in scores]
    total = sum(powers) + math.exp(unknown - highest)
    return [power / total for power in powers]
