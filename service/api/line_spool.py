"""A queue of lines between two threads that keeps a long backlog on disk."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from io import BytesIO
from tempfile import SpooledTemporaryFile, gettempdir
from threading import Condition, Lock
from typing import IO

MEMORY = 1024**2
"""Bytes of queued lines in memory; more go to disk."""

_BUDGET_POLL_SECONDS = 0.2  # between tries to reserve bytes that other streams may have freed
_HEADER = struct.Struct("<?I")  # whether the line was too long, and its length in bytes


@dataclass(frozen=True)
class Line:
    """A line of a stream.

    Attributes:
        number: from 1 on.
        content: without its end; ``None`` for a line above the size limit.
    """

    number: int
    content: bytes | None


class SpoolBudget:
    """Bytes that the spools of all streams of a process may hold together.

    Args:
        size: most bytes.
    """

    def __init__(self, size: int) -> None:
        self._free = size
        self._lock = Lock()

    def take(self, size: int) -> bool:
        """Reserve ``size`` bytes. False if there are not as many."""
        with self._lock:
            if size > self._free:
                return False
            self._free -= size
            return True

    def give_back(self, size: int) -> None:
        """Return reserved bytes."""
        with self._lock:
            self._free += size


class LineSpool:
    """A first-in, first-out queue of lines for one writing and one reading thread.

    A line waits for its place in the budget, except that an empty queue always takes one line, so
    that every stream goes on. Where no directory for temporary files is writable, lines stay in
    memory, at most :data:`MEMORY` bytes and a line.

    Args:
        budget: shared by all streams.
    """

    def __init__(self, budget: SpoolBudget) -> None:
        self._budget = budget
        self._capacity: int | None = None
        self._file: IO[bytes]
        try:
            gettempdir()
            self._file = SpooledTemporaryFile(max_size=MEMORY)  # noqa: SIM115  closed by close()
        except FileNotFoundError:
            self._file = BytesIO()
            self._capacity = MEMORY
        self._reserved = 0
        self._condition = Condition()
        self._read_at = self._write_at = 0
        self._lines_read = 0
        self._ended = self._closed = False
        self.error: Exception | None = None
        """Why the lines ended early."""

    def put(self, content: bytes | None) -> bool:
        """Append a line; block while the queue is full.

        Returns:
            False if the queue has been closed.

        Raises:
            OSError: the disk is full.
        """
        size = _HEADER.size + len(content or b"")
        with self._condition:
            while not self._closed and not self._reserve(size):
                self._condition.wait(_BUDGET_POLL_SECONDS)
            if self._closed:
                return False
            self._file.seek(self._write_at)
            self._file.write(_HEADER.pack(content is None, len(content or b"")))
            self._file.write(content or b"")
            self._write_at = self._file.tell()
            self._condition.notify_all()
            return True

    def end(self, error: Exception | None = None) -> None:
        """Mark the end of the lines; ``error`` if they end early."""
        with self._condition:
            self._ended, self.error = True, error
            self._condition.notify_all()

    def get(self, timeout: float) -> Line | None:
        """Remove and return the next line; ``None`` if there is none within ``timeout`` seconds."""
        with self._condition:
            self._condition.wait_for(lambda: self._read_at < self._write_at or self._ended, timeout)
            if self._read_at == self._write_at:
                return None
            self._file.seek(self._read_at)
            too_long, length = _HEADER.unpack(self._file.read(_HEADER.size))
            content = self._file.read(length)
            self._read_at = self._file.tell()
            if self._read_at == self._write_at:
                self._empty()
            self._condition.notify_all()
            self._lines_read += 1
            return Line(self._lines_read, None if too_long else content)

    @property
    def exhausted(self) -> bool:
        """Whether the lines have ended and all of them have been removed."""
        with self._condition:
            return self._ended and self._read_at == self._write_at

    def close(self) -> None:
        """Discard the queued lines and accept no more."""
        with self._condition:
            self._closed = True
            self._file.close()
            self._budget.give_back(self._reserved)
            self._reserved = 0
            self._condition.notify_all()

    def _reserve(self, size: int) -> bool:
        """Reserve the place of a line at the end of the file, which keeps lines that were read."""
        if self._write_at == 0:
            return True
        if self._capacity is not None and self._write_at >= self._capacity:
            return False
        if not self._budget.take(size):
            return False
        self._reserved += size
        return True

    def _empty(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._read_at = self._write_at = 0
        self._budget.give_back(self._reserved)
        self._reserved = 0
