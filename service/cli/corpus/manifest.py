"""The manifest beside the output: what the partitions are made of, and which are finished.

The folder ``_enrich`` of the output, which readers of Parquet ignore because of its underscore, has

- ``manifest.json``: the model, the parameters, and the articles of every partition;
- ``done/NAME.json``: the record of a finished partition, written after its file has its name.

A file without a record does not count: it is written again, under the same name.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import click
import pyarrow as pa
from pyarrow import fs

from service.cli.corpus.partitions import Partition, Piece
from service.cli.corpus.storage import (
    InputFile,
    file_system,
    fingerprint,
    split_location,
    write_whole,
)

_FORMAT = 1
_FOLDER = "_enrich"
_CONCURRENT_READS = 32


@dataclass(frozen=True)
class Record:
    """What is recorded of a finished partition.

    Attributes:
        partition: its name.
        rows: articles in its file.
        failed: those of them that have a problem.
        size: of its file, in bytes.
        seconds: that its articles took.
        failures: source and detail of the first articles that have a problem.
    """

    partition: str
    rows: int
    failed: int
    size: int
    seconds: float
    failures: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Output:
    """The folder of the output.

    Attributes:
        name: as the user names it.
        store: of its location.
        path: of its location.
    """

    name: str
    store: str
    path: str

    @staticmethod
    def at(name: str) -> Output:
        """The output at a URI or a local path."""
        return Output(name, *split_location(name))

    @property
    def system(self) -> fs.FileSystem:
        """Its file system."""
        return file_system(self.store)

    def file(self, partition: str) -> str:
        """Path of the file of a partition."""
        return f"{self.path}/{partition}.parquet"

    def temporary(self, name: str) -> str:
        """Path of a file that is being written."""
        return f"{self.path}/{_FOLDER}/unfinished/{name}"

    @property
    def manifest(self) -> str:
        """Path of the manifest."""
        return f"{self.path}/{_FOLDER}/manifest.json"

    @property
    def _records(self) -> str:
        return f"{self.path}/{_FOLDER}/done"

    def prepare(self) -> None:
        """Create the folders, and delete what an interrupted run has left half-written."""
        self.clean()
        for folder in (self._records, self.temporary("")):
            self.system.create_dir(folder.rstrip("/"), recursive=True)

    def clean(self) -> None:
        """Delete half-written files."""
        folder = self.temporary("").rstrip("/")
        if self.system.get_file_info([folder])[0].type == fs.FileType.Directory:
            self.system.delete_dir(folder)

    def record(self, record: Record) -> None:
        """Record a finished partition."""
        content = json.dumps(asdict(record)).encode()
        write_whole(self.system, f"{self._records}/{record.partition}.json", content)

    def recorded(self, partition: str) -> Record | None:
        """The record of a partition; ``None`` if it is not finished."""
        path = f"{self._records}/{partition}.json"
        record, file = self.system.get_file_info([path, self.file(partition)])
        if record.type != fs.FileType.File or file.type != fs.FileType.File:
            return None
        found = self._read_record(path)
        return found if found.size == file.size else None

    def finished(self) -> dict[str, Record]:
        """The records of the partitions whose files are there, by name."""
        recorded = self._list(self._records)
        sizes = self._list(self.path)
        with ThreadPoolExecutor(_CONCURRENT_READS) as pool:
            paths = [f"{self._records}/{name}" for name in recorded if name.endswith(".json")]
            records = list(pool.map(self._read_record, paths))
        return {
            record.partition: record
            for record in records
            if sizes.get(f"{record.partition}.parquet") == record.size
        }

    def _list(self, folder: str) -> dict[str, int]:
        """Name → bytes of the files in a folder."""
        infos = self.system.get_file_info(fs.FileSelector(folder, allow_not_found=True))
        return {info.base_name: info.size for info in infos if info.type == fs.FileType.File}

    def _read_record(self, path: str) -> Record:
        record: dict[str, Any] = json.loads(self.read(path))
        failures = [(source, detail) for source, detail in record.pop("failures")]
        return Record(**record, failures=failures)

    def read(self, path: str) -> bytes:
        """The content of a small file."""
        with self.system.open_input_stream(path) as stream:
            content: bytes = stream.read()
        return content

    def is_empty(self) -> bool:
        """Whether there is no file at the location."""
        [info] = self.system.get_file_info([self.path])
        if info.type == fs.FileType.File:
            return False
        selector = fs.FileSelector(self.path, allow_not_found=True)
        return not self.system.get_file_info(selector)


@dataclass(frozen=True)
class Manifest:
    """What the output is made of.

    Attributes:
        run: what has to be the same when the run is resumed: the digests of the model and of the
            knowledge, the parameters, and the columns.
        schema: of the output.
        partitions: in the order of their names.
    """

    run: dict[str, Any]
    schema: pa.Schema
    partitions: tuple[Partition, ...] = ()

    @property
    def files(self) -> dict[str, InputFile]:
        """The input files, by their source."""
        pieces = (piece for partition in self.partitions for piece in partition.pieces)
        return {piece.file.source: piece.file for piece in pieces}

    def extended(self, partitions: Iterable[Partition]) -> Manifest:
        """The manifest with more partitions."""
        return replace(self, partitions=(*self.partitions, *partitions))

    def write(self, output: Output) -> None:
        """Write it beside the output."""
        files = list(self.files.values())
        numbers = {file.source: number for number, file in enumerate(files)}
        content = {
            "format": _FORMAT,
            **self.run,
            "schema": base64.b64encode(self.schema.serialize()).decode(),
            "files": [asdict(file) for file in files],
            "partitions": [
                {
                    "name": partition.name,
                    "pieces": [
                        [numbers[piece.file.source], piece.rows, piece.start, piece.first]
                        for piece in partition.pieces
                    ],
                }
                for partition in self.partitions
            ],
        }
        write_whole(output.system, output.manifest, json.dumps(content).encode())


def read_manifest(output: Output) -> Manifest | None:
    """The manifest of an earlier run; ``None`` if there is none.

    Raises:
        click.UsageError: it is of another version of the program.
    """
    if output.system.get_file_info([output.manifest])[0].type != fs.FileType.File:
        return None
    content = json.loads(output.read(output.manifest))
    if content.pop("format") != _FORMAT:
        raise click.UsageError(f"Cannot resume {output.name}: its manifest has another format.")
    schema = pa.ipc.read_schema(pa.py_buffer(base64.b64decode(content.pop("schema"))))
    files = [InputFile(**file) for file in content.pop("files")]
    partitions = tuple(
        Partition(
            partition["name"],
            tuple(Piece(files[number], *position) for number, *position in partition["pieces"]),
        )
        for partition in content.pop("partitions")
    )
    return Manifest(content, schema, partitions)


def check_resumable(
    output: Output,
    earlier: Manifest,
    run: dict[str, Any],
    schema: pa.Schema,
    listed: Sequence[InputFile],
    finished: Iterable[str],
) -> None:
    """Check that a run continues an earlier one.

    Args:
        output: of both.
        earlier: the earlier run.
        run: of the one that continues it.
        schema: likewise.
        listed: the input files as they are now.
        finished: names of the finished partitions.

    Raises:
        click.UsageError: the model, the parameters or an input file has changed.
    """
    for name, value in run.items():
        if earlier.run.get(name) != value:
            then, now = (json.dumps(one) for one in (earlier.run.get(name), value))
            raise click.UsageError(
                f"Cannot resume {output.name}: the earlier run used another {name}: {then}, "
                f"not {now}."
            )
    if not earlier.schema.equals(schema):
        raise click.UsageError(f"Cannot resume {output.name}: its columns are other ones.")
    now_listed = {file.source: file for file in listed}
    for partition in _unfinished(earlier, finished):
        for piece in partition.pieces:
            if piece.file.source not in now_listed:
                raise click.UsageError(
                    f"Cannot resume {output.name}: {piece.file.source} is no longer there."
                )
    for source, file in earlier.files.items():
        if source in now_listed and fingerprint(file) != fingerprint(now_listed[source]):
            raise click.UsageError(
                f"Cannot resume {output.name}: {source} has changed since the earlier run."
            )


def _unfinished(manifest: Manifest, finished: Iterable[str]) -> Iterator[Partition]:
    names = set(finished)
    return (partition for partition in manifest.partitions if partition.name not in names)
