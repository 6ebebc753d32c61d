"""Readers of the input formats: each turns a stream into documents, one article at a time."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import click

_JSON = "application/json"
_PARQUET_BATCH_ROWS = 64


@dataclass(frozen=True)
class Document:
    """An article as it is in the input, not yet parsed.

    Attributes:
        source: the file, and the line or row in it, such as ``news.jsonl:17``.
        body: the request body to send to the service.
        media_type: the type of ``body``.
        size: bytes of the input that the article takes up.
        read_error: why the article cannot be read; ``None`` if it can.
    """

    source: str
    body: bytes = b""
    media_type: str = ""
    size: int = 0
    read_error: str | None = None


@dataclass(frozen=True)
class Columns:
    """The columns of a table, or members of a JSON object, that make up an article.

    ``text`` is "text" if ``None``. If all are ``None``, a JSON object is an article as it is.
    """

    text: str | None = None
    title: str | None = None
    id: str | None = None
    published: str | None = None

    def article(self, row: Mapping[str, object]) -> bytes:
        """The article in a row, as a JSON body."""
        text = self.text or "text"
        members = {"text": row[text]} if text in row else {}
        if self.title is not None and not _is_blank(row.get(self.title)):
            members["title"] = row[self.title]
        if self.id is not None and not _is_blank(row.get(self.id)):
            members["id"] = str(row[self.id])
        if self.published is not None and not _is_blank(row.get(self.published)):
            members["published"] = str(row[self.published])
        return json.dumps(members).encode()

    @property
    def names(self) -> list[str]:
        """The names of the columns that a table has to have."""
        columns = (self.text or "text", self.title, self.id, self.published)
        return [column for column in columns if column is not None]

    def check(self, table: str, names: Sequence[str]) -> None:
        """Check that a table with these column names has them all.

        Raises:
            click.UsageError: a column is missing.
        """
        for column in self.names:
            if column not in names:
                raise click.UsageError(
                    f"{table} has no column '{column}'. Its columns: {', '.join(names)}."
                )


def _read_text(stream: BinaryIO, source: str, _: Columns) -> Iterator[Document]:
    body = stream.read()
    yield Document(source, body, "text/plain", len(body))


def _read_html(stream: BinaryIO, source: str, _: Columns) -> Iterator[Document]:
    body = stream.read()
    yield Document(source, body, "text/html", len(body))


def _read_json(stream: BinaryIO, source: str, columns: Columns) -> Iterator[Document]:
    """Read an article, or an array of articles. The service rejects anything else."""
    body = stream.read()
    content = _parse_json(body)
    if isinstance(content, list):
        for number, item in enumerate(content, 1):
            article = _select_columns(json.dumps(item).encode(), item, columns)
            yield Document(f"{source}:{number}", article, _JSON, len(body) // len(content))
    elif isinstance(content, dict) and "coverage" in content and "text" not in content:
        click.echo(f"Skipping {source}: it is an enrichment, not an article.", err=True)
    else:
        yield Document(source, _select_columns(body, content, columns), _JSON, len(body))


def _read_json_lines(stream: BinaryIO, source: str, columns: Columns) -> Iterator[Document]:
    for number, line in enumerate(stream, 1):
        if line.strip():
            content = None if columns == Columns() else _parse_json(line)
            article = _select_columns(line, content, columns)
            yield Document(f"{source}:{number}", article, _JSON, len(line))


def _read_csv(stream: BinaryIO, source: str, columns: Columns) -> Iterator[Document]:
    csv.field_size_limit(sys.maxsize)  # the default, 128 KiB, is shorter than some articles
    bytes_read = 0

    def decode_lines() -> Iterator[str]:
        nonlocal bytes_read
        for line in stream:
            bytes_read += len(line)
            # Invalid UTF-8 spoils only its own row: the service rejects the lone surrogates.
            yield line.decode("utf-8", "surrogateescape").removeprefix("\ufeff")

    rows = csv.reader(decode_lines())
    row_start, first_line = 0, 1
    try:
        names = next(rows, [])
        columns.check(source, names)
        row_start, first_line = bytes_read, rows.line_num + 1
        for row in rows:
            if row:
                article = columns.article(dict(zip(names, row, strict=False)))
                yield Document(f"{source}:{first_line}", article, _JSON, bytes_read - row_start)
                row_start = bytes_read
            first_line = rows.line_num + 1
    except csv.Error as error:
        yield Document(f"{source}:{first_line}", read_error=f"Invalid CSV: {error}.")


def _read_parquet(stream: BinaryIO, source: str, columns: Columns) -> Iterator[Document]:
    try:
        from pyarrow import parquet
    except ImportError:
        raise click.UsageError(
            f"{source}: reading Parquet requires pyarrow, which is not installed."
        ) from None
    try:
        table = parquet.ParquetFile(stream)
        columns.check(source, table.schema_arrow.names)
        row_size = os.fstat(stream.fileno()).st_size // max(1, table.metadata.num_rows)
        number = 0
        for batch in table.iter_batches(_PARQUET_BATCH_ROWS, columns=columns.names):
            for row in batch.to_pylist():
                number += 1
                yield Document(f"{source}:{number}", columns.article(row), _JSON, row_size)
    except ValueError as error:  # the base class of pyarrow's errors
        yield Document(source, read_error=f"Invalid Parquet: {str(error).rstrip('.')}.")


def _parse_json(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _select_columns(body: bytes, content: object, columns: Columns) -> bytes:
    """The article in a JSON object: the object itself, or the selected members."""
    if columns == Columns() or not isinstance(content, dict):
        return body
    return columns.article(content)


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


READERS: dict[str, Callable[[BinaryIO, str, Columns], Iterator[Document]]] = {
    "text": _read_text,
    "html": _read_html,
    "json": _read_json,
    "jsonl": _read_json_lines,
    "csv": _read_csv,
    "parquet": _read_parquet,
}
"""The input formats: each reads a stream, with the source to name and the columns to use."""
