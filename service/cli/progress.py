"""The progress of a run and its summary, on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from service.cli.columns import Document
from service.cli.results import Result
from service.cli.terminal import pluralize, printable

SECONDS_BETWEEN_LINES = 10.0
MOST_LISTED = 20
"""Most failed articles that the summary lists; the output has all of them."""


class Tally:
    """Counts finished articles and failures.

    Args:
        size: of the whole input, in bytes or articles; ``None`` if unknown.
    """

    def __init__(self, size: int | None) -> None:
        self.articles = 0
        self.failed = 0
        self._failures: list[tuple[str, str]] = []
        self._size = size
        self._bytes = 0
        self._start = time.monotonic()
        self._articles_at_start = 0
        self._bytes_at_start = 0

    def add(self, document: Document, result: Result) -> None:
        """Count one article."""
        self.articles += 1
        self._bytes += document.size
        if "problem" in result:
            self.failed += 1
            if len(self._failures) < MOST_LISTED:
                self._failures.append((result["source"], result["problem"]["detail"]))

    def add_many(
        self, articles: int, size: int, failed: int, failures: Sequence[tuple[str, str]]
    ) -> None:
        """Count several articles.

        Args:
            articles: their number.
            size: of them together, in the unit of the whole input.
            failed: those of them that failed.
            failures: source and detail of the first of these.
        """
        self.articles += articles
        self._bytes += size
        self.failed += failed
        self._failures += failures[: MOST_LISTED - len(self._failures)]

    def start_clock(self) -> None:
        """Measure the time from here on. Articles counted so far are from an earlier run."""
        self._start = time.monotonic()
        self._articles_at_start, self._bytes_at_start = self.articles, self._bytes

    @property
    def share(self) -> float | None:
        """Share of the input that is finished, 0 to 1; ``None`` if unknown."""
        return min(1.0, self._bytes / self._size) if self._size else None

    def status(self) -> str:
        """Number, rate and remaining time, on one line."""
        seconds = time.monotonic() - self._start
        articles = self.articles - self._articles_at_start
        bytes_done = self._bytes - self._bytes_at_start
        rate = articles / seconds if seconds else 0
        status = f"{pluralize(self.articles, 'article')}, {rate:,.1f}/s"
        if self._size and bytes_done:
            seconds_left = max(0, self._size - self._bytes) * seconds / bytes_done
            status += f", {_duration(seconds_left)} left"
        return status + (f", {self.failed:,} failed" if self.failed else "")

    def print_summary(self) -> None:
        """Print the totals and the first failures."""
        seconds = time.monotonic() - self._start
        earlier = self._articles_at_start
        summary = pluralize(self.articles, "article")
        summary += f" ({earlier:,} from the earlier run)" if earlier else ""
        summary += f" in {_duration(seconds)}"
        summary += f", {(self.articles - earlier) / seconds:,.1f}/s" if seconds else ""
        click.echo(summary + (f", {self.failed:,} failed:" if self.failed else "."), err=True)
        for source, detail in self._failures:
            click.echo(f"  {printable(source)}: {printable(detail)}", err=True)
        if self.failed > len(self._failures):
            click.echo(f"  and {self.failed - len(self._failures):,} more", err=True)


def track(
    finished: Iterator[tuple[Document, Result]], tally: Tally, quiet: bool
) -> Iterator[Result]:
    """Pass on the results, count them, and report the progress.

    Args:
        finished: documents with their results.
        tally: counts them.
        quiet: report nothing, because the results themselves go to the terminal.
    """
    tally.start_clock()
    with nullcontext(lambda: None) if quiet else reporting(tally) as report:
        for document, result in finished:
            tally.add(document, result)
            report()
            yield result


def reporting(tally: Tally) -> AbstractContextManager[Callable[[], None]]:
    """Reports the progress whenever its value is called: a bar on a terminal, lines elsewhere."""
    return _bar(tally) if sys.stderr.isatty() else _lines(tally)


@contextmanager
def _bar(tally: Tally) -> Iterator[Callable[[], None]]:
    columns = BarColumn(), TextColumn("{task.fields[status]}", markup=False)
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None, status="Starting ...")

        def report() -> None:
            total = None if tally.share is None else 1.0
            progress.update(task, total=total, completed=tally.share or 0, status=tally.status())

        yield report


@contextmanager
def _lines(tally: Tally) -> Iterator[Callable[[], None]]:
    last_report = time.monotonic()

    def report() -> None:
        nonlocal last_report
        if time.monotonic() - last_report >= SECONDS_BETWEEN_LINES:
            click.echo(tally.status(), err=True)
            last_report = time.monotonic()

    yield report


def _duration(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))
