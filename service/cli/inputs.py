"""Files, folders, globs and standard input, as articles that are read one at a time."""

from __future__ import annotations

import csv
import glob
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import click

STDIN = "-"
SUFFIXES = {
    ".txt": "text",
    ".html": "html",
    ".htm": "html",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".parquet": "parquet",
}
FORMATS = tuple(dict.fromkeys(SUFFIXES.values()))

_JSON = "application/json"
_ROWS_AT_A_TIME = 64


@dataclass(frozen=True)
class Document:
    """An article as it was found, not yet looked into.

    Attributes:
        source: where it stands: a file, or a file and the line or row in it.
        body: what the service is sent.
        media_type: as what.
        size: bytes of the input that it takes up.
        fault: why it could not be read, if so.
    """

    source: str
    body: bytes = b""
    media_type: str = ""
    size: int = 0
    fault: str | None = None


@dataclass(frozen=True)
class Columns:
    """Which columns of a table, or members of a JSON object, an article is in.

    ``text`` is "text" when ``None``. Where nothing is named, a JSON object is an article as it is.
    """

    text: str | None = None
    title: str | None = None
    id: str | None = None

    def article(self, row: Mapping[str, object]) -> bytes:
        """The article in a row, as the service reads it."""
        members = {"text": row[self.text or "text"]} if (self.text or "text") in row else {}
        if self.title is not None and not _blank(row.get(self.title)):
            members["title"] = row[self.title]
        if self.id is not None and not _blank(row.get(self.id)):
            members["id"] = str(row[self.id])
        return json.dumps(members).encode()

    def check(self, name: str, names: Sequence[str]) -> None:
        """Hold the columns to those of a table.

        Raises:
            click.UsageError: one is not there.
        """
        for wanted in (self.text or "text", self.title, self.id):
            if wanted is not None and wanted not in names:
                raise click.UsageError(
                    f"{name} has no column '{wanted}'. It has: {', '.join(names)}."
                )


@dataclass(frozen=True)
class Inputs:
    """What the command line names.

    Attributes:
        arguments: files, folders, globs, or "-".
        format: one of :data:`FORMATS`, for standard input and names that do not tell.
        columns: where the article is in a row.
        besides: a file that is no input even if it is in a folder: the output.
    """

    arguments: Sequence[str]
    format: str | None
    columns: Columns
    besides: Path | None

    def check(self) -> None:
        """Look at each argument before any article is read.

        Raises:
            click.UsageError: one names nothing, or nothing that is known to hold articles.
        """
        for argument in self.arguments:
            if argument == STDIN:
                if self.format == "parquet":
                    raise click.UsageError("Parquet cannot be read from standard input.")
            elif not os.path.lexists(argument):
                if not glob.has_magic(argument) or not glob.glob(argument, recursive=True):
                    raise click.UsageError(f"There is no {argument}.")
            elif not os.path.isdir(argument) and self._format(argument) is None:
                raise click.UsageError(
                    f"{argument} is none of {', '.join(SUFFIXES)}; say what it holds with --format."
                )
        if next(self.files(), None) is None:
            raise click.UsageError(f"There are no articles in {', '.join(self.arguments)}.")

    def files(self) -> Iterator[str]:
        """The names of the files, in order, those of a folder sorted."""
        for argument in self.arguments:
            if argument == STDIN or os.path.isfile(argument):
                yield argument
            elif os.path.lexists(argument):
                yield from self._below(argument)
            else:
                for found in sorted(glob.glob(argument, recursive=True)):
                    if self._is_input(found):
                        yield found

    def size(self) -> int | None:
        """Bytes of all files; ``None`` when that cannot be known."""
        total = 0
        for name in self.files():
            if not os.path.isfile(name):
                return None
            total += os.path.getsize(name)
        return total

    def documents(self) -> Iterator[Document]:
        """Every article, read when it is asked for. What cannot be read is one with a fault.

        Raises:
            click.UsageError: a table has not the columns named, or pyarrow is needed.
        """
        for name in self.files():
            source = os.fsencode(name).decode("utf-8", "replace")
            read = _READERS[self._format(name) or "text"]
            try:
                with _opened(name) as stream:
                    yield from read(stream, source, self.columns)
            except OSError as error:
                yield Document(source, fault=f"{error.strerror}.")

    def _below(self, folder: str) -> Iterator[str]:
        if not os.path.isdir(folder):  # a pipe, or a link to nothing
            yield folder
        for root, folders, names in os.walk(folder):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                path = os.path.join(root, name)
                if not name.startswith(".") and self._is_input(path):
                    yield path

    def _is_input(self, path: str) -> bool:
        """Whether a file that was not named itself is meant."""
        if Path(path).suffix.lower() not in SUFFIXES or not os.path.isfile(path):
            return False
        return self.besides is None or not _same(Path(path), self.besides)

    def _format(self, name: str) -> str | None:
        return SUFFIXES.get(Path(name).suffix.lower(), self.format)


