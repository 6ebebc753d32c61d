"""Measures streams of articles: ``python -m benchmarks.streams --data FOLDER [PART ...]``.

Each part starts its own server on a free port of 127.0.0.1.

- ``throughput``: articles per second of one NDJSON stream, compared with single requests over
  sixteen persistent connections. Rounds alternate after a warm-up, because the speed of a machine
  varies over time. Caching is off.
- ``memory``: memory of the server while it answers a long stream of repeated articles to a client
  that reads while it writes, and the time of the first answer.
- ``completeness``: the output of ``curl`` and ``enrich --url``, also if a worker or the client is
  killed in the middle.

This process generates the load and uses little of the cores that the server needs: requests are
built before the measurement and sent over sockets (the responses to a stream are read by
``http.client``, which decodes chunks), and no response is parsed. The throughput table includes its
share of a core. Requires Linux and curl.
"""

from __future__ import annotations

import argparse
import itertools
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from threading import Event, Thread
from typing import Self

from benchmarks.interruptions import measure_completeness
from benchmarks.server import LINES, Server, machine, repeated, running_server

CONNECTIONS = 16
ROUNDS = 3
MARKS = (1_000, 5_000, 10_000, 25_000, 50_000)

_WARM_UP = 64  # articles
_QUIET_SECONDS = 300  # timeout of a connection
_SAMPLE_SECONDS = 1.0
_SINGLE = (
    b"POST /v1/enrich HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n%s"
)


class Stream:
    """A stream that a background thread sends as fast as the server reads it.

    Args:
        server: The server.
        lines: Lines to send, each as a chunk.
    """

    def __init__(self, server: Server, lines: Iterable[bytes]) -> None:
        self.sent = 0
        self._lines = lines
        self._connection = HTTPConnection("127.0.0.1", server.port, timeout=_QUIET_SECONDS)

    def answers(self) -> Iterator[bytes]:
        """Send the lines and yield each answer.

        Raises:
            OSError: The connection failed.
            HTTPException: The response is incomplete.
            RuntimeError: An answer is a problem.
        """
        self._connection.putrequest("POST", "/v1/enrich/batch")
        self._connection.putheader("Content-Type", LINES)
        self._connection.putheader("Transfer-Encoding", "chunked")
        self._connection.endheaders()
        # The writer uses a duplicate of the socket: http.client closes its own at the start of a
        # response that ends the connection, and would open a new connection for further writes.
        Thread(target=self._write, args=(self._connection.sock.dup(),), daemon=True).start()
        for answer in self._connection.getresponse():
            if b'"status":200' not in answer[:40]:
                raise RuntimeError(f"unexpected answer: {answer!r:.300}")
            yield answer
        self._connection.close()

    def _write(self, connection: socket.socket) -> None:
        with connection:
            for line in self._lines:
                connection.sendall(b"%x\r\n%b\r\n" % (len(line), line))
                self.sent += 1
            connection.sendall(b"0\r\n\r\n")


def post_stream(server: Server, lines: Sequence[bytes]) -> None:
    """Send articles in one stream and read the answers."""
    answered = sum(1 for _ in Stream(server, lines).answers())
    if answered != len(lines):
        raise RuntimeError(f"{answered} of {len(lines)} lines were answered")


def post_each(server: Server, lines: Sequence[bytes]) -> None:
    """Send articles as single requests over :data:`CONNECTIONS` connections."""
    waiting = deque(_SINGLE % (len(line), line) for line in lines)
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        for future in [threads.submit(_post_from, waiting, server) for _ in range(CONNECTIONS)]:
            future.result()


def _post_from(waiting: deque[bytes], server: Server) -> None:
    address = ("127.0.0.1", server.port)
    with socket.create_connection(address, _QUIET_SECONDS) as connection:
        answers = connection.makefile("rb")
        while waiting:
            try:
                connection.sendall(waiting.popleft())
            except IndexError:  # another thread took the last one
                return
            if not (status := answers.readline()).startswith(b"HTTP/1.1 200 "):
                raise RuntimeError(f"unexpected response: {status!r}")
            length = 0
            while field := answers.readline().strip():
                name, _, value = field.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            answers.read(length)


@dataclass(frozen=True)
class Pace:
    """Articles per second, and the share of a core used by the load generator."""

    articles: float
    load: float


def timed(
    post: Callable[[Server, Sequence[bytes]], None], server: Server, lines: list[bytes]
) -> Pace:
    """Measure the pace of ``post`` with ``lines``."""
    began, worked = time.perf_counter(), time.process_time()
    post(server, lines)
    seconds = time.perf_counter() - began
    return Pace(len(lines) / seconds, (time.process_time() - worked) / seconds)


