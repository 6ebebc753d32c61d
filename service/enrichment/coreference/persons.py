"""Persons: the full name that a family name refers to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice

from service.enrichment.coreference.forms_of_address import Gender
from service.enrichment.coreference.names import Key
from service.enrichment.types import EntityType

_MAX_NAMESAKES = 100


class PersonResolver:
    """Resolves the short forms of persons' names, mention by mention.

    Args:
        keys: of all mentions, in order of appearance.
    """

    def __init__(self, keys: Sequence[Key]) -> None:
        self._full_names = full_person_names(keys)
        self._mentions: Counter[Key] = Counter()
        self._genders: dict[Key, Gender] = {}
        self._last_named: dict[Key, int] = {}
        self._position = 0

    def resolve(self, key: Key, gender: Gender | None) -> Key:
        """The full name that the next mention refers to, or ``key`` itself.

        Among the full names before the mention, the one with the most mentions so far wins, then
        the one used last. Without any, the first one after the mention wins. A person with a form
        of address of the other gender is never the referent.

        Args:
            key: of the mention.
            gender: implied by its form of address.
        """
        referent = self._choose(self._full_names.get(key, ()), gender)
        if referent is None:
            referent = key
            self._last_named[key] = self._position
        if gender:
            self._genders.setdefault(referent, gender)
        self._mentions[referent] += 1
        self._position += 1
        return referent

    def _choose(self, full_names: Sequence[Key], gender: Gender | None) -> Key | None:
        candidates = [
            name for name in full_names if not gender or self._genders.get(name, gender) == gender
        ]
        before = [name for name in candidates if name in self._last_named]
        if not before:
            return candidates[0] if candidates else None
        return max(before, key=lambda name: (self._mentions[name], self._last_named[name]))


def full_person_names(keys: Sequence[Key]) -> dict[Key, list[Key]]:
    """For each short form of a person's name the full names it may stand for, by first mention.

    A family name may come last ("Biden") or first ("Yoon"). A full name is not itself the short
    form of another name. Each short form has at most 100 full names, the earliest ones, since the
    time would otherwise grow with the square of the number of namesakes.

    Args:
        keys: of all mentions, in order of appearance.
    """
    persons = {
        key: tuple(key[1].split()) for key in dict.fromkeys(keys) if key[0] == EntityType.PERSON
    }
    by_word: dict[str, list[Key]] = {}
    for key, words in persons.items():
        for word in set(words):
            by_word.setdefault(word, []).append(key)
    longer_names: dict[Key, list[Key]] = {}
    for key, words in persons.items():
        rarest = min(words, key=lambda word: len(by_word[word]), default="")
        longer = [
            other
            for other in by_word.get(rarest, ())
            if len(persons[other]) > len(words) and set(words) <= set(persons[other])
        ]
        if longer:
            same_ending = [other for other in longer if persons[other][-1] == words[-1]]
            longer_names[key] = same_ending or longer
    return {
        key: list(islice((name for name in longer if name not in longer_names), _MAX_NAMESAKES))
        for key, longer in longer_names.items()
    }
