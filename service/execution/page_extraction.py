"""Extraction of articles from pages, in child processes that can be killed.

The parser cannot be interrupted, and some pages cost it seconds or gigabytes. A child process has a
limit of memory and, for each page, of processor time, so that a busy machine makes no page too
complex. It is killed when nothing waits for its article any more.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from queue import Empty, LifoQueue

import msgspec

from service.enrichment.page_article import PageArticle
from service.execution.errors import PageTooComplex
from service.execution.page_process import LENGTH, MEMORY_BYTES, PAGE_HEADER

BASE_SECONDS = 3.0
"""Most processor time for a page, plus one second for each :data:`BYTES_PER_SECOND`."""

BYTES_PER_SECOND = 256 * 1024
MAX_SECONDS = 10.0
"""Most processor time for a page of any size."""

_CHECK_SECONDS = 0.1
_PIPE_BYTES = 64 * 1024


class PageExtractor:
    """Extracts articles in child processes, which it starts when it first needs them.

    Several threads may use it at once.

    Args:
        processes: most pages that are parsed at the same time.
        memory_bytes: most address space that a page may take.
    """

    def __init__(self, processes: int = 2, memory_bytes: int = MEMORY_BYTES) -> None:
        self._memory_bytes = memory_bytes
        self._idle: LifoQueue[_Child | None] = LifoQueue()
        for _ in range(processes):
            self._idle.put(None)

    def extract(self, page: str, check: Callable[[], None]) -> PageArticle:
        """The article in a page.

        See :func:`~service.enrichment.html_extraction.extract_article`.

        Args:
            page: of HTML.
            check: called ten times a second. Its exceptions propagate and end the work.

        Raises:
            PageTooComplex: the page takes more processor time or memory than a page may.
        """
        child = self._take(check)
        try:
            if child is not None and not child.alive:
                child.kill()
                child = None
            if child is None:
                child = _Child(self._memory_bytes)
                child.receive(check)
            child.send(page, check)
            reply = child.receive(check)
        except BaseException:
            if child is not None:
                child.kill()
            self._idle.put(None)
            raise
        self._idle.put(child)
        if isinstance(reply, str):
            raise PageTooComplex("memory" if reply == "memory" else "its parser")
        if reply is None:
            raise PageTooComplex("its parser")
        return reply

    def close(self) -> None:
        """End the idle processes."""
        children = []
        while True:
            try:
                children.append(self._idle.get_nowait())
            except Empty:
                break
        for child in children:
            if child is not None:
                child.kill()
            self._idle.put(None)

    def _take(self, check: Callable[[], None]) -> _Child | None:
        while True:
            check()
            try:
                return self._idle.get(timeout=_CHECK_SECONDS)
            except Empty:
                continue


class _Child:
    """One process of :mod:`service.execution.page_process`, used by one thread at a time."""

    def __init__(self, memory_bytes: int) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - starts this interpreter
            [sys.executable, "-m", "service.execution.page_process", str(memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        pipes = (self._process.stdin, self._process.stdout)
        self._input, self._output = (pipe.fileno() for pipe in pipes if pipe)
        os.set_blocking(self._input, False)
        self._seconds = 0.0

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()

    def send(self, page: str, check: Callable[[], None]) -> None:
        message = msgspec.json.encode(page)
        self._seconds = min(MAX_SECONDS, BASE_SECONDS + len(message) / BYTES_PER_SECOND)
        rest = memoryview(PAGE_HEADER.pack(len(message), self._seconds) + message)
        while rest:
            _wait(self._input, select.POLLOUT, check)
            try:
                rest = rest[os.write(self._input, rest[:_PIPE_BYTES]) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                raise self._end() from None

    def receive(self, check: Callable[[], None]) -> PageArticle | str | None:
        (length,) = LENGTH.unpack(self._read(LENGTH.size, check))
        return msgspec.json.decode(self._read(length, check), type=PageArticle | str | None)

    def _read(self, size: int, check: Callable[[], None]) -> bytes:
        message = bytearray()
        while len(message) < size:
            _wait(self._output, select.POLLIN, check)
            piece = os.read(self._output, size - len(message))
            if not piece:
                raise self._end()
            message += piece
        return bytes(message)

    def _end(self) -> PageTooComplex:
        """The error for a page during which the process has ended."""
        if self._process.wait() == -signal.SIGPROF:
            return PageTooComplex("time", self._seconds)
        return PageTooComplex("memory")  # without which C code crashes, or the kernel kills it


def _wait(file: int, event: int, check: Callable[[], None]) -> None:
    poll = select.poll()
    poll.register(file, event)
    while not poll.poll(1000 * _CHECK_SECONDS):
        check()