def measure_throughput(articles: Path, options: argparse.Namespace) -> bool:
    """Print the pace of a stream and of single requests."""
    lines = [line for _, line in itertools.islice(repeated(articles), options.articles)]
    with running_server(CACHE_BYTES="0") as server:
        for post in (post_stream, post_each):
            post(server, lines[:_WARM_UP])
        rounds = [
            (timed(post_stream, server, lines), timed(post_each, server, lines))
            for _ in range(ROUNDS)
        ]
    print(f"\n{len(lines):,} articles, no cache\n")
    print("| round | one stream | single requests | ratio | load generator |")
    print("|---|---:|---:|---:|---:|")
    for number, (stream, single) in enumerate(rounds, 1):
        load = f"{stream.load:.1%}, {single.load:.1%}"
        _print_pace(str(number), stream.articles, single.articles, load)
    streams, singles = ([pace.articles for pace in paces] for paces in zip(*rounds, strict=True))
    _print_pace("median", median(streams), median(singles), "")
    return True


def _print_pace(name: str, stream: float, single: float, load: str) -> None:
    print(f"| {name} | {stream:.1f}/s | {single:.1f}/s | {stream / single:.2f} | {load} |")


@dataclass(frozen=True)
class Sample:
    """Resident memory and spool files of a server, in MiB, at a time and number of answers."""

    seconds: float
    answers: int
    resident: float
    spooled: float


class MemorySampler:
    """Samples the memory of a server every second inside the context, and on demand."""

    def __init__(self, server: Server) -> None:
        self.answers = 0
        self.samples: list[Sample] = []
        self._server = server
        self._began = time.monotonic()
        self._ended = Event()

    def __enter__(self) -> Self:
        Thread(target=self._sample_repeatedly, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()

    def sample(self) -> Sample:
        """Take a sample."""
        memory = self._server.resident(), self._server.spooled()
        sample = Sample(time.monotonic() - self._began, self.answers, *memory)
        self.samples.append(sample)
        return sample

    def highest(self, until: Sample) -> float:
        """Return the maximum of resident memory up to a sample."""
        return max(s.resident for s in self.samples if s.seconds <= until.seconds)

    def _sample_repeatedly(self) -> None:
        while not self._ended.wait(_SAMPLE_SECONDS):
            self.sample()


def measure_memory(articles: Path, options: argparse.Namespace) -> bool:
    """Print the memory of the server during a long stream."""
    marks = sorted(options.marks)
    lines = (line for _, line in itertools.islice(repeated(articles), marks[-1]))
    with running_server() as server, MemorySampler(server) as sampler:
        stream = Stream(server, lines)
        reached = [sampler.sample()]
        for sampler.answers, _ in enumerate(stream.answers(), 1):
            if sampler.answers == 1:
                sent, first = stream.sent, sampler.sample()
            if sampler.answers in marks:
                reached.append(sampler.sample())
    print(f"\nFirst answer after {first.seconds:.2f} s, when {sent:,} lines had been sent.\n")
    print("| lines answered | resident, MiB | maximum so far | spooled to disk, MiB | seconds |")
    print("|---:|---:|---:|---:|---:|")
    for sample in reached:
        memory = f"{sample.resident:.0f} | {sampler.highest(sample):.0f} | {sample.spooled:.1f}"
        print(f"| {sample.answers:,} | {memory} | {sample.seconds:.1f} |")
    return len(reached) == len(marks) + 1


PARTS = {
    "throughput": measure_throughput,
    "memory": measure_memory,
    "completeness": measure_completeness,
}


def _part(name: str) -> str:
    if name not in PARTS:
        raise argparse.ArgumentTypeError(f"{name!r} is not one of {', '.join(PARTS)}")
    return name


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.streams",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", type=_part, metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--data", type=Path, required=True, help="folder with articles/bbc.jsonl")
    parser.add_argument("--articles", type=int, default=500, help="articles per round (throughput)")
    parser.add_argument(
        "--marks",
        type=int,
        nargs="+",
        default=MARKS,
        help="numbers of lines at which to sample (memory)",
    )
    parser.add_argument("--lines", type=int, default=20_000, help="lines per case (completeness)")
    options = parser.parse_args()
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(143)
    )  # raises SystemExit, so that servers are stopped
    print(machine())
    articles = options.data / "articles/bbc.jsonl"
    results = [PARTS[part](articles, options) for part in options.parts or PARTS]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
