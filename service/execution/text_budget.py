"""Bounds the text that a worker processes at the same time, and with it the worker's memory."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition

from service.execution.errors import Overloaded
from service.execution.job import JobLimits, Share

MAX_CHARACTERS = 2 * 1024**2
"""Code points. Each takes up to 100 bytes while its article is processed."""

MAX_WAITING = 8
"""Most text of bounded articles that wait, which is in memory too, in sizes of the budget."""

_CHECK_SECONDS = 0.25  # between two looks at the limits of a waiting article
_RETRY_SECONDS = 5  # after which the longest articles may have ended


@dataclass
class _Caller:
    """What a caller uses of the budget.

    Attributes:
        turn: when its last article ended or, before that, when it came.
        weight: of its share.
        held: code points of its articles in progress.
        waiting: number of its articles that wait for their place.
    """

    turn: int
    weight: int = 1
    held: int = 0
    waiting: int = 0

    @property
    def load(self) -> float:
        """Code points in relation to the share."""
        return self.held / self.weight

    @property
    def rank(self) -> tuple[float, int]:
        """The waiting caller with the least is next."""
        return self.load, self.turn


class TextBudget:
    """The text of all articles of a worker that are read from the cache, processed or encoded.

    Callers take turns while articles wait: next is the one with the least text in relation to its
    share and, of several, the one that has been without text for longest. Others do not overtake
    it, even if theirs would fit: while a caller without text waits, at most one article of each
    other caller begins. Of the articles of one caller, those that fit go first.

    Args:
        size: most code points at the same time. A longer article waits until it is alone.
    """

    def __init__(self, size: int = MAX_CHARACTERS) -> None:
        self._size = size
        self._held = 0
        self._waiting = 0  # code points of bounded articles
        self._callers: dict[str, _Caller] = {}
        self._turns = itertools.count()
        self._changed = Condition()

    @contextmanager
    def hold(self, characters: int, limits: JobLimits) -> Iterator[None]:
        """Hold the place of an article for the duration of the ``with`` block.

        Args:
            characters: code points of text and title.
            limits: an article that is not bounded waits for its place. One that is bounded waits
                only for other callers: if one has as much text as its own or more, and if no other
                article of its own waits.

        Raises:
            Overloaded: there is no place for the article, and it does not wait.
            DeadlineExceeded: the deadline has passed.
            ClientDisconnected: the client has closed its connection.
        """
        with self._changed:
            caller = self._caller(limits.share)
            try:
                self._wait(caller, characters, limits)
                self._hold(caller, characters)
            finally:
                self._update()
        try:
            yield
        finally:
            with self._changed:
                self._hold(caller, -characters)
                caller.turn = next(self._turns)
                self._update()

    def _caller(self, share: Share) -> _Caller:
        caller = self._callers.setdefault(share.caller, _Caller(next(self._turns)))
        caller.weight = share.weight
        return caller

    def _wait(self, caller: _Caller, characters: int, limits: JobLimits) -> None:
        if self._is_next(caller, characters):
            return
        counted = characters if limits.bounded else 0
        full = self._waiting + counted > MAX_WAITING * self._size
        if limits.bounded and (full or not self._waits_for_others(caller)):
            raise Overloaded(_RETRY_SECONDS)
        self._waiting += counted
        caller.waiting += 1
        try:
            while not self._is_next(caller, characters):
                self._changed.wait(_CHECK_SECONDS)
                limits.check()
        finally:
            self._waiting -= counted
            caller.waiting -= 1

    def _is_next(self, caller: _Caller, characters: int) -> bool:
        fits = not self._held or self._held + characters <= self._size
        return fits and all(
            caller.rank <= other.rank for other in self._callers.values() if other.waiting
        )

    def _waits_for_others(self, caller: _Caller) -> bool:
        others = (other for other in self._callers.values() if other is not caller)
        return not caller.waiting and any(other.load >= caller.load for other in others)

    def _hold(self, caller: _Caller, characters: int) -> None:
        self._held += characters
        caller.held += characters

    def _update(self) -> None:
        """Forget callers without articles, and let those that wait look again."""
        self._callers = {
            name: caller for name, caller in self._callers.items() if caller.held or caller.waiting
        }
        self._changed.notify_all()
