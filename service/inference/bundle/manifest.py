"""The manifest of a model bundle: its properties, its origin and the digests of its files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec
import numpy as np

from service.enrichment.bio import OUTSIDE
from service.enrichment.document_tone import FIGURES, LABELS, DocumentHead
from service.enrichment.types import VALUE_TYPES, Capabilities
from service.inference.errors import ModelError
from service.inference.file_digests import verify_files
from service.inference.json_files import decode_typed
from service.inference.model_info import ModelInfo, TrainingSet

MANIFEST = "manifest.json"


class DocumentTone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A :class:`~service.enrichment.document_tone.DocumentHead` as numbers.

    Attributes:
        figures: names of the rows of ``weights``.
        labels: names of the members of ``bias``, and of the columns of ``weights``.
        bias: of each label.
        weights: of each figure, for each label.

    Raises:
        ValueError: they are not the figures and labels of this version, or numbers are missing.
    """

    figures: tuple[str, ...]
    labels: tuple[str, ...]
    bias: tuple[float, ...]
    weights: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        if (self.figures, self.labels) != (FIGURES, LABELS):
            raise ValueError(
                f"figures must be {', '.join(FIGURES)}, and labels {', '.join(LABELS)}"
            )
        rows = [self.bias, *self.weights]
        if len(self.weights) != len(FIGURES) or {len(row) for row in rows} != {len(LABELS)}:
            raise ValueError(
                f"weights must have {len(FIGURES)} rows; these and bias, {len(LABELS)} numbers"
            )


class ManifestContent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of the manifest file.

    Attributes:
        name, version, description, licence, base, quantization: descriptions for people.
        languages: ISO 639-1 codes.
        tags: ``"O"`` and the BIO tags, in the order of the encoder's output.
        window: maximum number of word pieces in one pass, without special tokens.
        training_data: data sets, in no particular order.
        files: name → sha256, hexadecimal, of every other file of the bundle that is loaded.
        weight_bits: of the encoder's quantised weights.
        document_tone: what gives whole articles their sentiment; without it, a formula does.
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
    document_tone: DocumentTone | None = None
    weight_bits: int = 8


class Manifest(ManifestContent, frozen=True, kw_only=True):
    """The manifest of a bundle.

    Attributes:
        digest: ``sha256:`` and the hash of the manifest file, and so of all files that it lists.
    """

    digest: str

    @property
    def document_head(self) -> DocumentHead | None:
        """What gives whole articles their sentiment, if the bundle has it."""
        if self.document_tone is None:
            return None
        return DocumentHead(
            np.asarray(self.document_tone.bias), np.asarray(self.document_tone.weights)
        )

    @property
    def model_info(self) -> ModelInfo:
        """The description of the bundle, in the form that all kinds of models share."""
        types = dict.fromkeys(tag[2:] for tag in self.tags if tag != OUTSIDE)
        return ModelInfo(
            name=self.name,
            version=self.version,
            digest=self.digest,
            capabilities=Capabilities("trained"),
            description=self.description,
            licence=self.licence,
            base=self.base,
            quantization=self.quantization,
            languages=self.languages,
            entity_types=tuple(type_ for type_ in types if type_ not in VALUE_TYPES),
            window=self.window,
            training_data=self.training_data,
            files=self.files,
        )


def load_manifest(folder: Path) -> Manifest:
    """Read the manifest of the bundle in ``folder`` and verify all files of the bundle.

    Raises:
        ModelError: the manifest is missing or invalid, or a file is missing or differs.
    """
    path = folder / MANIFEST
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ModelError(f"no model bundle in {folder}: {error.strerror} ({MANIFEST})") from None
    content = decode_typed(raw, ManifestContent, path)
    verify_files(folder, content.files, MANIFEST)
    digest = f"sha256:{hashlib.sha256(raw).hexdigest()}"
    return Manifest(**msgspec.structs.asdict(content), digest=digest)
