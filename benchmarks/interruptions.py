"""Measures what streams and runs deliver when a process is killed; part of `benchmarks.streams`."""

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

_QUIET_SECONDS = 300  # without an answer, after which the benchmark fails

Client = Callable[[Server, Path, Path], "subprocess.Popen[bytes]"]
"""Starts to send a file of articles to a server and to write the answers to another file."""


def curl(server: Server, articles: Path, output: Path) -> subprocess.Popen[bytes]:
    """Start the command of docs/ci.md."""
    command = ["curl", "-sS", "-X", "POST", "-T", str(articles), "-H", f"Content-Type: {LINES}"]
    with output.open("wb") as answers:
        return subprocess.Popen(  # noqa: S603  no untrusted input
            [*command, f"{server.url}/v1/enrich/batch"], stdout=answers
        )


def enrich(server: Server, articles: Path, output: Path) -> subprocess.Popen[bytes]:
    """Start the command line; it resumes from an existing output."""
    command = [sys.executable, "-m", "service.cli", str(articles), "--url", server.url]
    command += ["-o", str(output), "--resume"]
    return subprocess.Popen(command, cwd=ROOT)  # noqa: S603  no untrusted input


@dataclass(frozen=True)
class Case:
    """A transfer and the process that is killed in its middle.

    Attributes:
        client: The client.
        killed: ``"nobody"``, ``"worker"`` or ``"client"``.
        complete: Whether all answers must arrive; otherwise the client must report an error.
    """

    client: Client
    killed: str
    complete: bool = True


CASES = (
    Case(curl, "nobody"),
    Case(curl, "worker", complete=False),
    Case(enrich, "nobody"),
    Case(enrich, "worker"),
    Case(enrich, "client"),
)


@dataclass(frozen=True)
class Outcome:
    """The result of a transfer.

    Attributes:
        exit_code: Exit code of the client.
        at_kill: Number of answers when the process was killed.
        names: Id of the article of each answer.
        failed: Number of answers that are not enrichments.
        cut_off: Whether the last line is incomplete.
    """

    exit_code: int
    at_kill: int
    names: list[str | None]
    failed: int
    cut_off: bool

    def is_correct(self, case: Case, expected: list[str]) -> bool:
        """Return whether the result is as required."""
        if case.killed != "nobody" and not 0 < self.at_kill < len(expected):
            return False  # the kill was not in the middle
        if case.complete:
            return self.exit_code == 0 and self.names == expected and not self.failed
        is_prefix = self.names == expected[: len(self.names)]
        return self.exit_code != 0 and is_prefix and len(self.names) < len(expected)

    def row(self, expected: list[str]) -> str:
        """Return the cells of the table."""
        counts_by_name = Counter(self.names)
        lost = sum(name not in counts_by_name for name in expected)
        duplicates = len(self.names) - len(counts_by_name)
        positions = {name: number for number, name in enumerate(expected)}
        order = [positions.get(name or "", -1) for name in self.names]
        in_order = "yes" if order == sorted(order) else "no"
        last = "cut off" if self.cut_off else "complete"
        counts = f"{len(self.names):,} | {lost:,} | {duplicates:,} | {in_order} | {self.failed:,}"
        return f"{self.at_kill:,} | {self.exit_code} | {counts} | {last}"


def transfer(case: Case, server: Server, articles: Path, output: Path, middle: int) -> Outcome:
    """Run a case; kill the process once ``middle`` answers have arrived."""
    output.touch()
    before, at_kill = server.ticks(), 0
    with killed_at_exit(case.client(server, articles, output)) as process:
        if case.killed != "nobody":
            at_kill = wait_for_answers(process, output, middle)
            victim = process.pid if case.killed == "client" else server.busiest_since(before)
            os.kill(victim, signal.SIGKILL)
        wait_for_answers(process, output)
    if case.killed == "client":
        with killed_at_exit(case.client(server, articles, output)) as process:
            wait_for_answers(process, output)
    outcome = read_outcome(output, process.returncode, at_kill)
    output.unlink()
    return outcome


@contextmanager
def killed_at_exit(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Kill the process when the context ends."""
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for_answers(
    process: subprocess.Popen[bytes], output: Path, number: float = math.inf
) -> int:
    """Wait for ``number`` answers or the exit of the client; return the number of answers.

    Raises:
        RuntimeError: No answer arrives for a long time.
    """
    count, last = 0, time.monotonic()
    with output.open("rb") as answers:
        while count < number and process.poll() is None:
            if piece := answers.read(1 << 20):
                count, last = count + piece.count(b"\n"), time.monotonic()
            elif time.monotonic() - last > _QUIET_SECONDS:
                raise RuntimeError(f"no answer after {count}")
            else:
                time.sleep(0.05)
    return count


def read_outcome(output: Path, exit_code: int, at_kill: int) -> Outcome:
    """Read a file of answers."""
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
    """Run all :data:`CASES`, print the results and return whether all are as required."""
    all_correct = True
    rows = []
    with TemporaryDirectory() as folder, running_server() as server:
        source, output = Path(folder, "articles.ndjson"), Path(folder, "answers.ndjson")
        names, lines = zip(*itertools.islice(repeated(articles), options.lines), strict=True)
        source.write_bytes(b"".join(lines))
        expected = list(names)
        for case in CASES:
            outcome = transfer(case, server, source, output, options.lines // 2)
            correct = outcome.is_correct(case, expected)
            all_correct &= correct
            case_cells = f"{case.client.__name__} | {case.killed}"
            rows.append(
                f"| {case_cells} | {outcome.row(expected)} | {'yes' if correct else 'NO'} |"
            )
            server.settle()
    print(f"\n{options.lines:,} articles; if a worker is killed, curl must exit with an error\n")
    print(
        "| client | killed | after | exit code | answers | lost | duplicates | in order | failed |"
        " last line | correct |"
    )
    print("|---|---|---:|---:|---:|---:|---:|---|---:|---|---|")
    print(*rows, sep="\n")
    return all_correct
