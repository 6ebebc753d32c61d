"""Persons: the full name that a short form refers to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from service.enrichment.bounds import Check, checked, no_check
from service.enrichment.coreference.forms_of_address import Gender, given_name_gender
from service.enrichment.coreference.lexicon import FULL_GIVEN_NAMES, GENERATIONS, TITLES_OF_NAMES
from service.enrichment.coreference.names import Key, nickname_form
from service.enrichment.types import EntityType

_MARKS = frozenset("\"“'‘(«„")
_MAX_NAMESAKES = 100
_MAX_COMPARISONS = 1000
_SUFFIXES = frozenset(GENERATIONS.values())
_SHORT_FORMS: dict[str, list[str]] = {}
for _short, _names in FULL_GIVEN_NAMES.items():
    for _name in sorted(_names):
        _SHORT_FORMS.setdefault(_name, []).append(_short)


def nicknames(keys: Mapping[str, Key]) -> Iterator[tuple[Key, Key]]:
    """Pairs of a person's name with a nickname for the given name, and the full one.

    "Magic Johnson" and "Earvin “Magic” Johnson".

    Args:
        keys: of all mentions, by their texts.
    """
    known = set(keys.values())
    for text, key in keys.items():
        if key[0] == EntityType.PERSON and not _MARKS.isdisjoint(text):
            form = nickname_form(text)
            if form and (EntityType.PERSON, form) in known:
                yield (EntityType.PERSON, form), key


@dataclass(frozen=True)
class _PersonName:
    """A normalized person's name, its generational suffix apart (empty without one)."""

    words: tuple[str, ...]
    suffix: str

    @property
    def given_name(self) -> str:
        """The first word."""
        return self.words[0] if self.words else ""

    def abbreviates(self, full: _PersonName) -> bool:
        """Whether this may be a shorter form of ``full``.

        Each of its words is one of the full name's, the initial of one that is not the last, or a
        short form of the given name: "J. Biden", "Joe Biden" and "Joseph Biden". Initials that
        contradict keep "George W. Bush" and "George H. W. Bush" apart. A given and a family name
        without a suffix are never short for a name with one: "Donald Trump" and "Donald Trump Jr."
        are two persons, but "King Charles" and "King Charles III" are one. Nor is a name with "and"
        a full name. A family name may stand first or last: "Abe Shinzo" and "Shinzo Abe".
        """
        if "and" in full.words:
            return False
        reigns = full.suffix and not self.suffix and full.words[0] in TITLES_OF_NAMES
        if self.suffix != full.suffix and (self.suffix or len(self.words) > 1) and not reigns:
            return False
        if len(self.words) == len(full.words) == 2 and self.words == full.words[::-1]:
            return self.words > full.words
        others = set(full.words)
        expanded = False
        for position, word in enumerate(self.words):
            if word in others:
                continue
            last = position == len(self.words) - 1
            short = position == 0 and full.given_name in FULL_GIVEN_NAMES.get(word, ())
            initial = len(word) == 1 and any(w.startswith(word) for w in full.words[:-1])
            if not short and (last or not initial):
                return False
            expanded = True
        longer = len(full.words) - len(self.words)
        return longer > 0 or (not longer and expanded) or (not longer and self.suffix < full.suffix)


def _parse(form: str) -> _PersonName:
    words = tuple(form.split())
    if len(words) > 1 and words[-1] in _SUFFIXES:
        return _PersonName(words[:-1], words[-1])
    return _PersonName(words, "")


