"""The manifest of a model bundle: what is in it, where it comes from, and the hash of each file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from service.enrichment.types import Capabilities
from service.inference.model_info import ModelError, ModelInfo, TrainingSet

NAME = "manifest.json"


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
    def about(self) -> ModelInfo:
        """The bundle as those know it who do not care what kind of model it is."""
        shared = {f.name for f in fields(ModelInfo)} & {f.name for f in fields(self)}
        types = dict.fromkeys(tag[2:] for tag in self.tags if tag != "O")
        return ModelInfo(
            **{name: getattr(self, name) for name in shared},
            capabilities=Capabilities("trained"),
            entity_types=tuple(types),
        )


def load_manifest(folder: Path) -> Manifest:
    """Read the manifest of the bundle in ``folder`` and hold every file to it.

    Raises:
        ModelError: the manifest is missing or not one, or a file is missing or differs.
    """
    path = folder / NAME
    try:
        raw = path.read_bytes()
        content: dict[str, Any] = json.loads(raw)
    except OSError as error:
        raise ModelError(f"no model bundle in {folder}: {error.strerror} ({NAME})") from None
    except ValueError as error:
        raise ModelError(f"{path} is not JSON: {error}") from None
    wanted = {field.name for field in fields(Manifest)} - {"digest"}
    if content.keys() != wanted:
        names = ", ".join(sorted(content.keys() ^ wanted))
        raise ModelError(f"{path} has missing or unknown members: {names}")
    for name, expected in content["files"].items():
        try:
            actual = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        except OSError as error:
            raise ModelError(f"{folder / name}: {error.strerror}") from None
        if actual != expected:
            raise ModelError(f"{folder / name} is not the file that {NAME} names (sha256 differs)")
    content["training_data"] = tuple(TrainingSet(**item) for item in content["training_data"])
    content["languages"], content["tags"] = tuple(content["languages"]), tuple(content["tags"])
    return Manifest(**content, digest=f"sha256:{hashlib.sha256(raw).hexdigest()}")
