"""What the names of an article may refer to: the candidates, and what the text adds about them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from service.enrichment.article import Article
from service.enrichment.links.knowledge import Feature, Kind, Knowledge, Place, Sense
from service.enrichment.links.names import name_key
from service.enrichment.types import Entity, EntityType

_MOST_CANDIDATES = 40
_MOST_NAMES = 3
_MOST_CONTAINERS = 20
_MOST_WORDS = 8

_PLACE_TYPES = frozenset({EntityType.LOCATION})
_NATIONALITY_TYPES = frozenset({EntityType.NORP, EntityType.MISC})

LINKED_TYPES = _PLACE_TYPES | _NATIONALITY_TYPES
"""The types of entities that may be places or nationalities."""

# "Kursk region", "the city of Kursk": the rest is the name, and the feature is known.
_GENERIC = {
    "area": None,
    "city": Feature.CITY,
    "district": None,
    "governorate": Feature.REGION,
    "municipality": None,
    "oblast": Feature.REGION,
    "prefecture": Feature.REGION,
    "province": Feature.REGION,
    "region": Feature.REGION,
    "state": Feature.REGION,
    "town": Feature.CITY,
    "village": Feature.CITY,
}

# "Kent Police": the county before such a word shows where an article takes place, and "Mayo Clinic"
# and football clubs do not.
_PUBLIC_BODIES = frozenset(
    "ambulance commission commissioners constabulary coroner council county court fire health "
    "hospital hospitals jail magistrates nhs police schools sheriff sheriffs".split()
)
_COUNTIES = frozenset({Feature.DISTRICT, Feature.AREA})
_LONGEST_COUNTY = 3

_AREAS = (Feature.REGION, Feature.COUNTRY, Feature.DISTRICT)

# The name of the larger place after a name: "Paris, Texas", "Cambridge, Mass.", "Paris (Texas)".
_CONTAINER = re.compile(
    r"(?:,\s|\s?\()((?:[A-Z]\.\ ?){1,3}|[A-Z][a-z]{1,5}\.|[A-Z][\w'’-]*(?:\ [A-Z][\w'’-]*){0,2})"
)
_LONGEST_CONTAINER = 48


@dataclass(frozen=True)
class NamedEntity:
    """An entity that may have links.

    Attributes:
        index: of the entity in the enrichment; ``None`` for a name within another, such as that of
            the state in the name of its university, which is only evidence for the place of others.
        mentions: how many.
        senses: what its name may refer to, most populous first.
        containers: larger places that the text names right after it.
        feature: what its name calls the place, if it does.
    """

    index: int | None
    mentions: int
    senses: tuple[Sense, ...]
    containers: tuple[Place, ...]
    feature: Feature | None


@dataclass(frozen=True)
class _Name:
    keys: tuple[str, ...]
    kinds: frozenset[Kind]
    feature: Feature | None
    containers: tuple[str, ...]


def find_candidates(
    knowledge: Knowledge, article: Article, entities: Sequence[Entity]
) -> list[NamedEntity]:
    """The entities of an article that the knowledge base has an entry for."""
    names = {index: name for index, e in enumerate(entities) if (name := _read(article, e))}
    parts, bodies = _parts(entities), list(_public_bodies(entities))
    keys = (key for name in names.values() for key in (*name.keys, *name.containers))
    counties = (key for body, _ in bodies for key in _county_keys(body))
    known = knowledge.look_up((*keys, *parts, *counties))
    found = []
    for index, name in names.items():
        senses = next(iter(_senses(known, name)), ())
        if senses:
            containers = tuple(
                sense.place
                for key in name.containers
                for sense in known.get(key, ())
                if sense.place.feature in _AREAS and sense.kind is not Kind.NATIONALITY
            )
            mentions = len(entities[index].mentions)
            found.append(NamedEntity(index, mentions, senses, containers, name.feature))
    for key, mentions in parts.items():
        senses = tuple(
            sense
            for sense in known.get(key, ())
            if sense.place.feature in (Feature.REGION, Feature.COUNTRY)
            and sense.kind in (Kind.NAME, Kind.NATIONALITY)
        )
        if senses:
            found.append(NamedEntity(None, mentions, senses, (), None))
    for body, mentions in bodies:
        if senses := _county(known, body):
            found.append(NamedEntity(None, mentions, senses, (), None))
    return found


def _parts(entities: Sequence[Entity]) -> Counter[str]:
    """The keys of the words, and pairs of words, in the names of organisations."""
    parts: Counter[str] = Counter()
    for entity in entities:
        if entity.type == EntityType.ORGANIZATION:
            words = name_key(entity.name).split()[:_MOST_WORDS]
            for part in {*words, *(" ".join(pair) for pair in pairwise(words))}:
                parts[part] += len(entity.mentions)
    return parts


def _public_bodies(entities: Sequence[Entity]) -> Iterator[tuple[list[str], int]]:
    """The words of the names of public bodies, with the number of mentions."""
    for entity in entities:
        if entity.type == EntityType.ORGANIZATION:
            words = name_key(entity.name).split()[:_MOST_WORDS]
            if not _PUBLIC_BODIES.isdisjoint(words):
                yield words, len(entity.mentions)


def _county_keys(body: Sequence[str]) -> list[str]:
    """The keys of what may be the county at the start of a public body's name, likeliest first."""
    keys = [" ".join(body[:length]) for length in range(1, min(len(body), _LONGEST_COUNTY) + 1)]
    # "Kent County Sheriff" is of Kent County, Michigan; "Kent County Council" mostly of Kent.
    return keys if "council" in body else keys[::-1]


