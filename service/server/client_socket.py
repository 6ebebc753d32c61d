"""A socket whose sender never waits for a slow client."""

from __future__ import annotations

import errno
import socket
import struct
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from socket import MSG_DONTWAIT, SHUT_RDWR, SO_LINGER, SOL_SOCKET
from threading import Condition
from typing import Any

BACKLOG_BYTES = 1024**2
"""Bytes of a response that wait for the client before the next ``sendall`` blocks its thread."""

_FLUSH_BYTES = 256 * 1024  # per call, so that one fast client does not delay the others


class ClientSocket(socket.socket):
    """The server's end of a connection.

    A response that the client does not take at once waits in a backlog, which the event loop sends
    with :meth:`flush`. A thread waits only to add to a backlog above :data:`BACKLOG_BYTES`, as
    streams do.

    Attributes:
        on_backlog: Called from the sending thread when the backlog becomes non-empty.
        allows_pauses: Whether the client may pause for a while, as in a stream.
        response_started: Whether bytes of a response to the current request have been sent.
        failed: Whether the client has disconnected or was given up.
        backlog_bytes: Bytes of responses that wait for the client.
        last_progress: When bytes last went either way, on the clock of :func:`time.monotonic`.
    """

    def __init__(self, connection: socket.socket) -> None:
        super().__init__(fileno=connection.detach())
        self.on_backlog: Callable[[], None] = lambda: None
        self.allows_pauses = False
        self.response_started = False
        self.last_progress = time.monotonic()
        self.backlog_bytes = 0
        self._backlog: deque[memoryview] = deque()
        self.failed = False
        self._changed = Condition()

    def recv(self, *args: Any) -> bytes:
        """Receive as :meth:`socket.socket.recv`."""
        received = super().recv(*args)
        self.last_progress = time.monotonic()
        return received

    def send(self, data: Any, *_: Any) -> int:
        """Send an interim response, such as 100 Continue, and return its number of bytes."""
        self._append(data)
        return len(data)

    def sendall(self, data: Any, *_: Any) -> None:
        """Send what the client takes at once, and keep the rest in the backlog.

        Raises:
            BrokenPipeError: The client disconnected or is too slow.
        """
        self._append(data, response=True)

    def _append(self, data: Any, response: bool = False) -> None:
        rest = memoryview(data)
        with self._changed:
            self._changed.wait_for(lambda: self.failed or self.backlog_bytes <= BACKLOG_BYTES)
            if self.failed:
                raise BrokenPipeError(errno.EPIPE, "The connection has failed.")
            self.response_started |= response
            rest = memoryview(self._encode(rest))
            started = not self._backlog
            if started:
                rest = rest[self._send_now(rest) :]
            if not rest:
                return
            self._backlog.append(rest)
            self.backlog_bytes += len(rest)
        if started:
            self.on_backlog()

    def flush(self) -> int:
        """Send from the backlog what the client takes at once and return the number of bytes."""
        total = 0
        with self._changed:
            while self._backlog and total < _FLUSH_BYTES:
                piece = self._backlog[0]
                part = piece[:_FLUSH_BYTES]
                try:
                    sent = self._send_now(part)
                except OSError:
                    self._give_up()
                    break
                total += sent
                self.backlog_bytes -= sent
                if sent == len(piece):
                    self._backlog.popleft()
                else:
                    self._backlog[0] = piece[sent:]
                if sent < len(part):
                    break
            self._changed.notify_all()
        return total

    def fail(self) -> None:
        """Discard the backlog; every later ``sendall`` raises an error."""
        with self._changed:
            self._give_up()
            self._changed.notify_all()
        with suppress(OSError):  # closing discards what the kernel has queued for the client
            self.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("@ii", 1, 0))
        self.interrupt()

    def interrupt(self) -> None:
        """Shut the connection down, which wakes a thread that waits to receive."""
        with suppress(OSError):  # the client has disconnected
            self.shutdown(SHUT_RDWR)

    def refuse_later_responses(self, response: bytes) -> bool:
        """Send ``response`` in place of that of a thread, unless the thread has begun to send.

        Every later ``sendall`` raises an error.
        """
        with self._changed:
            if self.response_started:
                return False
            self.response_started = self.failed = True
            try:
                self._send_now(memoryview(self._encode(response)))
            except OSError:
                return False
            return True

    def _encode(self, data: Any) -> Any:
        """What to send for ``data``; called under the lock, in the order of sending."""
        return data

    def _give_up(self) -> None:
        self.failed = True
        self._backlog.clear()
        self.backlog_bytes = 0

    def _send_now(self, data: memoryview) -> int:
        try:
            sent = super().send(data, MSG_DONTWAIT)
        except BlockingIOError:
            return 0
        self.last_progress = time.monotonic()
        return sent
