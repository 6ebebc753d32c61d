"""Accepts connections, and spreads them evenly over the workers of a server.

Workers wait for connections at the same socket, and the kernel wakes all of them. Connections stay
with the worker that accepts them, so that a few long-lived ones may all belong to one worker while
others idle. A worker therefore leaves a new connection to those with fewer, for a moment: one of
them may be too busy to take it.
"""

from __future__ import annotations

import errno
import logging
import socket
import time
from typing import Any

from service.execution.worker_counts import WorkerCounts

_log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.001  # between two checks of a connection that is left to other workers
_LEAVE_SECONDS = 0.01  # after which a connection is accepted though others have fewer
_FORGET_SECONDS = 0.05  # after which a connection that is left counts as another one
_TURN_SECONDS = 0.2  # between two checks for room for connections
_EXHAUSTED_SECONDS = 0.5  # without file descriptors or memory for another connection
_EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)

connection_counts = WorkerCounts()
"""Open connections of each worker of this server that accepts more."""


class ConnectionGate:
    """Decides when a worker accepts a connection.

    Attributes:
        exhausted: whether there were no file descriptors or memory for the latest connection.

    Args:
        counts: open connections of each worker that accepts more.
    """

    def __init__(self, counts: WorkerCounts = connection_counts) -> None:
        self._counts = counts
        self._left_at = -_FORGET_SECONDS
        self._closed_until = 0.0
        self.exhausted = False

    @property
    def is_open(self) -> bool:
        """Whether the worker may wait for connections."""
        return time.monotonic() >= self._closed_until

    def publish(self, connections: int, accepting: bool) -> None:
        """Let other workers see the open connections of this one, if it accepts more."""
        if accepting:
            self._counts.set(connections)
        else:
            self._counts.withdraw()

    def accept(self, listener: socket.socket, connections: int) -> tuple[socket.socket, Any] | None:
        """Accept a connection; ``None``, and closed for a moment, if it has to wait.

        Args:
            listener: with a connection that waits.
            connections: open connections of this worker.

        Returns:
            As ``socket.accept``.
        """
        before, self.exhausted = self.exhausted, False
        if self._leaves(connections, time.monotonic()):
            self._closed_until = time.monotonic() + _LOOK_SECONDS
            return None
        try:
            accepted = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return None
        except OSError as error:
            if error.errno not in _EXHAUSTED:
                raise
            if not before:
                _log.warning("Cannot accept connections for a moment: %s", error.strerror)
            self.exhausted = True
            self._closed_until = time.monotonic() + _EXHAUSTED_SECONDS
            return None
        return accepted

    def look_within(self, timeout: float) -> float:
        """The seconds after which a worker that accepts no connections looks again.

        Args:
            timeout: most seconds.
        """
        pause = self._closed_until - time.monotonic()
        if pause < -_TURN_SECONDS:  # it is open, but the worker has no room
            return min(timeout, _TURN_SECONDS)
        return min(timeout, _TURN_SECONDS, max(pause, _LOOK_SECONDS))

    def _leaves(self, connections: int, now: float) -> bool:
        """Whether this worker leaves a connection that waits to the others."""
        if min(self._counts.all(), default=0) >= connections:
            return False
        if now >= self._left_at + _FORGET_SECONDS:
            self._left_at = now
        return now < self._left_at + _LEAVE_SECONDS
