"""The manifest of a model bundle: what is in it, where it comes from, and the hash of each file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

NAME = "manifest.json"


class BundleError(Exception):
    """A model bundle cannot be used; the message says why in one line."""


@dataclass(frozen=True)
class TrainingSet:
    """A data set the model was trained on, and on which terms it is had."""

    name: str
    licence: str
    use: str


@dataclass(frozen=True)
class Manifest:
    """What a bundle says of itself.

    Attributes:
        name, version, description, licence, base, quantization: for people.
        languages: ISO 639-1 codes.
        tags: ``"O"`` and the BIO tags in the order of the encoder's output.
        window: most word pieces of text in one pass, special tokens not counted.
        training_data: in no particular order.
        files: name → sha256, hexadecimal, of every other file of the bundle that is loaded.
        digest: ``sha256:`` and the hash of the manifest file, hence of all it lists.
    """

    name: str
    version: str
    description: str
    licence: str
    base: str
    quantization: str
    languages: tuple[str, ...]
    tags: tuple[str, ...]
    window: int
    training_data: tuple[TrainingSet, ...]
    files: Mapping[str, str]
    digest: str = ""

    @property
    def entity_types(self) -> tuple[str, ...]:
        """The types that the tags tell apart, in their order."""
        return tuple(dict.fromkeys(tag[2:] for tag in self.tags if tag != "O"))

    @property
    def polarities(self) -> tuple[str, ...]:
        """The labels of a sentence's or a mention's sentiment."""
        return ("NEGATIVE", "NEUTRAL", "POSITIVE")


def load_manifest(folder: Path) -> Manifest:
    """Read the manifest of the bundle in ``folder`` and hold every file to it.

    Raises:
        BundleError: the manifest is missing or not one, or a file is missing or differs.
    """
    path = folder / NAME
    try:
        raw = path.read_bytes()
        content: dict[str, Any] = json.loads(raw)
    except OSError as error:
        raise BundleError(f"no model bundle in {folder}: {error.strerror} ({NAME})") from None
    except ValueError as error:
        raise BundleError(f"{path} is not JSON: {error}") from None
    wanted = {field.name for field in fields(Manifest)} - {"digest"}
    if content.keys() != wanted:
        names = ", ".join(sorted(content.keys() ^ wanted))
        raise BundleError(f"{path} has missing or unknown members: {names}")
    for name, expected in content["files"].items():
        try:
            actual = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        except OSError as error:
            raise BundleError(f"{folder / name}: {error.strerror}") from None
        if actual != expected:
            raise BundleError(f"{folder / name} is not the file that {NAME} names (sha256 differs)")
    content["training_data"] = tuple(TrainingSet(**item) for item in content["training_data"])
    content["languages"], content["tags"] = tuple(content["languages"]), tuple(content["tags"])
    return Manifest(**content, digest=f"sha256:{hashlib.sha256(raw).hexdigest()}")
