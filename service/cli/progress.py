"""How far a run is, and how it went: everything that is said on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from service.cli.engines import Line
from service.cli.inputs import Document
from service.cli.terminal import count, printable

SECONDS_BETWEEN_LINES = 10.0
MOST_LISTED = 20
"""Failed articles that the summary lists; the output has all of them."""


class Tally:
    """Counts articles as they are done.

    Args:
        size: bytes of the whole input, if that is known.
    """

    def __init__(self, size: int | None) -> None:
        self.articles = 0
        self.failed = 0
        self._failures: list[tuple[str, str]] = []
        self._size = size
        self._read = 0
        self._began = time.monotonic()
        self._before = (0, 0)

    def add(self, document: Document, line: Line) -> None:
        """Count one article."""
        self.articles += 1
        self._read += document.size
        if "problem" in line:
            self.failed += 1
            if len(self._failures) < MOST_LISTED:
                self._failures.append((line["source"], line["problem"]["detail"]))

    def begin(self) -> None:
        """Let the clock start here; what was counted before took no time."""
        self._began = time.monotonic()
        self._before = (self.articles, self._read)

    @property
    def share(self) -> float | None:
        """Of the input that is done, if that is known."""
        return min(1.0, self._read / self._size) if self._size else None

    def status(self) -> str:
        """Number, rate and remaining time, for a line."""
        seconds = time.monotonic() - self._began
        articles, read = self.articles - self._before[0], self._read - self._before[1]
        says = f"{count(self.articles, 'article')}, {articles / seconds if seconds else 0:,.1f}/s"
        if self._size and read:
            left = max(0, self._size - self._read) * seconds / read
            says += f", {_clock(left)} left"
        return says + (f", {self.failed:,} failed" if self.failed else "")

    def summary(self) -> None:
        """Say how it went."""
        seconds = time.monotonic() - self._began
        articles = self.articles - self._before[0]
        kept = f" ({self._before[0]:,} of them before)" if self._before[0] else ""
        says = f"{count(self.articles, 'article')}{kept} in {_clock(seconds)}"
        says += f", {articles / seconds:,.1f}/s" if seconds else ""
        click.echo(says + (f", {self.failed:,} failed:" if self.failed else "."), err=True)
        for source, detail in self._failures:
            click.echo(f"  {printable(source)}: {printable(detail)}", err=True)
        if self.failed > len(self._failures):
            click.echo(f"  and {self.failed - len(self._failures):,} more", err=True)


def watched(answers: Iterator[tuple[Document, Line]], tally: Tally, quiet: bool) -> Iterator[Line]:
    """The lines as they pass, counted and reported.

    Args:
        answers: what passes.
        tally: counts it.
        quiet: whether nothing is said in between, since the lines themselves go to the terminal.
    """
    tally.begin()
    reporting: AbstractContextManager[Callable[[], None]]
    if quiet:
        reporting = nullcontext(lambda: None)
    else:
        reporting = _bar(tally) if sys.stderr.isatty() else _lines(tally)
    with reporting as report:
        for document, line in answers:
            tally.add(document, line)
            report()
            yield line


@contextmanager
def _bar(tally: Tally) -> Iterator[Callable[[], None]]:
    columns = BarColumn(), TextColumn("{task.fields[says]}", markup=False)
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None, says="Starting ...")

        def report() -> None:
            total = None if tally.share is None else 1.0
            progress.update(task, total=total, completed=tally.share or 0, says=tally.status())

        yield report


@contextmanager
def _lines(tally: Tally) -> Iterator[Callable[[], None]]:
    said = time.monotonic()

    def report() -> None:
        nonlocal said
        if time.monotonic() - said >= SECONDS_BETWEEN_LINES:
            click.echo(tally.status(), err=True)
            said = time.monotonic()

    yield report


def _clock(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))
