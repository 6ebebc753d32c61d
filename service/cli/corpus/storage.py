"""Files of the input and the output, on any file system that pyarrow or fsspec reads.

A location is a pair: the store, such as ``s3://bucket/``, which is empty for local files, and the
path in its file system.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit
from uuid import uuid4

import click
import pyarrow as pa
from pyarrow import fs

from service.cli.inputs import Inputs, format_of


@dataclass(frozen=True)
class InputFile:
    """A file of the input.

    Attributes:
        source: its name in the results.
        store: of its location.
        path: of its location.
        format: one of :data:`service.cli.inputs.FORMATS`.
        size: in bytes.
        modified: time of its last change, in nanoseconds since 1970; 0 if unknown.
    """

    source: str
    store: str
    path: str
    format: str
    size: int
    modified: int


def split_location(argument: str) -> tuple[str, str]:
    """The store and the path of a URI or a local path.

    Raises:
        click.UsageError: there is no file system for the URI.
    """
    if "://" not in argument:
        return "", os.path.abspath(argument)
    uri, _, query = argument.partition("?")
    parts = urlsplit(uri, allow_fragments=False)  # names of files may have a #
    store = f"{parts.scheme}://{parts.netloc}/" + (f"?{query}" if query else "")
    # pyarrow and fsspec name the same objects in their own ways, such as bucket/key.
    root = _open(store)[1].rstrip("/")
    return store, f"{root}{parts.path}".rstrip("/")


def file_system(store: str) -> fs.FileSystem:
    """The file system of a store."""
    return _open(store)[0]


@cache
def _open(store: str) -> tuple[fs.FileSystem, str]:
    """The file system of a store, and its root there."""
    if not store:
        return fs.LocalFileSystem(), ""
    try:
        system, root = fs.FileSystem.from_uri(store)
        return system, root
    except (ValueError, pa.ArrowException, OSError):
        pass  # unknown to pyarrow
    try:
        from fsspec.core import url_to_fs

        other, root = url_to_fs(store)
    except (ImportError, ValueError) as error:
        raise click.UsageError(f"{store}: {error}") from None
    return fs.PyFileSystem(fs.FSSpecHandler(other)), root


def list_inputs(inputs: Inputs, output: tuple[str, str] | None) -> Iterator[InputFile]:
    """Every file of the inputs, sorted within each argument.

    Args:
        inputs: local paths and globs as for the other engines, and URIs, which may have ``*``,
            ``**`` and ``[…]`` in their path.
        output: location of a folder to leave out, if any.

    Raises:
        click.UsageError: an argument matches no file, or a file of unknown format.
    """
    for argument in inputs.arguments:
        if "://" in argument:
            found = _list_remote(argument, inputs.format)
        else:
            found = _list_local(Inputs([argument], inputs.format, inputs.columns, None))
        for file in found:
            in_output = output and file.store == output[0] and file.path.startswith(output[1] + "/")
            if not in_output:
                yield file


def _list_local(inputs: Inputs) -> Iterator[InputFile]:
    inputs.check()
    for path in inputs.files():
        details = os.stat(path)
        source = os.fsencode(path).decode("utf-8", "replace")
        file_format = format_of(path) or inputs.format or "text"
        yield InputFile(
            source, "", os.path.abspath(path), file_format, details.st_size, details.st_mtime_ns
        )


def _list_remote(argument: str, default_format: str | None) -> Iterator[InputFile]:
    store, path = split_location(argument)
    system = file_system(store)
    matches = None
    if (magic := re.search(r"[*[]", path)) is not None:
        from fsspec.utils import glob_translate

        matches = re.compile(glob_translate(path))
        path = path[: magic.start()].rpartition("/")[0]
    try:
        [info] = system.get_file_info([path])
        if info.type == fs.FileType.Directory:
            infos = system.get_file_info(fs.FileSelector(path, recursive=True))
        else:
            infos = [info]
    except OSError as error:
        raise click.UsageError(f"{argument}: {error}") from None
    found = False
    for info in sorted(infos, key=lambda info: info.path):
        file_format = format_of(info.path)
        single = info.path == path
        if info.type != fs.FileType.File or (matches and not matches.match(info.path)):
            continue
        if single and file_format is None:
            file_format = default_format
        if file_format is None or re.search(r"/[._]", info.path.removeprefix(path)):
            if single:
                raise click.UsageError(f"The format of {argument} is unknown. Use --format.")
            continue
        found = True
        yield InputFile(
            f"{urlsplit(store).scheme}://{info.path}",
            store,
            info.path,
            file_format,
            info.size,
            info.mtime_ns or 0,
        )
    if not found:
        raise click.UsageError(f"There are no articles in {argument}.")


def check_unchanged(file: InputFile) -> None:
    """Check that a file is as it was when it was listed.

    Raises:
        InputChanged: it is not.
    """
    [info] = file_system(file.store).get_file_info([file.path])
    if info.type != fs.FileType.File or (info.size, info.mtime_ns or 0) != fingerprint(file):
        raise InputChanged(f"{file.source} has changed since it was listed.")


def fingerprint(file: InputFile) -> tuple[int, int]:
    """What changes when the content of a file changes."""
    return file.size, file.modified


class InputChanged(Exception):
    """A file of the input has changed during the work. The message names it."""


def write_whole(system: fs.FileSystem, path: str, content: bytes) -> None:
    """Write a small file, which appears as a whole or not at all."""
    temporary = f"{path}.{uuid4().hex}.tmp"
    with system.open_output_stream(temporary) as stream:
        stream.write(content)
    system.move(temporary, path)
