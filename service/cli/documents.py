"""Readers of the input formats: each turns a stream into documents, one article at a time."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, BinaryIO

import click

from service.cli.columns import Columns, Document
from service.cli.warc import read_warc
from service.client.types import Article

_JSON = "application/json"
_ARTICLE_MEMBERS = Article.__annotations__.keys()
_PARQUET_BATCH_ROWS = 64


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
            size, carried = len(body) // len(content), columns.carry(item)
            yield Document(f"{source}:{number}", article, _JSON, size, carried=carried)
    elif isinstance(content, dict) and "coverage" in content and "text" not in content:
        click.echo(f"Skipping {source}: it is an enrichment, not an article.", err=True)
    else:
        article, carried = _select_columns(body, content, columns), columns.carry(content)
        yield Document(source, article, _JSON, len(body), carried=carried)


def read_json_lines(
    stream: Iterable[bytes], source: str, columns: Columns, first_line: int = 1
) -> Iterator[Document]:
    """Read an article from each line that is not blank, and no line ahead.

    Args:
        stream: lines of bytes, such as a binary file.
        source: the file.
        columns: which members of an object make up an article.
        first_line: number of the first line in the file.
    """
    for number, line in enumerate(stream, first_line):
        if line.strip():
            content = None if columns == Columns() else _parse_json(line)
            article, carried = _select_columns(line, content, columns), columns.carry(content)
            yield Document(f"{source}:{number}", article, _JSON, len(line), carried=carried)


def read_csv(
    stream: Iterable[bytes],
    source: str,
    columns: Columns,
    names: Sequence[str] | None = None,
    lines_before: int = 0,
) -> Iterator[Document]:
    """Read an article from each row of CSV, and no row ahead.

    Args:
        stream: lines of bytes, such as a binary file.
        source: the file.
        columns: which columns make up an article.
        names: names of the columns; by default, the first row has them.
        lines_before: lines of the file before ``stream``.

    Raises:
        click.UsageError: a column is missing.
    """
    bytes_read = 0

    def count(lines: Iterable[bytes]) -> Iterator[bytes]:
        nonlocal bytes_read
        for line in lines:
            bytes_read += len(line)
            yield line

    rows = _csv_rows(count(stream))
    row_start, first_line = 0, lines_before + 1
    try:
        if names is None:
            names = next(rows, [])
            columns.check(source, names)
        row_start, first_line = bytes_read, lines_before + rows.line_num + 1
        for values in rows:
            if values:
                row = dict(zip(names, values, strict=False))
                article, carried = columns.article(row), columns.carry(row)
                size = bytes_read - row_start
                yield Document(f"{source}:{first_line}", article, _JSON, size, carried=carried)
                row_start = bytes_read
            first_line = lines_before + rows.line_num + 1
    except csv.Error as error:
        yield Document(f"{source}:{first_line}", read_error=f"Invalid CSV: {error}.")


def csv_names(stream: Iterable[bytes]) -> list[str]:
    """The names in the first row of CSV; empty if it is invalid."""
    try:
        return next(_csv_rows(stream), [])
    except csv.Error:
        return []


def _csv_rows(lines: Iterable[bytes]) -> Any:
    """A ``csv.reader``, which reads no line ahead."""
    csv.field_size_limit(sys.maxsize)  # the default, 128 KiB, is shorter than some articles
    # Invalid UTF-8 spoils only its own row: the service rejects the lone surrogates.
    return csv.reader(
        line.decode("utf-8", "surrogateescape").removeprefix("\ufeff") for line in lines
    )


def _read_parquet(stream: BinaryIO, source: str, columns: Columns) -> Iterator[Document]:
    yield from read_parquet(stream, source, columns, os.fstat(stream.fileno()).st_size)


def read_parquet(
    stream: BinaryIO,
    source: str,
    columns: Columns,
    size: int,
    start: int = 0,
    rows: int | None = None,
) -> Iterator[Document]:
    """Read an article from each row of Parquet.

    Args:
        stream: a binary file.
        source: the file.
        columns: which columns make up an article.
        size: bytes of the file.
        start: rows to skip.
        rows: number of rows to read; by default, all. Rows that cannot be read have a read error
            each; without ``rows``, all of them together have one.

    Raises:
        click.UsageError: a column is missing, or pyarrow is not installed.
    """
    try:
        from pyarrow import parquet
    except ImportError:
        raise click.UsageError(
            f"{source}: reading Parquet requires pyarrow, which is not installed."
        ) from None
    number = start
    try:
        table = parquet.ParquetFile(stream)
        columns.check(source, table.schema_arrow.names)
        total = table.metadata.num_rows
        groups, skip = _row_groups(table.metadata, start, total if rows is None else start + rows)
        batches = table.iter_batches(_PARQUET_BATCH_ROWS, groups, columns=columns.names)
        for batch in batches:
            for row in batch.slice(skip).to_pylist():
                number += 1
                article, carried = columns.article(row), columns.carry(row)
                row_size = size // max(1, total)
                yield Document(f"{source}:{number}", article, _JSON, row_size, carried=carried)
            skip = max(0, skip - batch.num_rows)
    except ValueError as error:  # the base class of pyarrow's errors
        reason = f"Invalid Parquet: {str(error).rstrip('.')}."
        if rows is None:
            yield Document(source, read_error=reason)
        else:
            for unread in range(number + 1, start + rows + 1):
                yield Document(f"{source}:{unread}", read_error=reason)


def _row_groups(metadata: Any, start: int, end: int) -> tuple[list[int], int]:
    """The row groups with the rows from ``start`` to ``end``, and the rows in them before these."""
    groups: list[int] = []
    skip = first = 0
    for number in range(metadata.num_row_groups):
        last = first + metadata.row_group(number).num_rows
        if first < end and last > start:
            if not groups:
                skip = start - first
            groups.append(number)
        first = last
    return groups, max(0, skip)


def _parse_json(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _select_columns(body: bytes, content: object, columns: Columns) -> bytes:
    """The article in a JSON object: the object without what accompanies it, or some members."""
    if not isinstance(content, dict):
        return body
    if columns.select:
        return columns.article(content)
    beside = {name for name in columns.carried if name not in _ARTICLE_MEMBERS}
    if beside.isdisjoint(content):
        return body
    members = {name: value for name, value in content.items() if name not in beside}
    return json.dumps(members).encode()


READERS: dict[str, Callable[[BinaryIO, str, Columns], Iterator[Document]]] = {
    "text": _read_text,
    "html": _read_html,
    "json": _read_json,
    "jsonl": read_json_lines,
    "csv": read_csv,
    "parquet": _read_parquet,
    "warc": read_warc,
}
"""The input formats: each reads a stream, with the source to name and the columns to use."""
