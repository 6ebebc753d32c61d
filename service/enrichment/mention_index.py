"""The mentions of an article's entities outside of quotations, looked up by words."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from service.enrichment.coreference.forms_of_address import (
    Gender,
    address_gender,
    given_name_gender,
)
from service.enrichment.coreference.names import person_form
from service.enrichment.salience import Cluster
from service.enrichment.segmentation import Segmentation
from service.enrichment.types import EntityType
from service.enrichment.words import APOSTROPHES, POSSESSIVES, WordRange


class IndexedMention(NamedTuple):
    """A mention of an entity.

    Attributes:
        first: its first word.
        last: one past its last word.
        entity: index of its cluster.
        type: entity type of the cluster.
    """

    first: int
    last: int
    entity: int
    type: str


class MentionIndex:
    """Looks up words and mentions. It ignores mentions inside of quotations.

    Args:
        segmentation: of the article.
        quoted: the words of its quotations in order, as
            :func:`~service.enrichment.quotations.quoted_words` returns them.
        clusters: the mentions of each entity.
    """

    def __init__(
        self,
        segmentation: Segmentation,
        quoted: Sequence[WordRange],
        clusters: Sequence[Cluster],
    ) -> None:
        self.segmentation = segmentation
        self.quoted = quoted
        self._in_quotation = bytearray(len(segmentation.words))
        for first, last in quoted:
            self._in_quotation[first:last] = b"\1" * (last - first)
        self._mentions: list[IndexedMention] = []
        self._genders: dict[int, Gender] = {}
        outside = [
            (mention, entity)
            for entity, cluster in enumerate(clusters)
            for mention in cluster.mentions
            if not self._in_quotation[mention.words[0]]
        ]
        for mention, entity in sorted(outside, key=lambda item: item[0].words[0]):
            type_ = clusters[entity].type
            self._mentions.append(IndexedMention(*mention.words, entity, type_))
            if type_ == EntityType.PERSON and entity not in self._genders:
                words = segmentation.words
                span = (words[mention.words[0]][0], words[mention.words[1] - 1][1])
                if gender := address_gender(segmentation.source, *span):
                    self._genders[entity] = gender
        self._addressed = frozenset(self._genders)
        for entity, cluster in enumerate(clusters):
            if cluster.type == EntityType.PERSON and entity not in self._genders:
                forms = dict.fromkeys(person_form(mention.text) for mention in cluster.mentions)
                genders = [gender for form in forms if (gender := given_name_gender(form))]
                if genders:
                    self._genders[entity] = genders[0]
        self._first_words = [mention.first for mention in self._mentions]

    def word(self, index: int) -> str:
        """A word in lower case."""
        return self.segmentation.word_text(index).lower()

    def words(self, begin: int, end: int) -> list[str]:
        """The words from ``begin`` up to but not including ``end`` in lower case."""
        return [word.lower() for word in self.segmentation.word_texts((begin, end))]

    def is_quoted(self, word: int) -> bool:
        """Whether a word stands inside of a quotation."""
        return bool(self._in_quotation[word])

    def mentions(self, begin: int, end: int) -> Sequence[IndexedMention]:
        """The mentions that begin in a range of words, in order."""
        return self._mentions[
            bisect_left(self._first_words, begin) : bisect_left(self._first_words, end)
        ]

    def is_possessor(self, mention: IndexedMention) -> bool:
        """Whether a mention only qualifies what follows: "Mr Lee's barrister"."""
        last = self.segmentation.word_text(mention.last - 1)
        following = self.word(mention.last) if mention.last < len(self.segmentation.words) else ""
        plural = following in APOSTROPHES and last.lower().endswith("s")  # "James' lawyer"
        return plural or following in POSSESSIVES or last.endswith(POSSESSIVES)

    def all_mentions(self) -> Sequence[IndexedMention]:
        """The mentions of the whole article outside of quotations, in order."""
        return self._mentions

    def gender(self, entity: int) -> Gender | None:
        """The gender of a person by the first form of address, or else by the given name."""
        return self._genders.get(entity)

    def is_addressed(self, entity: int) -> bool:
        """Whether a form of address shows the gender of a person."""
        return entity in self._addressed
