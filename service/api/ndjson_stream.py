"""Streams of lines: read as they come, worked on by all cores, answered in order.

A caller may write all of its lines before it reads the first answer, so reading must never wait for
writing: a thread of its own reads, and what cannot be worked on yet waits on disk.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile, gettempdir
from threading import Condition, Event, Thread
from typing import Any

MEMORY = 1024**2
"""Bytes of waiting lines that are held in memory; further ones go to disk."""

BACKLOG = 256 * 1024**2
"""Bytes of waiting lines from which on the caller has to wait."""

_TICK = 0.5  # seconds between looks at whether the server is stopping
_HEADER = struct.Struct("<?I")

STOPPING = Event()
"""Set when this process has been told to end."""


@dataclass(frozen=True)
class Line:
    """One line: its number, from 1 on, and its bytes; ``None`` when it is too long to be read."""

    number: int
    content: bytes | None


def split_lines(pieces: Iterable[bytes], limit: int) -> Iterator[bytes | None]:
    """The lines of a text that comes in pieces.

    Args:
        pieces: of any lengths.
        limit: most bytes of a line.

    Returns:
        Each line without its end; ``None`` in place of one with more bytes than ``limit``, which
        are never held in memory. What follows the last line end is a line if it is not empty.
    """
    held = bytearray()
    too_long = False
    for piece in pieces:
        *ended, rest = piece.split(b"\n")
        for part in ended:
            if too_long or len(held) + len(part) > limit:
                yield None
            else:
                yield bytes(held + part)
            held.clear()
            too_long = False
        held += rest
        if len(held) > limit:
            held.clear()
            too_long = True
    if held or too_long:
        yield None if too_long else bytes(held)


class Spool:
    """A queue of lines between two threads: in memory, and then on disk, if there is one."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=MEMORY)  # noqa: SIM115  closed by close()
        self._room = BACKLOG
        try:
            gettempdir()
        except FileNotFoundError:  # nowhere to write
            self._room = MEMORY
        self._changed = Condition()
        self._read = self._written = self._number = 0
        self._ended = self._closed = False
        self.fault: Exception | None = None
        """Why the lines ended before their end."""

    def put(self, content: bytes | None) -> bool:
        """Append a line once there is room for it. False when nobody wants it any more."""
        with self._changed:
            while self._written - self._read > self._room and not self._closed:
                self._changed.wait()
            if self._closed:
                return False
            self._file.seek(self._written)
            self._file.write(_HEADER.pack(content is None, len(content or b"")))
            self._file.write(content or b"")
            self._written = self._file.tell()
            self._changed.notify_all()
            return True

    def end(self, fault: Exception | None = None) -> None:
        """Say that no more lines come, and why if that is too early."""
        with self._changed:
            self._ended, self.fault = True, fault
            self._changed.notify_all()

    def get(self, wait: float) -> Line | None:
        """Take the next line out; ``None`` if there is none within ``wait`` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._read < self._written or self._ended, wait)
            if self._read == self._written:
                return None
            self._file.seek(self._read)
            too_long, length = _HEADER.unpack(self._file.read(_HEADER.size))
            content = self._file.read(length)
            self._read = self._file.tell()
            if self._read == self._written:
                self._file.seek(0)
                self._file.truncate()
                self._read = self._written = 0
            self._changed.notify_all()
            self._number += 1
            return Line(self._number, None if too_long else content)

    @property
    def exhausted(self) -> bool:
        """Whether all lines have come and been taken out."""
        with self._changed:
            return self._ended and self._read == self._written

    def close(self) -> None:
        """Forget what is waiting, and take no more."""
        with self._changed:
            self._closed = True
            self._file.close()
            self._changed.notify_all()


class BrokenOff(Exception):
    """The server has to end before the lines do. ``taken`` of them have been answered."""

    def __init__(self, taken: int) -> None:
        super().__init__(taken)
        self.taken = taken


def answers(
    pieces: Iterable[bytes],
    limit: int,
    work: Callable[[Line], bytes],
    executor: Executor,
    ahead: int,
) -> Iterator[bytes]:
    """The answer to each line, in order, the first ones long before the last line has come.

    When the iterator is closed early, what has not been begun is not begun any more.

    Args:
        pieces: the lines, in pieces of any length.
        limit: most bytes of a line.
        work: answers a line; must not raise.
        executor: what runs it.
        ahead: most lines that are worked on, or done and waiting for one before them, at once.

    Raises:
        BrokenOff: :data:`STOPPING` was set.
        Exception: what reading ``pieces`` raised, once all lines before are answered.
    """
    spool = Spool()
    Thread(target=_fill, args=(spool, pieces, limit), daemon=True).start()
    pending: deque[Future[bytes]] = deque()
    taken = 0
    try:
        while True:
            while len(pending) < ahead and not STOPPING.is_set():
                line = spool.get(0 if pending else _TICK)
                if line is not None:
                    taken = line.number
                    pending.append(executor.submit(work, line))
                elif pending or spool.exhausted:
                    break
            if pending:
                yield pending.popleft().result()
            elif STOPPING.is_set() and not spool.exhausted:
                raise BrokenOff(taken)
            else:
                break
        if spool.fault:
            raise spool.fault
    finally:
        for future in pending:
            future.cancel()
        spool.close()


def _fill(spool: Spool, pieces: Iterable[bytes], limit: int) -> None:
    try:
        for content in split_lines(pieces, limit):
            try:
                wanted = spool.put(content)
            except OSError as error:
                raise RuntimeError("There is no room for the lines that wait.") from error
            if not wanted:
                return
    except Exception as error:
        spool.end(error)
    else:
        spool.end()


def available_pieces(stream: Any) -> Iterator[bytes]:
    """The body of a request in pieces as they come.

    gunicorn's own ``read`` waits until as much is there as it was asked for; a caller who waits
    for the answer to a line before it sends the next would wait forever.

    Args:
        stream: ``wsgi.input``.
    """
    reader = getattr(stream, "reader", None)
    if reader is None:  # another server, such as a test's
        while piece := stream.read(64 * 1024):
            yield piece
        return
    while first := reader.read(1):
        held = reader.buf if hasattr(reader, "buf") else reader.unreader.buf
        rest = reader.read(held.tell()) if held.tell() else b""
        yield first + rest
