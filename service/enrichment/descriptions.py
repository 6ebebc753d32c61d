"""Descriptions: people who have no name of their own, but that of somebody or something else.

"The Acme boss", "Acme's new chairman", "a friend of Ann Lee", "sources close to Ann Lee".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from service.enrichment.coreference.names import is_title
from service.enrichment.mention_index import IndexedMention, MentionIndex
from service.enrichment.speech import SPEECH_VERBS, is_one_person, is_person_noun
from service.enrichment.types import EntityType
from service.enrichment.words import APOSTROPHES, POSSESSIVES

_ARTICLES = frozenset({"the", "a", "an", "his", "her", "its", "their", "our", "one", "another"})
POSSESSIVE_MARKS = frozenset({*POSSESSIVES, *APOSTROPHES})
"""What makes a name a possessive, as a word of its own."""
_LINKS = frozenset({"of", "for", "to", "with", "against", "behind", "around", "like"})
"""What links a noun for people with whom they belong to."""
_CONJUNCTIONS = frozenset({"and", "or"})
_PLACE_PREPOSITIONS = frozenset(
    "in at near outside inside across through around from into to towards throughout over".split()
)
_BREAKS = (
    _LINKS
    | _PLACE_PREPOSITIONS
    | _CONJUNCTIONS
    | frozenset(
        "on before after when while as during by since until about that who which whose whom where "
        "but is are was were has have had will would can could may might".split()
    )
)
"""Words that no noun phrase has between its name and its noun."""
_GAP = 3
"""Most words between a name and the noun for people that belongs to it."""


class Described(NamedTuple):
    """What is left of the names in the subject of a verb.

    Attributes:
        names: mentions that may be the subject.
        definite: whether one of the others describes one certain person: "the Acme boss".
    """

    names: list[IndexedMention]
    definite: bool


def without_described(
    index: MentionIndex, mentions: Sequence[IndexedMention], begin: int, end: int
) -> Described:
    """Leave out the names that only describe somebody, and the places where something happens.

    Args:
        index: words and mentions of the article.
        mentions: those in the stretch, in order.
        begin: first word of the stretch.
        end: one past its last word.
    """
    names: list[IndexedMention] = []
    definite = False
    dropped = -1  # one past the latest name that is left out
    for mention in mentions:
        noun = _noun_after(index, mention, end)
        definite |= noun is not None and _is_definite(index, mention, noun, begin)
        if noun is None:
            noun = noun_before(index, mention, begin)
            definite |= noun is not None and _is_certain_holder(index, mention, noun, begin)
        joined = (
            dropped == mention.first - 1
            and index.word(dropped) in _CONJUNCTIONS
            and mention.type == EntityType.PERSON
        )
        if noun is None and not joined and not _is_place_of(index, mention, begin):
            names.append(mention)
        else:
            dropped = mention.last
    return Described(names, definite)


def noun_before(index: MentionIndex, mention: IndexedMention, begin: int) -> int | None:
    """The noun in "a friend of Ann Lee", "the head of Acme", "a lawyer representing Ann Lee".

    Whoever speaks for an organisation is no such noun, but whoever speaks for a person is.
    """
    link = mention.first - 1
    # "a victim of the late financier Ann Lee"
    while link > max(begin, mention.first - 1 - _GAP) and not _is_link(index.word(link)):
        if not _is_plain(index.word(link)) or _is_of_office(index, link):
            return None
        link -= 1
    if link <= begin or not _is_link(index.word(link)):
        return None
    for noun in range(link - 1, max(begin, link - 1 - _GAP) - 1, -1):
        word = index.word(noun)
        if is_person_noun(word):
            return noun
        if word.startswith("spokes"):
            # "a spokesman for Mr Lee", but "the health spokesman for women Ann Lee"
            is_theirs = index.word(link + 1) in _ARTICLES or _is_capitalised(index, link + 1)
            return noun if mention.type == EntityType.PERSON and is_theirs else None
        if not word.isalpha() or word in _BREAKS - _LINKS or word == "according":
            return None
    return None


def _noun_after(index: MentionIndex, mention: IndexedMention, end: int) -> int | None:
    """The noun in "the Acme finance chief", "Ann Lee's lawyer", "Acme boss"."""
    owns = index.is_possessor(mention)
    begin = mention.last
    if owns and begin < end and index.word(begin) in POSSESSIVE_MARKS:
        begin += 1
    # Without an article, "Ann Lee thanks fans" has a verb in the gap.
    has_gap = owns or (mention.type != EntityType.PERSON and _article(index, mention) is not None)
    for k in range(begin, min(end, begin + 1 + (_GAP if has_gap else 0))):
        word = index.word(k)
        if is_person_noun(word):
            # "Ann Lee MP"
            if not owns and mention.type == EntityType.PERSON and _is_capitalised(index, k):
                return None
            while k + 1 < end and is_person_noun(index.word(k + 1)):
                k += 1
            return k
        if not _is_plain(word) or word.startswith("spokes"):
            return None
    return None


def _article(index: MentionIndex, mention: IndexedMention) -> str | None:
    """The article before a name, or before an adjective that precedes it."""
    before = index.words(max(0, mention.first - 2), mention.first + 1)
    return next((word for word in reversed(before) if word in _ARTICLES), None)


def _is_definite(index: MentionIndex, mention: IndexedMention, noun: int, begin: int) -> bool:
    """Whether "the Acme boss" or "Acme's boss" is one certain person, rather than some."""
    if mention.type == EntityType.PERSON or not is_one_person(index.word(noun)):
        return False
    article = _article(index, mention) if mention.first >= begin else None
    return article == "the" or (article is None and index.is_possessor(mention))


def _is_certain_holder(index: MentionIndex, mention: IndexedMention, noun: int, begin: int) -> bool:
    """Whether "the head of Acme" is one certain person. "The mother of Ann Lee" is a new one."""
    before = index.words(max(begin, noun - _GAP), noun)
    return mention.type != EntityType.PERSON and is_one_person(index.word(noun)) and "the" in before


def _is_place_of(index: MentionIndex, mention: IndexedMention, begin: int) -> bool:
    """Whether something happens in a place: "protesters in Paris"."""
    return mention.type == EntityType.LOCATION and not _PLACE_PREPOSITIONS.isdisjoint(
        index.words(max(begin, mention.first - 2), mention.first)
    )


def _is_of_office(index: MentionIndex, word: int) -> bool:
    """Whether a word belongs to the name of an office: "State" in "Secretary of State Ann Lee"."""
    text = index.word(word)
    return _is_capitalised(index, word) and not is_person_noun(text) and not is_title(text)


def _is_capitalised(index: MentionIndex, word: int) -> bool:
    return index.segmentation.word_text(word)[0].isupper()


def _is_link(word: str) -> bool:
    return word in _LINKS or (len(word) > 5 and word.endswith("ing"))


def _is_plain(word: str) -> bool:
    """Whether a word may stand in a noun phrase between a name and a noun."""
    return (
        word.replace("-", "").isalpha()
        and word not in _BREAKS
        and word not in SPEECH_VERBS
        and not (word.endswith("ed") and "-" not in word)
    )
