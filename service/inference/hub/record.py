"""The record of a pulled checkpoint, kept in its folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from service.inference.json_files import read_typed

RECORD = "record.json"


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The properties of a commit of a checkpoint; the same on every machine that pulls it.

    Attributes:
        id: ``owner/name``.
        commit: 40 hexadecimal digits.
        licence: from the model card; ``""`` if unknown.
        languages: ISO 639-1 codes from the model card; empty if unknown.
        pipeline_tag: from the model card; ``""`` if unknown.
        files: name, relative to the folder → sha256, hexadecimal.
        sizes: name → bytes.
    """

    id: str
    commit: str
    licence: str
    languages: tuple[str, ...]
    pipeline_tag: str
    files: Mapping[str, str]
    sizes: Mapping[str, int]


@dataclass(frozen=True)
class LocalCheckpoint:
    """A checkpoint on disk.

    Attributes:
        folder: the folder of its files.
        record: None for a folder that was not pulled.
    """

    folder: Path
    record: Record | None


def read_checkpoint(folder: Path) -> LocalCheckpoint:
    """Read the record of a pulled checkpoint.

    Raises:
        ModelError: the record cannot be read or is invalid.
    """
    return LocalCheckpoint(folder, read_typed(folder / RECORD, Record))
