"""The child process that extracts articles from pages, started by :mod:`page_extraction`.

Reads pages from standard input and writes replies to standard output, each as a length of four
bytes and JSON: a :class:`~service.enrichment.page_article.PageArticle`, or a string that names an
error. Exits at the end of its input.
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
"""The length before each message."""

MEMORY_BYTES = 768 * 1024**2
"""Most address space that a page may add to that of the process after its start."""

LONGEST_SECONDS = 120
"""After which the process ends by itself, in case nothing is left that could kill it."""


def main() -> None:
    """Serve pages until the end of the input; the argument is the limit in bytes."""
    pages = sys.stdin.buffer
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a stray print must not corrupt a reply
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to the whole group
    from service.enrichment.html_extraction import extract_article

    extract_article("<p>Loads what a first page needs.</p>")
    memory.settle()
    _offer_to_kernel()
    _limit_memory(int(sys.argv[1]))
    _write(replies, None)
    while header := pages.read(LENGTH.size):
        page = msgspec.json.decode(pages.read(*LENGTH.unpack(header)), type=str)
        signal.alarm(LONGEST_SECONDS)
        try:
            reply: object = extract_article(page)
        except MemoryError:
            reply = "memory"
        except Exception as error:  # of the parser; the message may quote the page
            reply = type(error).__name__
        signal.alarm(0)
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
