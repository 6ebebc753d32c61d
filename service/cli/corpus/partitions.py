"""Partitions: the articles that are enriched and recorded together, one file of output each."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import BinaryIO, cast

import pyarrow as pa
from pyarrow import parquet

from service.cli.columns import Columns, Document
from service.cli.corpus.storage import InputFile, check_unchanged, file_system
from service.cli.documents import READERS, csv_names, read_csv, read_json_lines, read_parquet
from service.cli.warc import locate_pages

_BUFFER_BYTES = 1 << 20


@dataclass(frozen=True)
class Piece:
    """Consecutive articles of one file.

    Attributes:
        file: where they are.
        rows: number of articles.
        start: bytes of the file before them; of Parquet, rows.
        first: number of the first line or record, from 1 on.
    """

    file: InputFile
    rows: int
    start: int = 0
    first: int = 1


@dataclass(frozen=True)
class Partition:
    """Articles that become one file of output.

    Attributes:
        name: of the file, without its suffix.
        pieces: its articles, in order.
    """

    name: str
    pieces: tuple[Piece, ...]

    @property
    def rows(self) -> int:
        """Number of articles."""
        return sum(piece.rows for piece in self.pieces)


def split(file: InputFile, columns: Columns, rows: int) -> list[Piece]:
    """Split a file into pieces of ``rows`` articles, the last one shorter.

    Reads the file, of Parquet only the footer.

    Args:
        file: the file.
        columns: which columns make up an article.
        rows: articles of a piece.

    Raises:
        click.UsageError: a column is missing.
        OSError: the file cannot be read.
    """
    if file.format == "parquet":
        return _split_parquet(file, columns, rows)
    with _open(file) as stream:
        if file.format == "warc":
            starts: Iterable[tuple[int, int]] = (
                (page.offset, page.number) for page in locate_pages(stream, file.source, columns)
            )
        elif file.format in ("csv", "jsonl"):
            starts = _line_starts(stream, file, columns)
        else:  # an article, or an array that has to be read as a whole
            documents = READERS[file.format](stream, file.source, columns)
            count = sum(1 for _ in documents)
            return [Piece(file, count)] if count else []
        pieces: list[Piece] = []
        for number, (offset, line) in enumerate(starts):
            if number % rows == 0:
                pieces.append(Piece(file, 0, offset, line))
            pieces[-1] = replace(pieces[-1], rows=number % rows + 1)
    return pieces


class _CountedLines:
    """The lines of a stream, and how much of it has been read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.size = 0
        self.number = 0

    def __iter__(self) -> Iterator[bytes]:
        for line in self._stream:
            self.size += len(line)
            self.number += 1
            yield line


def _line_starts(stream: BinaryIO, file: InputFile, columns: Columns) -> Iterator[tuple[int, int]]:
    """For each article of lines: the bytes before it, and the number of its first line."""
    lines = _CountedLines(stream)
    names = None
    if file.format == "csv":
        names = csv_names(lines)
        columns.check(file.source, names)
        before = lines.number
        documents = read_csv(lines, file.source, columns, names, before)
    else:
        documents = read_json_lines(lines, file.source, Columns())
    start = lines.size, lines.number + 1
    for _ in documents:
        yield start
        start = lines.size, lines.number + 1


def _split_parquet(file: InputFile, columns: Columns, rows: int) -> list[Piece]:
    with _open(file) as stream:
        try:
            table = parquet.ParquetFile(stream)
        except pa.ArrowInvalid:
            return [Piece(file, 1)]  # reading it yields the reason
        columns.check(file.source, table.schema_arrow.names)
        total = table.metadata.num_rows
    return [
        Piece(file, min(rows, total - start), start, start + 1) for start in range(0, total, rows)
    ]


def carried_fields(file: InputFile, columns: Columns) -> list[pa.Field]:
    """The Arrow fields of ``columns.carried``: strings, unless the file has types of its own.

    Raises:
        OSError: the file cannot be read.
    """
    names = columns.carried
    if names and file.format == "parquet":
        with _open(file) as stream:
            try:
                schema = parquet.read_schema(stream)
            except pa.ArrowInvalid:
                return []
            return [schema.field(name).remove_metadata() for name in names]
    return [pa.field(name, pa.string()) for name in names]


def group(pieces: Iterable[Piece], rows: int, first: int) -> Iterator[Partition]:
    """Put the pieces of small files together.

    Args:
        pieces: of at most ``rows`` articles, unless a file cannot be split.
        rows: articles of a partition.
        first: number of the first partition.
    """
    number, count = first, 0
    waiting: list[Piece] = []
    for piece in pieces:
        if waiting and count + piece.rows > rows:
            yield Partition(f"part-{number:06}", tuple(waiting))
            number, waiting, count = number + 1, [], 0
        waiting.append(piece)
        count += piece.rows
    if waiting:
        yield Partition(f"part-{number:06}", tuple(waiting))


def read(partition: Partition, columns: Columns) -> Iterator[Document]:
    """The articles of a partition, read lazily.

    Raises:
        InputChanged: a file has changed since it was split.
        OSError: a file cannot be read.
    """
    for piece in partition.pieces:
        check_unchanged(piece.file)
        with _open(piece.file) as stream:
            yield from islice(_read_piece(stream, piece, columns), piece.rows)


def _read_piece(stream: BinaryIO, piece: Piece, columns: Columns) -> Iterator[Document]:
    file = piece.file
    if file.format == "parquet":
        return read_parquet(stream, file.source, columns, file.size, piece.start, piece.rows)
    if file.format == "warc":
        stream.seek(piece.start)
        pages = locate_pages(stream, file.source, columns, piece.first)
        return (page.document for page in pages)
    if file.format == "jsonl":
        stream.seek(piece.start)
        return read_json_lines(stream, file.source, columns, piece.first)
    if file.format == "csv":
        names = csv_names(stream)
        stream.seek(piece.start)
        return read_csv(stream, file.source, columns, names, piece.first - 1)
    return READERS[file.format](stream, file.source, columns)


def _open(file: InputFile) -> BinaryIO:
    raw = file_system(file.store).open_input_file(file.path)
    return cast("BinaryIO", io.BufferedReader(raw, _BUFFER_BYTES))
