"""The output formats. Each writer consumes the results one at a time and keeps none."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

from service.cli.html_report import write_html
from service.cli.results import Result
from service.cli.table import write_tables

Writer = Callable[[Iterator[Result], TextIO], None]


def write_ndjson(results: Iterator[Result], file: TextIO) -> None:
    """Write one line of JSON for each article, as soon as its result is known."""
    for result in results:
        file.write(_to_json(result) + "\n")
        file.flush()


def write_json(results: Iterator[Result], file: TextIO) -> None:
    """Write one JSON array."""
    separator = "[\n"
    for result in results:
        file.write(separator + _to_json(result))
        separator = ",\n"
    file.write("\n]\n" if separator != "[\n" else "[]\n")


def _to_json(result: Result) -> str:
    return json.dumps(result, ensure_ascii=False)


WRITERS: dict[str, Writer] = {
    "json": write_json,
    "ndjson": write_ndjson,
    "table": write_tables,
    "html": write_html,
}
_SUFFIXES = {".json": "json", ".ndjson": "ndjson", ".jsonl": "ndjson", ".html": "html"}


def default_format(file: Path | None, to_terminal: bool) -> str:
    """The output format if the user names none.

    Args:
        file: the output file, whose suffix decides; ``None`` for standard output.
        to_terminal: whether standard output is a terminal.
    """
    if file is not None:
        return _SUFFIXES.get(file.suffix.lower(), "ndjson")
    return "table" if to_terminal else "ndjson"


@contextmanager
def open_output(output: Path | None, append: bool) -> Iterator[TextIO]:
    """Open the output.

    Args:
        output: the file; ``None`` for standard output.
        append: whether to keep what the file has.

    Raises:
        click.UsageError: the file cannot be written.
    """
    if output is None:
        yield sys.stdout
        return
    try:
        file = output.open("a" if append else "w", encoding="utf-8", newline="\n")
    except OSError as error:
        raise click.UsageError(f"{output}: {error.strerror}.") from None
    with file:
        yield file