def _opened(name: str) -> AbstractContextManager[BinaryIO]:
    return nullcontext(sys.stdin.buffer) if name == STDIN else open(name, "rb")


def _same(one: Path, other: Path) -> bool:
    return other.exists() and one.samefile(other)


def _blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _text(stream: BinaryIO, name: str, _: Columns) -> Iterator[Document]:
    body = stream.read()
    yield Document(name, body, "text/plain", len(body))


def _html(stream: BinaryIO, name: str, _: Columns) -> Iterator[Document]:
    body = stream.read()
    yield Document(name, body, "text/html", len(body))


def _json(stream: BinaryIO, name: str, columns: Columns) -> Iterator[Document]:
    """An article, or an array of them. What is none is left for the service to say so."""
    body = stream.read()
    found = _parsed(body)
    if isinstance(found, list):
        for number, each in enumerate(found, 1):
            one = _picked(json.dumps(each).encode(), each, columns)
            yield Document(f"{name}:{number}", one, _JSON, len(body) // len(found))
    elif isinstance(found, dict) and "coverage" in found and "text" not in found:
        click.echo(f"Passed over {name}: an enrichment, not an article.", err=True)
    else:
        yield Document(name, _picked(body, found, columns), _JSON, len(body))


def _json_lines(stream: BinaryIO, name: str, columns: Columns) -> Iterator[Document]:
    for number, line in enumerate(stream, 1):
        if line.strip():
            parsed = None if columns == Columns() else _parsed(line)
            yield Document(f"{name}:{number}", _picked(line, parsed, columns), _JSON, len(line))


def _csv(stream: BinaryIO, name: str, columns: Columns) -> Iterator[Document]:
    csv.field_size_limit(sys.maxsize)  # by default 128 KiB, and articles are longer
    read = 0

    def lines() -> Iterator[str]:
        nonlocal read
        for line in stream:
            read += len(line)
            # What is not UTF-8 stays in its row, about which the service will say so.
            yield line.decode("utf-8", "surrogateescape").removeprefix("\ufeff")

    rows = csv.reader(lines())
    done, begin = 0, 1
    try:
        names = next(rows, [])
        columns.check(name, names)
        done, begin = read, rows.line_num + 1
        for row in rows:
            if row:
                body = columns.article(dict(zip(names, row, strict=False)))
                yield Document(f"{name}:{begin}", body, _JSON, read - done)
                done = read
            begin = rows.line_num + 1
    except csv.Error as error:
        yield Document(f"{name}:{begin}", fault=f"Not CSV: {error}.")


def _parquet(stream: BinaryIO, name: str, columns: Columns) -> Iterator[Document]:
    try:
        from pyarrow import parquet
    except ImportError:
        raise click.UsageError(
            f"{name}: reading Parquet needs pyarrow, which is not installed."
        ) from None
    try:
        table = parquet.ParquetFile(stream)
        columns.check(name, table.schema_arrow.names)
        wanted = [c for c in (columns.text or "text", columns.title, columns.id) if c is not None]
        size = os.fstat(stream.fileno()).st_size // max(1, table.metadata.num_rows)
        number = 0
        for batch in table.iter_batches(_ROWS_AT_A_TIME, columns=wanted):
            for row in batch.to_pylist():
                number += 1
                yield Document(f"{name}:{number}", columns.article(row), _JSON, size)
    except ValueError as error:  # which pyarrow's own are
        yield Document(name, fault=f"Not Parquet: {str(error).rstrip('.')}.")


def _parsed(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _picked(body: bytes, parsed: object, columns: Columns) -> bytes:
    """The article in a JSON object: that itself, or what the columns name of it."""
    if columns == Columns() or not isinstance(parsed, dict):
        return body
    return columns.article(parsed)


_READERS: dict[str, Callable[[BinaryIO, str, Columns], Iterator[Document]]] = {
    "text": _text,
    "html": _html,
    "json": _json,
    "jsonl": _json_lines,
    "csv": _csv,
    "parquet": _parquet,
}
