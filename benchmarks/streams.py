"""How streams of articles do: ``python -m benchmarks.streams --data FOLDER [PART ...]``.

Each part starts a server of its own on a free port of 127.0.0.1.

- ``throughput``: articles a second of one NDJSON stream, beside the same articles as single
  requests over sixteen connections that are kept. Rounds alternate, after one that does not count,
  since a machine is not equally fast all the time. Nothing is answered from a cache.
- ``memory``: what the processes of the server hold while one long stream of repeated articles is
  answered, to a client that reads as it writes, and when its first answer came.
- ``completeness``: what ``curl`` and ``enrich --url`` have at the end, also when a worker or the
  client is killed in the middle.

The load comes from this process, which is to take as little as possible from the cores that the
server needs: requests are made before the clock starts, go over bare sockets (the answers of a
stream through ``http.client``, for its chunks), and no answer is parsed. What share of a core this
takes is printed with the throughput. Needs Linux, and curl.
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
_QUIET_SECONDS = 300  # after which a server that says nothing is given up
_SAMPLE_SECONDS = 1.0
_SINGLE = (
    b"POST /v1/enrich HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n%s"
)


class Stream:
    """One stream, that a thread of its own writes as fast as the server takes it.

    Args:
        server: is sent the stream.
        lines: what is sent, each in a chunk.
    """

    def __init__(self, server: Server, lines: Iterable[bytes]) -> None:
        self.sent = 0
        self._lines = lines
        self._connection = HTTPConnection("127.0.0.1", server.port, timeout=_QUIET_SECONDS)

    def answers(self) -> Iterator[bytes]:
        """Each answer, as it comes.

        Raises:
            OSError: the connection broke.
            HTTPException: the answers ended before their end.
            RuntimeError: one is a problem.
        """
        self._connection.putrequest("POST", "/v1/enrich/batch")
        self._connection.putheader("Content-Type", LINES)
        self._connection.putheader("Transfer-Encoding", "chunked")
        self._connection.endheaders()
        # A socket of the writer's own: http.client closes its one with the beginning of an answer
        # that is the connection's last, and would open another for what is sent after that.
        Thread(target=self._write, args=(self._connection.sock.dup(),), daemon=True).start()
        for answer in self._connection.getresponse():
            if b'"status":200' not in answer[:40]:
                raise RuntimeError(f"the server says {answer!r:.300}")
            yield answer
        self._connection.close()

    def _write(self, connection: socket.socket) -> None:
        with connection:
            for line in self._lines:
                connection.sendall(b"%x\r\n%b\r\n" % (len(line), line))
                self.sent += 1
            connection.sendall(b"0\r\n\r\n")


def post_stream(server: Server, lines: Sequence[bytes]) -> None:
    """Have articles answered in one stream."""
    answered = sum(1 for _ in Stream(server, lines).answers())
    if answered != len(lines):
        raise RuntimeError(f"{answered} of {len(lines)} lines were answered")


def post_each(server: Server, lines: Sequence[bytes]) -> None:
    """Have articles answered one by one, over :data:`CONNECTIONS` connections at a time."""
    waiting = deque(_SINGLE % (len(line), line) for line in lines)
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        for done in [threads.submit(_post_from, waiting, server) for _ in range(CONNECTIONS)]:
            done.result()


def _post_from(waiting: deque[bytes], server: Server) -> None:
    address = ("127.0.0.1", server.port)
    with socket.create_connection(address, _QUIET_SECONDS) as connection:
        answers = connection.makefile("rb")
        while waiting:
            try:
                connection.sendall(waiting.popleft())
            except IndexError:  # another thread was faster
                return
            if not (status := answers.readline()).startswith(b"HTTP/1.1 200 "):
                raise RuntimeError(f"the server says {status!r}")
            length = 0
            while field := answers.readline().strip():
                name, _, value = field.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            answers.read(length)


@dataclass(frozen=True)
class Pace:
    """How fast articles were answered, and what share of a core asking took."""

    articles: float
    load: float


def timed(
    post: Callable[[Server, Sequence[bytes]], None], server: Server, lines: list[bytes]
) -> Pace:
    """The pace at which ``post`` has ``lines`` answered."""
    began, worked = time.perf_counter(), time.process_time()
    post(server, lines)
    seconds = time.perf_counter() - began
    return Pace(len(lines) / seconds, (time.process_time() - worked) / seconds)


def measure_throughput(articles: Path, options: argparse.Namespace) -> bool:
    """Print the pace of a stream beside that of single requests."""
    lines = [line for _, line in itertools.islice(repeated(articles), options.articles)]
    with running_server(CACHE_BYTES="0") as server:
        for post in (post_stream, post_each):
            post(server, lines[:_WARM_UP])
        rounds = [
            (timed(post_stream, server, lines), timed(post_each, server, lines))
            for _ in range(ROUNDS)
        ]
    print(f"\n{len(lines):,} articles, no cache\n")
    print("| round | one stream | single requests | ratio | load of asking |")
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
    """What a server held, in MiB, after so many seconds and answers."""

    seconds: float
    answers: int
    resident: float
    spooled: float


class Watch:
    """Samples what a server holds: every second while it is entered, and when it is asked to."""

    def __init__(self, server: Server) -> None:
        self.answers = 0
        self.samples: list[Sample] = []
        self._server = server
        self._began = time.monotonic()
        self._ended = Event()

    def __enter__(self) -> Self:
        Thread(target=self._sample_on, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()

    def sample(self) -> Sample:
        """Take one now."""
        held = self._server.resident(), self._server.spooled()
        sample = Sample(time.monotonic() - self._began, self.answers, *held)
        self.samples.append(sample)
        return sample

    def highest(self, until: Sample) -> float:
        """The most that was resident in any sample so far."""
        return max(each.resident for each in self.samples if each.seconds <= until.seconds)

    def _sample_on(self) -> None:
        while not self._ended.wait(_SAMPLE_SECONDS):
            self.sample()


def measure_memory(articles: Path, options: argparse.Namespace) -> bool:
    """Print what the server holds as a stream gets longer."""
    marks = sorted(options.marks)
    lines = (line for _, line in itertools.islice(repeated(articles), marks[-1]))
    with running_server() as server, Watch(server) as watch:
        stream = Stream(server, lines)
        reached = [watch.sample()]
        for watch.answers, _ in enumerate(stream.answers(), 1):
            if watch.answers == 1:
                sent, first = stream.sent, watch.sample()
            if watch.answers in marks:
                reached.append(watch.sample())
    print(f"\nFirst answer after {first.seconds:.2f} s, {sent:,} lines having been sent.\n")
    print("| lines answered | resident, MiB | highest so far | waiting on disk, MiB | seconds |")
    print("|---:|---:|---:|---:|---:|")
    for at in reached:
        held = f"{at.resident:.0f} | {watch.highest(at):.0f} | {at.spooled:.1f}"
        print(f"| {at.answers:,} | {held} | {at.seconds:.1f} |")
    return len(reached) == len(marks) + 1


PARTS = {
    "throughput": measure_throughput,
    "memory": measure_memory,
    "completeness": measure_completeness,
}


def _part(name: str) -> str:
    if name not in PARTS:
        raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(PARTS)}")
    return name


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.streams",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", type=_part, metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--data", type=Path, required=True, help="folder with articles/bbc.jsonl")
    parser.add_argument("--articles", type=int, default=500, help="of each round (throughput)")
    parser.add_argument("--marks", type=int, nargs="+", default=MARKS, help="lines (memory)")
    parser.add_argument("--lines", type=int, default=20_000, help="of each case (completeness)")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers are ended, too
    print(machine())
    articles = options.data / "articles/bbc.jsonl"
    right = [PARTS[part](articles, options) for part in options.parts or PARTS]
    sys.exit(0 if all(right) else 1)


if __name__ == "__main__":
    main()
