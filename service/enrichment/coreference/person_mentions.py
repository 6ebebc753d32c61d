"""Mentions of persons: what the words around them show about their bearers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from service.enrichment.coreference.forms_of_address import (
    Gender,
    address_gender,
    address_title,
    person_borders,
    pronoun_gender,
    sentence_starts,
)
from service.enrichment.coreference.names import Name
from service.enrichment.coreference.relatives import Owner, describes_relative, listed_relative
from service.enrichment.types import EntityType


@dataclass(frozen=True)
class PersonMention:
    """What the words around a mention show about its bearer.

    Attributes:
        start: its first code point.
        sentence: number of its sentence.
        address: gender implied by its form of address, or by kinship.
        title: the title before the name.
        context: gender that the pronouns around it imply.
        relative: place of the kinship noun before it, and whose relative it names.
        describes: whether it only names whose relative another person is.
    """

    start: int
    sentence: int
    address: Gender | None
    title: str | None
    context: Callable[[], Gender | None]
    relative: Callable[[], tuple[int, Owner] | None]
    describes: Callable[[], bool]


def read_persons(names: Sequence[Name], text: str) -> dict[int, PersonMention]:
    """What the words around each mention of a person show, by its index in ``names``."""
    borders = person_borders(names, len(text))
    starts = sentence_starts(text)
    return {
        i: PersonMention(
            start=name.start,
            sentence=bisect_right(starts, name.start),
            address=address_gender(text, name.start, name.end),
            title=address_title(text, name.start, name.end),
            context=partial(pronoun_gender, text, name.start, name.end, *borders[i]),
            relative=partial(listed_relative, text, name.start),
            describes=partial(describes_relative, text, name.start, name.end),
        )
        for i, name in enumerate(names)
        if name.type == EntityType.PERSON
    }
