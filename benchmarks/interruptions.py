"""The part of :mod:`benchmarks.streams` that kills: what is there after a death in the middle."""

from __future__ import annotations

import argparse
import itertools
import json
import math
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.server import LINES, ROOT, Server, repeated, running_server

_QUIET_SECONDS = 300  # after which a client that gets no answers is given up

Client = Callable[[Server, Path, Path], "subprocess.Popen[bytes]"]
"""Starts to send a file of articles to a server, and writes the answers to another."""


def curl(server: Server, articles: Path, output: Path) -> subprocess.Popen[bytes]:
    """The command of docs/ci.md."""
    command = ["curl", "-sS", "-X", "POST", "-T", str(articles), "-H", f"Content-Type: {LINES}"]
    with output.open("wb") as answers:
        return subprocess.Popen(  # noqa: S603  nothing in it is from outside
            [*command, f"{server.url}/v1/enrich/batch"], stdout=answers
        )


def enrich(server: Server, articles: Path, output: Path) -> subprocess.Popen[bytes]:
    """The command line; what is in the output already is gone on from."""
    command = [sys.executable, "-m", "service.cli", str(articles), "--url", server.url]
    command += ["-o", str(output), "--resume"]
    return subprocess.Popen(command, cwd=ROOT)  # noqa: S603  nothing in it is from outside


@dataclass(frozen=True)
class Case:
    """A transfer, and who is killed in its middle: nobody, a worker or the client."""

    client: Client
    killed: str
    whole: bool = True
    """Whether everything has to be there at the end; otherwise it must be seen that it is not."""


CASES = (
    Case(curl, "nobody"),
    Case(curl, "worker", whole=False),
    Case(enrich, "nobody"),
    Case(enrich, "worker"),
    Case(enrich, "client"),
)


@dataclass(frozen=True)
class Outcome:
    """What a transfer left behind."""

    exit_code: int
    at_kill: int
    names: list[str | None]
    failed: int
    cut_off: bool

    def is_right(self, case: Case, expected: list[str]) -> bool:
        """Whether it is as it has to be."""
        if case.killed != "nobody" and not 0 < self.at_kill < len(expected):
            return False  # there was no middle
        if case.whole:
            return self.exit_code == 0 and self.names == expected and not self.failed
        begun = self.names == expected[: len(self.names)]
        return self.exit_code != 0 and begun and len(self.names) < len(expected)

    def row(self, expected: list[str]) -> str:
        """Cells of the table."""
        found = Counter(self.names)
        lost = sum(name not in found for name in expected)
        doubled = len(self.names) - len(found)
        place = {name: number for number, name in enumerate(expected)}
        places = [place.get(name or "", -1) for name in self.names]
        order = "yes" if places == sorted(places) else "no"
        last = "cut off" if self.cut_off else "whole"
        counts = (
            f"{len(self.names):,} | {lost:,} | {doubled:,} | {order} | {self.failed:,} | {last}"
        )
        return f"{self.at_kill:,} | {self.exit_code} | {counts}"


def transfer(case: Case, server: Server, articles: Path, output: Path, middle: int) -> Outcome:
    """Have a file answered, and kill who is to be killed once ``middle`` answers are there."""
    output.touch()
    before, at_kill = server.ticks(), 0
    with ended_at_last(case.client(server, articles, output)) as process:
        if case.killed != "nobody":
            at_kill = answers_of(process, output, middle)
            victim = process.pid if case.killed == "client" else server.busiest_since(before)
            os.kill(victim, signal.SIGKILL)
        answers_of(process, output)
    if case.killed == "client":
        with ended_at_last(case.client(server, articles, output)) as process:
            answers_of(process, output)
    outcome = read_outcome(output, process.returncode, at_kill)
    output.unlink()
    return outcome


@contextmanager
def ended_at_last(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """The process, which does not outlive the context whatever happens."""
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def answers_of(process: subprocess.Popen[bytes], output: Path, number: float = math.inf) -> int:
    """Return how many answers are there once they are ``number`` or the client has ended.

    Raises:
        RuntimeError: no answer comes any more.
    """
    found, last = 0, time.monotonic()
    with output.open("rb") as answers:
        while found < number and process.poll() is None:
            if piece := answers.read(1 << 20):
                found, last = found + piece.count(b"\n"), time.monotonic()
            elif time.monotonic() - last > _QUIET_SECONDS:
                raise RuntimeError(f"nothing comes after {found} answers")
            else:
                time.sleep(0.05)
    return found


def read_outcome(output: Path, exit_code: int, at_kill: int) -> Outcome:
    """What is in a file of answers."""
    names: list[str | None] = []
    failed, raw = 0, b""
    with output.open("rb") as answers:
        for raw in answers:
            if raw.endswith(b"\n"):
                answer = json.loads(raw)
                failed += answer["status"] != 200
                names.append(answer.get("enrichment", {}).get("id"))
    return Outcome(exit_code, at_kill, names, failed, bool(raw) and not raw.endswith(b"\n"))


def measure_completeness(articles: Path, options: argparse.Namespace) -> bool:
    """Print what is there at the end of each of :data:`CASES`."""
    right = True
    rows = []
    with TemporaryDirectory() as folder, running_server() as server:
        source, output = Path(folder, "articles.ndjson"), Path(folder, "answers.ndjson")
        names, lines = zip(*itertools.islice(repeated(articles), options.lines), strict=True)
        source.write_bytes(b"".join(lines))
        expected = list(names)
        for case in CASES:
            outcome = transfer(case, server, source, output, options.lines // 2)
            as_it_should = outcome.is_right(case, expected)
            right &= as_it_should
            who = f"{case.client.__name__} | {case.killed}"
            rows.append(f"| {who} | {outcome.row(expected)} | {'yes' if as_it_should else 'NO'} |")
            server.settle()
    print(f"\n{options.lines:,} articles; with a worker killed, curl has to end with an error\n")
    print(
        "| client | killed | after | exit code | answers | lost | doubled | in order | failed |"
        " last line | right |"
    )
    print("|---|---|---:|---:|---:|---:|---:|---|---:|---|---|")
    print(*rows, sep="\n")
    return right
