"""The child process that extracts articles from pages, started by :mod:`page_extraction`.

Reads pages from standard input: a :data:`PAGE_HEADER` and a JSON string each. Writes replies to
standard output: a :data:`LENGTH` and JSON each, either a
:class:`~service.enrichment.page_article.PageArticle` or a string that names an error. Exits at the
end of its input, and by SIGPROF when a page takes more processor time than it may.
"""

from __future__ import annotations

import os
import resource
import signal
import struct
import sys
from contextlib import suppress
from typing import BinaryIO

import msgspec

from service.execution import memory

LENGTH = struct.Struct(">I")
"""Bytes of a reply."""

PAGE_HEADER = struct.Struct(">Id")
"""Bytes of a page, and most seconds of processor time for it."""

MEMORY_BYTES = 768 * 1024**2
"""Most address space that a page may add to that of the process after its start."""


def main() -> None:
    """Serve pages until the end of the input; the argument is the limit in bytes."""
    pages = sys.stdin.buffer
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a stray print must not corrupt a reply
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to the whole group
    from service.enrichment.html_extraction import extract_article

    extract_article("<p>Loads what a first page needs.</p>")
    memory.settle()
    _offer_to_kernel()
    _limit_memory(int(sys.argv[1]))
    _write(replies, None)
    while header := pages.read(PAGE_HEADER.size):
        length, seconds = PAGE_HEADER.unpack(header)
        page = msgspec.json.decode(pages.read(length), type=str)
        # The default action of the signal ends even a parser that never returns to Python.
        signal.setitimer(signal.ITIMER_PROF, seconds)
        try:
            reply: object = extract_article(page)
        except MemoryError:
            reply = "memory"
        except Exception as error:  # of the parser; the message may quote the page
            reply = type(error).__name__
        signal.setitimer(signal.ITIMER_PROF, 0)
        del page
        _write(replies, reply)
        del reply
        memory.trim()


def _offer_to_kernel() -> None:
    """When memory runs out, the kernel ends this process before a worker, which loses no page."""
    with suppress(OSError), open("/proc/self/oom_score_adj", "w") as score:
        score.write("1000")


def _limit_memory(memory_bytes: int) -> None:
    with open("/proc/self/statm") as statm:
        used = int(statm.read().split()[0]) * resource.getpagesize()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = used + memory_bytes
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _write(replies: BinaryIO, reply: object) -> None:
    message = msgspec.json.encode(reply)
    replies.write(LENGTH.pack(len(message)) + message)
    replies.flush()


if __name__ == "__main__":
    main()
