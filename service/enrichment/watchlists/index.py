"""The index of watch lists: finds the names of all entries in one pass over a text.

An Aho-Corasick automaton (Aho & Corasick 1975) finds the names, whatever their number. It holds
numbers only, and the entries are packed into one string of bytes, so that 100,000 entries take tens
of megabytes, which processes share that are forked after the index was built.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import NamedTuple

import msgspec
import numpy as np
from ahocorasick_rs import AhoCorasick, Implementation, MatchKind
from numpy.typing import NDArray

from service.enrichment.bounds import Bounds, Check, no_check
from service.enrichment.watchlists.entries import Entry, ListIdentity
from service.enrichment.watchlists.folding import (
    FoldedText,
    fold,
    is_word_character,
    lower_case,
)

_CACHED_ENTRIES = 4096
_PIECE = 1 << 16
"""Code points of a text that are searched at once, which bounds the memory for matches."""


class UnknownList(Exception):
    """There is no list of that name.

    Attributes:
        name: that was asked for.
        known: names of the lists.
    """

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(name, known)
        self.name, self.known = name, known


@dataclass(frozen=True)
class ListMatch:
    """A place where a text has a name of an entry.

    Attributes:
        start: first code point.
        end: one past the last code point.
        list: name of the list.
        number: of the entry among those of all lists.
        entry: whose name it is.
    """

    start: int
    end: int
    list: str
    number: int
    entry: Entry


@dataclass(frozen=True)
class _Unpacked:
    """An entry with its names and context words in the form in which they are compared."""

    entry: Entry
    names: frozenset[str]
    required: frozenset[str]
    excluded: frozenset[str]


class ListContent(NamedTuple):
    """A list that is read one entry at a time.

    Attributes:
        name: of the list.
        digest: ``sha256:`` and the hash of its file.
        entries: of the list.
    """

    name: str
    digest: str
    entries: Iterable[Entry]


class WatchlistIndex:
    """Finds the entries of all lists of a server. Several threads may use it at once.

    Args:
        lists: by name. Names of entries without letters and digits are never found.
    """

    def __init__(self, lists: Iterable[ListContent]) -> None:
        patterns, types = _Patterns(), set[str | None]()
        identities = []
        packed, ends = bytearray(), array("q", [0])
        self._first_entries = array("q")
        for each in lists:
            first = len(ends) - 1
            self._first_entries.append(first)
            for number, entry in enumerate(each.entries, first):
                patterns.add(number, entry)
                packed += msgspec.msgpack.encode(entry)
                ends.append(len(packed))
                types.add(entry.type)
            count = len(ends) - 1 - first
            identities.append(ListIdentity(each.name, count, each.digest))
        self.lists = tuple(identities)
        """The lists by name."""
        self.types = frozenset(type_ for type_ in types if type_)
        """The entity types in the lists."""
        self._automaton, self._longest = patterns.automaton(), patterns.longest
        self._first_uses, self._uses = patterns.uses()
        # Not a method, whose cache would be in a reference cycle with the index: that of earlier
        # lists would stay in memory until a full collection.
        self._unpack = lru_cache(_CACHED_ENTRIES)(partial(_unpack_entry, packed, ends))

    def select(self, names: Iterable[str] | None = None) -> ListSelection | None:
        """Some of the lists.

        Args:
            names: of the lists; ``None`` for all.

        Returns:
            ``None`` if there are none.

        Raises:
            UnknownList: there is no list of one of the names.
        """
        known = tuple(each.name for each in self.lists)
        for name in names or ():
            if name not in known:
                raise UnknownList(name, known)
        wanted = known if names is None else set(names)
        numbers = frozenset(i for i, name in enumerate(known) if name in wanted)
        return ListSelection(self, numbers) if numbers else None

    def find(
        self,
        text: str,
        lists: frozenset[int],
        bounds: Bounds | None = None,
        check: Check = no_check,
    ) -> list[ListMatch]:
        """Find the names of entries that stand between word borders.

        A name inside of a longer name of the same entry does not count.

        Args:
            text: of any length.
            lists: positions in :attr:`lists`.
            bounds: most matches.
            check: called for each match. Its exceptions propagate.

        Returns:
            The matches by position, then by list and entry.

        Raises:
            BoundExceeded: there are more matches than mentions allowed.
        """
        folded = FoldedText.of(text)
        lower, words = folded.lower, set[str]()
        found: list[tuple[int, int, int]] = []
        for pattern, start, end in self._spans(lower):
            if _between_borders(lower, start, end):
                check()
                words.add(lower[start:end])
                uses = self._uses[self._first_uses[pattern] : self._first_uses[pattern + 1]]
                found += [(start, end, n) for n in uses.tolist() if self._list_of(n) in lists]
                if bounds:
                    bounds.check_mentions(len(found))
        applying = (
            (start, end, number)
            for start, end, number in found
            if _applies(self._unpack(number), folded.text[start:end], words)
        )
        return [
            ListMatch(
                *folded.source_span(start, end),
                self.lists[self._list_of(number)].name,
                number,
                self._unpack(number).entry,
            )
            for start, end, number in sorted(_longest(applying))
        ]

    def _spans(self, text: str) -> Iterator[tuple[int, int, int]]:
        """The number, start and end of each pattern in a text, piece by piece.

        Pieces overlap, so that each pattern lies in one as a whole.
        """
        if self._automaton is not None:
            for begin in range(0, len(text), _PIECE):
                piece = text[begin : begin + _PIECE + self._longest - 1]
                found = self._automaton.find_matches_as_indexes(piece, overlapping=True)
                for pattern, start, end in found:
                    if start < _PIECE:
                        yield pattern, begin + start, begin + end

    def _list_of(self, number: int) -> int:
        """Position of the list that has an entry."""
        return bisect_right(self._first_entries, number) - 1


@dataclass(frozen=True)
class ListSelection:
    """The lists of one request."""

    index: WatchlistIndex
    numbers: frozenset[int]

    @property
    def lists(self) -> tuple[ListIdentity, ...]:
        """The lists by name."""
        return tuple(self.index.lists[number] for number in sorted(self.numbers))

    @property
    def version(self) -> str:
        """Identifies the lists and their content."""
        return " ".join(f"{each.name} {each.digest}" for each in self.lists)

    def find(
        self, text: str, bounds: Bounds | None = None, check: Check = no_check
    ) -> list[ListMatch]:
        """See :meth:`WatchlistIndex.find`."""
        return self.index.find(text, self.numbers, bounds, check)


class _Patterns:
    """The patterns of the automaton: folded names and context words, in lower case.

    Attributes:
        longest: code points of the longest one.
    """

    def __init__(self) -> None:
        self.longest = 1
        self._numbers: dict[str, int] = {}
        self._used, self._users = array("q"), array("q")

    def add(self, number: int, entry: Entry) -> None:
        """Add the names and the context words of an entry."""
        for pattern in {self._number(name) for name in entry.names}:
            if pattern is not None:
                self._used.append(pattern)
                self._users.append(number)
        for word in (*entry.required, *entry.excluded):
            self._number(word)

    def _number(self, name: str) -> int | None:
        pattern = lower_case(fold(name))
        if not any(map(str.isalnum, pattern)):
            return None
        self.longest = max(self.longest, len(pattern))
        return self._numbers.setdefault(pattern, len(self._numbers))

    def automaton(self) -> AhoCorasick | None:
        """The automaton; ``None`` without patterns."""
        if not self._numbers:
            return None
        return AhoCorasick(
            self._numbers,
            matchkind=MatchKind.Standard,
            store_patterns=False,
            implementation=Implementation.ContiguousNFA,
        )

    def uses(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The entries that have the name of each pattern.

        Returns:
            Where the entries of each pattern begin, shape ``(patterns + 1,)``; all the entries.
        """
        used = np.frombuffer(self._used, np.int64) if self._used else np.empty(0, np.int64)
        users = np.frombuffer(self._users, np.int64) if self._users else np.empty(0, np.int64)
        order = np.argsort(used, kind="stable")
        firsts = np.searchsorted(used[order], np.arange(len(self._numbers) + 1))
        return firsts, users[order]


