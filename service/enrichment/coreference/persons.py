"""Persons: the full name that a short form refers to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice

from service.enrichment.bounds import Check, checked, no_check
from service.enrichment.coreference.forms_of_address import Gender, given_name_gender
from service.enrichment.coreference.lexicon import (
    FIRST_FAMILY_NAMES,
    FULL_GIVEN_NAMES,
    GENERATIONS,
    GIVEN_NAMES,
    TITLES_OF_NAMES,
)
from service.enrichment.coreference.names import CACHED_FORMS, Key, nickname_form
from service.enrichment.coreference.person_mentions import PersonMention
from service.enrichment.coreference.relatives import Owner
from service.enrichment.known_names import (
    holds_other_office,
    is_known_person,
    is_office_holder,
)
from service.enrichment.types import EntityType

_MARKS = frozenset("\"“'‘(«„")
_MAX_NAMESAKES = 100
_MAX_COMPARISONS = 1000
_MAX_OWNERS = 20
"""Mentions before a kinship noun that may name whose relative it is."""
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

    @cached_property
    def family_names(self) -> set[str]:
        """The words that may be the family name alone: the last one, or the first one."""
        return {self.words[-1]} | (FIRST_FAMILY_NAMES & {self.words[0]}) if self.words else set()

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


@lru_cache(CACHED_FORMS)
def _parse(form: str) -> _PersonName:
    words = tuple(form.split())
    if len(words) > 1 and words[-1] in _SUFFIXES:
        return _PersonName(words[:-1], words[-1])
    return _PersonName(words, "")


class PersonResolver:
    """Resolves the short forms of persons' names, mention by mention.

    Args:
        keys: of all mentions, in order of appearance.
        mentions: those of persons, by their index in ``keys``.
        first_of_pairs: keys of names before "and" that share the family name after it.
        check: called for each person at the start. Its exceptions propagate.
    """

    def __init__(
        self,
        keys: Sequence[Key],
        mentions: Mapping[int, PersonMention],
        first_of_pairs: Container[Key] = frozenset(),
        check: Check = no_check,
    ) -> None:
        self._full_names = full_person_names(keys, check)
        self._forms = {form for type_, form in keys if type_ == EntityType.PERSON}
        self._first_of_pairs = first_of_pairs
        self._all_titles: dict[Key, set[str]] = defaultdict(set)
        for i, mention in mentions.items():
            if mention.title:
                self._all_titles[keys[i]].add(mention.title)
        self._mentions: Counter[Key] = Counter()
        self._genders: dict[Key, Gender] = {}
        self._titles: dict[Key, set[str]] = {}
        self._last_named: dict[Key, int] = {}
        self._sentences: dict[Key, int] = {}
        self._position = 0
        self._apart: set[Key] = set()
        self._introduced: set[Key] = set()
        self._stood_for: set[tuple[Key, Key]] = set()
        self._addressed: set[tuple[Key, Key]] = set()
        self._history: list[tuple[int, Key]] = []

    def resolve(self, key: Key, mention: PersonMention) -> Key:
        """The full name that the next mention refers to, or ``key`` itself.

        Among the full names before the mention, those of the right gender win, then those of its
        family named in its sentence or the one before, then the one with the most mentions so far,
        then the one used last. Without any, the first one after the mention wins. A person with a
        form of address of the other gender is never the referent. The gender that a given name or a
        pronoun implies only decides between several persons. A namesake relative is an entity of
        its own, and so is another holder of an office.

        Args:
            key: of the mention.
            mention: what the words around it show. Those who have had its title come first.
        """
        full_names = self._full_names.get(key, ())
        relative = mention.relative()
        if relative and " " in key[1]:
            self._introduced.add(key)  # "his wife, Ann Cole"
            relative = None
        referent = self._choose(key, full_names, mention, relative) if full_names else None
        if referent is None or referent == key:
            referent = key
            if full_names:
                self._apart.add(key)
        describes = not full_names and " " in key[1] and mention.describes()
        if describes and self._history:
            self._sentences[self._history[-1][1]] = mention.sentence
        elif not describes:
            self._sentences[referent] = mention.sentence
            self._mentions[referent] += 1
        if not full_names or referent == key:
            position = self._position
            self._last_named[key] = self._last_named.get(key, position) if describes else position
        if mention.address:
            self._genders.setdefault(referent, mention.address)
            self._addressed.add((key, referent))
        if mention.title:
            self._titles.setdefault(referent, set()).add(mention.title)
        self._position += 1
        self._stood_for.add((key, referent))
        if not relative:
            self._history.append((mention.start, referent))
        return referent

    def _choose(
        self,
        key: Key,
        full_names: Sequence[Key],
        mention: PersonMention,
        relative: tuple[int, Owner] | None,
    ) -> Key | None:
        address, title = mention.address, mention.title
        candidates = [
            name
            for name in full_names
            if (not address or self._genders.get(name, address) == address)
            and not self._is_other(key, name, mention)
        ]
        if relative:
            owners = self._owners(*relative)
            candidates = [name for name in candidates if name not in owners]
        named = [name for name in candidates if name in self._last_named]
        if key in self._apart:
            named.append(key)
        before = self._of_family(key, named)
        if not before:
            return next(iter(self._of_family(key, candidates)), None)
        if len(before) > 1 and title:
            before = [n for n in before if title in self._titles.get(n, ())] or before
        if len(before) > 1 and (gender := address or mention.context()):
            before = (
                [n for n in before if (self._gender(n) or (n == key and gender)) == gender]
                or [name for name in before if not self._gender(name)]
                or before
            )
        if len(before) > 1 and not address:
            # Where the mother is "Mrs Smith", "Smith" is the father.
            before = [n for n in before if (key, n) not in self._addressed] or before
        # Once "Xi" is Xi Jinping, it stays his.
        usual = [
            n for n in before if (key, n) in self._stood_for and is_office_holder(n[1], key[1])
        ]
        before = usual or self._nearest(key, before, mention.sentence)
        # "Trump" is the father where the son is "Trump Jr."
        suffixed = f"{key[1]} jr" in self._forms
        return max(
            before,
            key=lambda name: (
                suffixed and not _parse(name[1]).suffix,
                self._mentions[name],
                not _parse(name[1]).suffix,
                name in self._first_of_pairs,
                name not in self._introduced,
                self._last_named[name],
            ),
        )

    def _is_other(self, key: Key, name: Key, mention: PersonMention) -> bool:
        """Whether the title before a well-known family name contradicts a full name."""
        title = mention.title
        if title and holds_other_office(name[1], key[1], title):
            return title not in self._all_titles[name]
        if not mention.address or name in self._genders or not is_known_person(key[1]):
            return False
        return given_name_gender(name[1]) not in (None, mention.address)

    def _owners(self, noun: int, owner: Owner) -> Sequence[Key]:
        """Those whose relative a kinship noun surely names: the person named last before it.

        Of several persons that have the relative, the last two. None where another of the family
        may have it.
        """
        gender = owner if owner != "several" else None
        latest = [
            referent
            for start, referent in islice(reversed(self._history), _MAX_OWNERS)
            if start < noun and (not gender or self._gender(referent) in (None, gender))
        ]
        if owner == "several":
            return latest[:2]
        families = {n: n[1].rpartition(" ")[2] for n in latest if " " in n[1]}
        if not latest or list(families.values()).count(families.get(latest[0], "")) > 1:
            return ()
        return latest[:1]

    def _of_family(self, key: Key, names: Sequence[Key]) -> Sequence[Key]:
        """The names whose family name the last word of ``key`` may be, if any.

        And those that it has stood for, unless it is a given name.
        """
        if len(names) < 2:
            return names
        last = key[1].rpartition(" ")[2]
        kept = last not in GIVEN_NAMES or last in FIRST_FAMILY_NAMES
        return [
            name
            for name in names
            if last in _parse(name[1]).family_names or (kept and (key, name) in self._stood_for)
        ] or names

    def _nearest(self, key: Key, names: Sequence[Key], sentence: int) -> Sequence[Key]:
        """Of the bearers of a family name those named in the sentence or the one before, if any."""
        last = key[1].rpartition(" ")[2]
        if len(names) < 2 or any(last not in _parse(name[1]).family_names for name in names):
            return names
        return [n for n in names if self._sentences.get(n, -2) >= sentence - 1] or names

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
        key: [name for name in longer if name not in longer_names][:_MAX_NAMESAKES]
        for key, longer in checked(longer_names.items(), check)
    }