def _county(known: Mapping[str, tuple[Sense, ...]], body: Sequence[str]) -> tuple[Sense, ...]:
    """What the county in a public body's name may refer to, and what else has that name."""
    for key in _county_keys(body):
        senses = tuple(sense for sense in known.get(key, ()) if sense.kind is Kind.NAME)
        if senses and senses[0].place.feature in _COUNTIES:
            # British counties are districts and areas, and only districts are in a region.
            districts = any(sense.place.feature is Feature.DISTRICT for sense in senses)
            return tuple(
                sense
                for sense in senses
                if not districts or sense.place.feature is not Feature.AREA
            )[:_MOST_CANDIDATES]
    return ()


def _senses(known: Mapping[str, tuple[Sense, ...]], name: _Name) -> Iterator[tuple[Sense, ...]]:
    """The senses of each name that has any, with one sense per place."""
    for key in name.keys:
        senses = [sense for sense in known.get(key, ()) if sense.kind in name.kinds]
        if senses:
            yield tuple({sense.place.id: sense for sense in reversed(senses)}.values())[::-1][
                :_MOST_CANDIDATES
            ]


def _read(article: Article, entity: Entity) -> _Name | None:
    if entity.type in _NATIONALITY_TYPES:
        keys = tuple(_keys(entity))
        return _Name(keys, frozenset({Kind.NATIONALITY}), None, ())
    if entity.type not in _PLACE_TYPES:
        return None
    kinds = {Kind.NAME, Kind.ALTERNATE, Kind.RARE}
    if "." in entity.name:
        kinds.add(Kind.ABBREVIATION)
    full, plain, feature = list(_keys(entity)), list[str](), None
    containers = Counter(_containers(article, entity))
    for key in full:
        head, _, last = key.rpartition(" ")
        if head and last in _GENERIC:
            plain.append(head)
            feature = feature or _GENERIC[last]
    if "," in entity.name:
        head, _, rest = entity.name.partition(",")
        plain.append(name_key(head))
        containers[name_key(rest)] += 1
    return _Name((*full, *plain), frozenset(kinds), feature, tuple(containers)[:_MOST_CONTAINERS])


def _keys(entity: Entity) -> Iterable[str]:
    """The keys of an entity's name and of the other names that it has most often."""
    texts = Counter(mention.text for mention in entity.mentions[:_MOST_CONTAINERS])
    keys = [name_key(entity.name), *(name_key(text) for text, _ in texts.most_common(_MOST_NAMES))]
    return dict.fromkeys(filter(None, keys))


def _containers(article: Article, entity: Entity) -> Iterator[str]:
    """The keys of what may be larger places after the mentions of an entity."""
    for mention in entity.mentions[:_MOST_CONTAINERS]:
        text = (article.title or "") if mention.section == "title" else article.text
        after = text[mention.end : mention.end + _LONGEST_CONTAINER]
        if found := _CONTAINER.match(after):
            words = found[1].split()
            for length in range(len(words), 0, -1):
                yield name_key(" ".join(words[:length]))
