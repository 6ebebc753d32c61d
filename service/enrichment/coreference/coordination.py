"""Coordination: names tagged in parts, such as those that "and" joins, "Marks and Spencer"."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import regex

from service.enrichment.coreference.abbreviations import initials
from service.enrichment.coreference.lexicon import GENERATIONS, GIVEN_NAMES
from service.enrichment.coreference.names import (
    Key,
    Name,
    NameT,
    clean,
    normalize,
    organization_form,
)
from service.enrichment.types import EntityType

_AND = ("and", "&")
_JOINT = regex.compile(r"\s+(?:and|&)\s+")
_SPACE = regex.compile(r"\s+")
_BORDER = regex.compile(r"\b")
_LONGEST_JOINT = 8
"""Code points of an ampersand with the white space around it."""
_MAX_ALIKE = 8
"""Names with the same first word that are looked for."""
_FIRMS = frozenset({EntityType.PERSON, EntityType.ORGANIZATION})


def join_parts(names: Sequence[NameT], text: str) -> list[NameT]:
    """Join the parts of names that the article has as one name elsewhere.

    "King's College London" as one mention joins "King's College" and "London". For names with
    "and", elsewhere is also "Marks & Spencer" or "M&S"; other names around "and" stay two. Two
    family names around "&" are a firm.

    Args:
        names: mentions in order of appearance.
        text: the whole text.

    Returns:
        Mentions in order of appearance. A joined one has the type of the other mention.
    """
    names = _join_firms(names, text)
    wholes = _Wholes(names)
    joined: list[NameT] = []
    for name in names:
        before = joined[-1] if joined else None
        if before and name.start < before.end:
            continue  # part of a name that has just been joined
        if before and (both := wholes.joint(before, name, text)):
            joined[-1] = replace(before, end=name.end, text=both, type=EntityType.ORGANIZATION)
            continue
        if found := wholes.match(name, text):
            end, type_ = found
            name = replace(name, end=end, text=text[name.start : end], type=type_)
        joined.append(name)
    return joined


def with_shared_family_names(
    names: Sequence[Name], keys: Sequence[Key], text: str
) -> tuple[list[Key], set[Key]]:
    """The keys where "Barack and Michelle Obama" are two full names, and those of the first ones.

    The given name takes the family name after the other one, unless the article has another person
    of that given name: "Harry and Meghan Markle" beside "Prince Harry".

    Args:
        names: mentions in order of appearance.
        keys: of each mention.
        text: the whole text.
    """
    completed = list(keys)
    first: set[Key] = set()
    bearers: dict[str, set[str]] = defaultdict(set)
    for type_, form in set(keys):
        if type_ == EntityType.PERSON and " " in form:
            for word in form.split():
                bearers[word].add(form)
    for i, (type_, given) in enumerate(keys[:-1]):
        if type_ != EntityType.PERSON or given not in GIVEN_NAMES or keys[i + 1][0] != type_:
            continue
        words = keys[i + 1][1].split()
        if len(words) != 2 or words[0] == given or words[-1] in GENERATIONS:
            continue
        full = f"{given} {words[-1]}"
        if bearers[given] <= {full} and _JOINT.fullmatch(text, names[i].end, names[i + 1].start):
            completed[i] = (type_, full)
            first.add(completed[i])
    return completed, first


class _Wholes:
    """The names of an article with several words."""

    def __init__(self, names: Sequence[NameT]) -> None:
        self._types: dict[str, str] = {}
        self._coordinated: dict[str, list[list[tuple[str, ...]]]] = defaultdict(list)
        self._texts: dict[str, dict[str, str]] = defaultdict(dict)
        for name in names:
            if " and " in name.text or "&" in name.text:
                self._add_coordinated(name)
            elif " " in name.text and not name.text.rpartition(" ")[2].islower():
                alike = self._texts[normalize(name.text.split(" ", 1)[0])]
                if len(alike) < _MAX_ALIKE:
                    alike.setdefault(name.text, name.type)

    def _add_coordinated(self, name: NameT) -> None:
        form = organization_form(name.text)
        if form in self._types:
            return
        self._types[form] = name.type
        parts = _JOINT.split(clean(name.text))
        first = normalize(parts[0].split()[0])
        if len(parts) == 2 and len(self._coordinated[first]) < _MAX_ALIKE:
            left, right = ([(word,) for word in part.split()] for part in parts)
            self._coordinated[first].append([*left, _AND, *right])

    def joint(self, before: NameT, name: NameT, text: str) -> str | None:
        """Both names as one, if "and" joins them and the article has their initials: "M&S"."""
        if not self._types or not _JOINT.fullmatch(text, before.end, name.start):
            return None
        both = text[before.start : name.end]
        alike = any("&" in short and normalize(short) in self._types for short in initials(both))
        return both if alike else None

    def match(self, name: NameT, text: str) -> tuple[int, str] | None:
        """The end and the type of the longer name that ``name`` begins."""
        first = normalize(name.text.split(" ", 1)[0])
        for words in self._coordinated.get(first, ()):
            end = _end_of(words, text, name.start)
            if end is not None and end > name.end:
                return end, self._types[organization_form(text[name.start : end])]
        longer = self._texts.get(first)
        if not longer:
            return None
        for whole in sorted(longer, key=len, reverse=True):
            end = name.start + len(whole)
            goes_on = end > name.end and text.startswith(whole, name.start)
            if goes_on and not text[end : end + 1].isalnum():
                return end, longer[whole]
        return None


def _end_of(words: Sequence[tuple[str, ...]], text: str, start: int) -> int | None:
    """One past the words that stand at ``start``, the last one whole; ``None`` if they do not.

    Args:
        words: each with its spellings.
        text: the whole text.
        start: a code point.
    """
    end = start
    for i, spellings in enumerate(words):
        if i:
            space = _SPACE.match(text, end)
            if not space:
                return None
            end = space.end()
        word = next((word for word in spellings if text.startswith(word, end)), None)
        if word is None:
            return None
        end += len(word)
    return end if _BORDER.match(text, end) else None


def _join_firms(names: Sequence[NameT], text: str) -> list[NameT]:
    if "&" not in text:
        return list(names)
    given = {name.text.split()[0] for name in names if " " in name.text}
    joined: list[NameT] = []
    for name in names:
        before = joined[-1] if joined else None
        if (
            before
            and name.start - before.end <= _LONGEST_JOINT
            and _is_firm(before, name, text)
            and before.text not in given
        ):
            both = text[before.start : name.end]
            joined[-1] = replace(before, end=name.end, text=both, type=EntityType.ORGANIZATION)
        else:
            joined.append(name)
    return joined


def _is_firm(one: NameT, other: NameT, text: str) -> bool:
    """Whether "&" joins two single words that are tagged as persons or organisations."""
    if " " in other.text or not {one.type, other.type} <= _FIRMS or other.text.isupper():
        return False
    left, ampersand, rest = text[one.start : other.start].partition("&")
    form = normalize(left)
    return (
        bool(ampersand) and not rest.strip() and " " not in left.strip() and form not in GIVEN_NAMES
    )