def _unpack_entry(packed: bytearray, ends: array[int], number: int) -> _Unpacked:
    entry = msgspec.msgpack.decode(packed[ends[number] : ends[number + 1]], type=Entry)
    return _Unpacked(
        entry,
        frozenset(map(fold, entry.names)),
        frozenset(lower_case(fold(word)) for word in entry.required),
        frozenset(lower_case(fold(word)) for word in entry.excluded),
    )


def _between_borders(text: str, start: int, end: int) -> bool:
    return not (
        (start > 0 and is_word_character(text[start - 1]))
        or (end < len(text) and is_word_character(text[end]))
    )


def _applies(unpacked: _Unpacked, name: str, words: set[str]) -> bool:
    """Whether the case and the words of the article suit an entry."""
    if unpacked.entry.case_sensitive and name not in unpacked.names:
        return False
    if unpacked.required and words.isdisjoint(unpacked.required):
        return False
    return words.isdisjoint(unpacked.excluded)


def _longest(found: Iterable[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """The spans that are not part of a longer span of the same entry."""
    longest: list[tuple[int, int, int]] = []
    ends: dict[int, int] = {}
    for start, end, entry in sorted(found, key=lambda span: (span[0], -span[1])):
        if end > ends.get(entry, 0):
            ends[entry] = end
            longest.append((start, end, entry))
    return longest