class PersonResolver:
    """Resolves the short forms of persons' names, mention by mention.

    Args:
        keys: of all mentions, in order of appearance.
        check: called for each person at the start. Its exceptions propagate.
    """

    def __init__(self, keys: Sequence[Key], check: Check = no_check) -> None:
        self._full_names = full_person_names(keys, check)
        self._forms = {form for type_, form in keys if type_ == EntityType.PERSON}
        self._mentions: Counter[Key] = Counter()
        self._genders: dict[Key, Gender] = {}
        self._titles: dict[Key, set[str]] = {}
        self._last_named: dict[Key, int] = {}
        self._position = 0

    def resolve(
        self,
        key: Key,
        address: Gender | None,
        context: Callable[[], Gender | None],
        title: str | None = None,
    ) -> Key:
        """The full name that the next mention refers to, or ``key`` itself.

        Among the full names before the mention, those of the right gender win, then the one with
        the most mentions so far, then the one used last. Without any, the first one after the
        mention wins. A person with a form of address of the other gender is never the referent.
        The gender that a given name or a pronoun implies only decides between several persons.

        Args:
            key: of the mention.
            address: gender implied by its form of address.
            context: gender that the pronouns around the mention imply.
            title: the title before the name. Those who have had it come first.
        """
        referent = self._choose(key, address, context, title)
        if referent is None:
            referent = key
            self._last_named[key] = self._position
        if address:
            self._genders.setdefault(referent, address)
        if title:
            self._titles.setdefault(referent, set()).add(title)
        self._mentions[referent] += 1
        self._position += 1
        return referent

    def _choose(
        self,
        key: Key,
        address: Gender | None,
        context: Callable[[], Gender | None],
        title: str | None,
    ) -> Key | None:
        candidates = [
            name
            for name in self._full_names.get(key, ())
            if not address or self._genders.get(name, address) == address
        ]
        before = [name for name in candidates if name in self._last_named]
        if not before:
            return candidates[0] if candidates else None
        if len(before) > 1 and title:
            before = [n for n in before if title in self._titles.get(n, ())] or before
        if len(before) > 1 and (gender := address or context()):
            before = (
                [name for name in before if self._gender(name) == gender]
                or [name for name in before if not self._gender(name)]
                or before
            )
        # "Trump" is the father where the son is "Trump Jr."
        suffixed = f"{key[1]} jr" in self._forms
        return max(
            before,
            key=lambda name: (
                suffixed and not _parse(name[1]).suffix,
                self._mentions[name],
                not _parse(name[1]).suffix,
                self._last_named[name],
            ),
        )

    def _gender(self, name: Key) -> Gender | None:
        return self._genders.get(name) or given_name_gender(name[1])


def full_person_names(keys: Sequence[Key], check: Check = no_check) -> dict[Key, list[Key]]:
    """For each short form of a person's name the full names it may stand for, by first mention.

    A family name may come last ("Biden") or first ("Yoon"). A full name is not itself the short
    form of another name. Each short form has at most 100 full names, and is compared with at most
    1,000 names, the earliest ones, since the time would otherwise grow with the square of the
    number of namesakes.

    Args:
        keys: of all mentions, in order of appearance.
        check: called for each person. Its exceptions propagate.
    """
    persons = {key: _parse(key[1]) for key in dict.fromkeys(keys) if key[0] == EntityType.PERSON}
    by_word: dict[str, list[Key]] = {}
    for key, name in persons.items():
        for word in {*name.words, *_SHORT_FORMS.get(name.given_name, ())}:
            by_word.setdefault(word, []).append(key)
    longer_names: dict[Key, list[Key]] = {}
    for key, name in checked(persons.items(), check):
        words = [word for word in name.words if len(word) > 1] or name.words
        rarest = min(words, key=lambda word: len(by_word[word]), default="")
        longer = [
            other
            for other in islice(by_word.get(rarest, ()), _MAX_COMPARISONS)
            if other != key and name.abbreviates(persons[other])
        ]
        if longer:
            longer_names[key] = longer
    return {
        key: list(islice(_fullest(key, longer, longer_names, persons), _MAX_NAMESAKES))
        for key, longer in checked(longer_names.items(), check)
    }


def _fullest(
    key: Key,
    longer: Sequence[Key],
    longer_names: Mapping[Key, Sequence[Key]],
    persons: Mapping[Key, _PersonName],
) -> Sequence[Key]:
    """Those of the names in ``longer`` that are full names, with the same last word if any has."""
    full = [name for name in longer if name not in longer_names]
    last = persons[key].words[-1]
    return [name for name in full if persons[name].words[-1] == last] or full
