"""The inputs on the command line: files, folders, globs and standard input."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import click

from service.cli.columns import Columns, Document
from service.cli.documents import READERS

STDIN = "-"
FORMATS = tuple(READERS)
SUFFIXES = {
    ".txt": "text",
    ".html": "html",
    ".htm": "html",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".parquet": "parquet",
    ".warc": "warc",
    ".warc.gz": "warc",
    ".wet": "warc",
    ".wet.gz": "warc",
}


def format_of(path: str) -> str | None:
    """The format that the suffix of a file stands for; ``None`` if it stands for none."""
    name = os.path.basename(path).lower()
    matching = (kind for suffix, kind in SUFFIXES.items() if name.endswith(suffix))
    return next(matching, None)


@dataclass(frozen=True)
class Inputs:
    """The inputs of a run.

    Attributes:
        arguments: files, folders, globs, or "-".
        format: one of :data:`FORMATS`, for standard input and for files with another suffix.
        columns: which columns of a row make up an article.
        exclude: a file to leave out even if it is in a folder: the output.
    """

    arguments: Sequence[str]
    format: str | None
    columns: Columns
    exclude: Path | None

    def check(self) -> None:
        """Check the arguments before any article is read.

        Raises:
            click.UsageError: an argument matches no file, a file of unknown format, or the output.
        """
        for argument in self.arguments:
            if argument == STDIN:
                if self.format == "parquet":
                    raise click.UsageError("Parquet cannot be read from standard input.")
            elif os.path.isfile(argument) and self._is_excluded(argument):
                raise click.UsageError(f"{argument} is the output, too.")
            elif not os.path.lexists(argument):
                if not glob.has_magic(argument) or not glob.glob(argument, recursive=True):
                    hint = " URIs require --engine ray." if "://" in argument else ""
                    raise click.UsageError(f"{argument} does not exist.{hint}")
            elif not os.path.isdir(argument) and self._format(argument) is None:
                raise click.UsageError(
                    f"The format of {argument} is unknown: its name ends in none of "
                    f"{', '.join(SUFFIXES)}. Use --format."
                )
        if next(self.files(), None) is None:
            raise click.UsageError(f"There are no articles in {', '.join(self.arguments)}.")

    def files(self) -> Iterator[str]:
        """The paths of the files, in the order of the arguments, sorted within a folder."""
        for argument in self.arguments:
            if argument == STDIN or os.path.isfile(argument):
                yield argument
            elif os.path.lexists(argument):
                yield from self._walk(argument)
            else:
                for path in sorted(glob.glob(argument, recursive=True)):
                    if self._is_input(path):
                        yield path

    def size(self) -> int | None:
        """Bytes of all files together; ``None`` if a pipe is among them."""
        total = 0
        for path in self.files():
            if not os.path.isfile(path):
                return None
            total += os.path.getsize(path)
        return total

    def documents(self) -> Iterator[Document]:
        """Every article, read lazily. An unreadable file yields a document with a read error.

        Raises:
            click.UsageError: a table lacks a column, or pyarrow is not installed.
        """
        for path in self.files():
            source = os.fsencode(path).decode("utf-8", "replace")
            read = READERS[self._format(path) or "text"]
            try:
                with _open(path) as stream:
                    yield from read(stream, source, self.columns)
            except OSError as error:
                yield Document(source, read_error=f"{error.strerror}.")

    def _walk(self, folder: str) -> Iterator[str]:
        if not os.path.isdir(folder):  # a pipe, or a broken link
            yield folder
        for root, folders, names in os.walk(folder):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                path = os.path.join(root, name)
                if not name.startswith(".") and self._is_input(path):
                    yield path

    def _is_input(self, path: str) -> bool:
        """Whether a file in a folder or matched by a glob is an input."""
        if format_of(path) is None or not os.path.isfile(path):
            return False
        return not self._is_excluded(path)

    def _is_excluded(self, path: str) -> bool:
        return self.exclude is not None and _is_same_file(Path(path), self.exclude)

    def _format(self, path: str) -> str | None:
        return format_of(path) or self.format


def _open(path: str) -> AbstractContextManager[BinaryIO]:
    return nullcontext(sys.stdin.buffer) if path == STDIN else open(path, "rb")


def _is_same_file(one: Path, other: Path) -> bool:
    return other.exists() and one.samefile(other)
