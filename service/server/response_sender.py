"""Sends responses to slow clients from the event loop, within limits of time and memory."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from selectors import EVENT_WRITE, BaseSelector

from gunicorn.workers.gthread import TConn

BASE_SECONDS = 10.0
"""Time for a client to take a response, plus one second for each :data:`BYTES_PER_SECOND`."""

BYTES_PER_SECOND = 32 * 1024

PAUSE_SECONDS = 60.0
"""Time limit for a stream that neither sends nor receives a byte while a response waits."""

TOTAL_BYTES = 64 * 1024**2
"""Bytes of responses that wait in a worker; above it, the slowest client is disconnected."""

_GRACE_SECONDS = 1.0  # before the rate of a client is judged


@dataclass
class _Progress:
    started: float
    sent: int = 0

    def rate(self, now: float) -> float:
        return self.sent / max(now - self.started, 0.001)


class ResponseSender:
    """The connections whose responses wait for their clients. Used by the event loop only.

    Args:
        poller: The selector of the event loop.
    """

    def __init__(self, poller: BaseSelector) -> None:
        self._poller = poller
        self._progress: dict[TConn, _Progress] = {}
        self._then: dict[TConn, Callable[[], None]] = {}

    def watch(self, connection: TConn) -> None:
        """Send the backlog of ``connection`` as its client takes it."""
        if connection in self._progress or not connection.sock.backlog_bytes:
            return
        self._progress[connection] = _Progress(time.monotonic())
        self._poller.register(connection.sock, EVENT_WRITE, partial(self._flush, connection))

    def call_when_sent(self, connection: TConn, then: Callable[[], None]) -> None:
        """Call ``then`` when ``connection`` has no backlog; at once if it has none now."""
        self.watch(connection)
        if connection in self._progress:
            self._then[connection] = then
        else:
            then()

    def disconnect_slow(self) -> None:
        """Give up the clients that are too slow or whose responses take too much memory."""
        now = time.monotonic()
        for connection, progress in tuple(self._progress.items()):
            if connection.sock.allows_pauses:
                too_slow = now > connection.sock.last_progress + PAUSE_SECONDS
            else:
                limit = progress.started + BASE_SECONDS + progress.sent / BYTES_PER_SECOND
                too_slow = now > limit
            if too_slow:
                self._give_up(connection)
        total = sum(connection.sock.backlog_bytes for connection in self._progress)
        if total <= TOTAL_BYTES:
            return
        slowest_first = sorted(
            (
                connection
                for connection in self._progress
                if now > self._progress[connection].started + _GRACE_SECONDS
            ),
            key=lambda connection: self._progress[connection].rate(now),
        )
        for connection in slowest_first:
            total -= connection.sock.backlog_bytes
            self._give_up(connection)
            if total <= TOTAL_BYTES:
                break

    def _flush(self, connection: TConn, _: object) -> None:
        self._progress[connection].sent += connection.sock.flush()
        if not connection.sock.backlog_bytes:
            self._finish(connection)

    def _give_up(self, connection: TConn) -> None:
        connection.sock.fail()
        self._finish(connection)

    def _finish(self, connection: TConn) -> None:
        self._poller.unregister(connection.sock)
        del self._progress[connection]
        then = self._then.pop(connection, None)
        if then is not None:
            then()
