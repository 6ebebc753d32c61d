"""Streams of lines: read as they arrive, processed in parallel, answered in order.

A client may send all of its lines before it reads the first response, so that reading must never
wait for writing: a separate thread reads the lines, and those that wait are spooled to disk.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Executor, Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import suppress
from threading import Event, Thread

from service.api.draining import ENDING
from service.api.errors import StreamIdle, StreamInterrupted
from service.api.line_spool import Line, LineSpool, SpoolBudget

STOPPING = Event()
"""Set when this process has received the signal to stop."""

_AHEAD_BYTES = 256 * 1024  # of the lines that are processed, since responses are far longer
_POLL_SECONDS = 0.5  # between checks of STOPPING while no line arrives


def split_lines(pieces: Iterable[bytes], limit: int) -> Iterator[bytes | None]:
    """Split a text that arrives in pieces into lines.

    Args:
        pieces: of any lengths.
        limit: most bytes of a line.

    Yields:
        Each line without its end; ``None`` in place of a line above ``limit``, which is never held
        in memory. Text after the last line end is a line unless it is empty.
    """
    partial_line = bytearray()
    too_long = False
    for piece in pieces:
        *ended, rest = piece.split(b"\n")
        for part in ended:
            if too_long or len(partial_line) + len(part) > limit:
                yield None
            else:
                yield bytes(partial_line + part)
            partial_line.clear()
            too_long = False
        partial_line += rest
        if len(partial_line) > limit:
            partial_line.clear()
            too_long = True
    if partial_line or too_long:
        yield None if too_long else bytes(partial_line)


def answer_lines(
    pieces: Iterable[bytes],
    limit: int,
    answer: Callable[[Line], bytes],
    executor: Executor,
    ahead: int,
    budget: SpoolBudget,
    must_end: Callable[[], bool] = lambda: False,
) -> Generator[bytes]:
    """Answer the lines of a stream in order, each as soon as possible.

    When the iterator is closed early, lines that have not been started are discarded.

    Args:
        pieces: the stream, in pieces of any length.
        limit: most bytes of a line.
        answer: the response to a line; must not raise.
        executor: runs ``answer``.
        ahead: most lines that are processed, or finished and waiting for an earlier one. Of long
            lines, there are fewer.
        budget: of the lines that wait.
        must_end: whether a stream that waits for its next line has to end.

    Raises:
        StreamIdle: ``must_end`` returned true.
        StreamInterrupted: :data:`STOPPING` was set, or :data:`ENDING` within a line.
        Exception: the error of reading ``pieces``, once all lines before it are answered.
    """
    spool = LineSpool(budget)
    Thread(target=_fill, args=(spool, pieces, limit), daemon=True).start()
    pending: deque[tuple[Future[bytes], int]] = deque()
    count = 0
    try:
        while True:
            while len(pending) < ahead and sum(size for _, size in pending) < _AHEAD_BYTES:
                line = _next_line(spool, not pending, must_end)
                if line is None:
                    break
                pending.append((executor.submit(answer, line), len(line.content or b"")))
            if not pending:
                if not spool.exhausted and not STOPPING.is_set():
                    raise StreamIdle
                break
            yield _result_of(pending[0][0], count)
            pending.popleft()
            count += 1
        if not spool.exhausted:  # STOPPING is set
            raise StreamInterrupted(count)
        if spool.error:
            raise spool.error
    finally:
        for future, _ in pending:
            future.cancel()
        spool.close()


def _result_of(future: Future[bytes], count: int) -> bytes:
    """The response to a line, after ``count`` others.

    Raises:
        StreamInterrupted: :data:`ENDING` is set and the line is not finished.
    """
    result: bytes | None = None
    while result is None and not ENDING.is_set():
        with suppress(FutureTimeout):
            result = future.result(_POLL_SECONDS)
    if result is None or ENDING.is_set():  # the work for the line has been stopped
        raise StreamInterrupted(count)
    return result


def _next_line(spool: LineSpool, wait: bool, must_end: Callable[[], bool]) -> Line | None:
    """The next line of a stream; ``None`` if there is none.

    Args:
        spool: the lines.
        wait: whether to wait for a line, until the spool ends or STOPPING is set.
        must_end: ends the wait, too.
    """
    while not STOPPING.is_set():
        line = spool.get(_POLL_SECONDS if wait else 0)
        if line is not None:
            return line
        if not wait or spool.exhausted or must_end():
            break
    return None


def _fill(spool: LineSpool, pieces: Iterable[bytes], limit: int) -> None:
    """Spool the lines of a stream until it ends or the spool is closed."""
    error: Exception | None = None
    try:
        for content in split_lines(pieces, limit):
            try:
                open_for_more = spool.put(content)
            except OSError as cause:
                raise RuntimeError("No disk space for queued lines.") from cause
            if not open_for_more:
                break
    except Exception as reason:  # raised again in the thread that reads the spool
        error = reason
    spool.end(error)
