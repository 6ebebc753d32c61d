"""Bounds the text that a worker processes at the same time, and with it the worker's memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from service.execution.errors import Overloaded
from service.execution.job import JobLimits

MAX_CHARACTERS = 2 * 1024**2
"""Code points. Each takes up to 100 bytes while its article is processed."""

_CHECK_SECONDS = 0.25  # between two looks at the limits of a waiting article
_RETRY_SECONDS = 5  # after which the longest articles may have ended


class TextBudget:
    """The text of all articles of a worker that are read from the cache, processed or encoded.

    Args:
        size: most code points at the same time. A longer article waits until it is alone.
    """

    def __init__(self, size: int = MAX_CHARACTERS) -> None:
        self._size = size
        self._held = 0
        self._changed = Condition()

    @contextmanager
    def hold(self, characters: int, limits: JobLimits) -> Iterator[None]:
        """Hold the place of an article for the duration of the ``with`` block.

        Args:
            characters: code points of text and title.
            limits: an article that is not bounded waits for its place.

        Raises:
            Overloaded: there is no place for the article, and it is bounded.
            DeadlineExceeded: the deadline has passed.
            ClientDisconnected: the client has closed its connection.
        """
        with self._changed:
            while self._held and self._held + characters > self._size:
                if limits.bounded:
                    raise Overloaded(_RETRY_SECONDS)
                self._changed.wait(_CHECK_SECONDS)
                limits.check()
            self._held += characters
        try:
            yield
        finally:
            with self._changed:
                self._held -= characters
                self._changed.notify_all()
