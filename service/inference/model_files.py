"""The files of a model: the embedded bundle, checkpoints, or both.

The process that starts the workers checks models and runs none. So this module loads no model and
imports no slow library.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from service.inference.bundle.manifest import Manifest, load_manifest
from service.inference.checkpoint.files import CheckpointFiles, Task
from service.inference.checkpoint.labels import derive_polarities, derive_tags
from service.inference.errors import ModelError
from service.inference.hub.record import LocalCheckpoint
from service.inference.hub.store import Store


@dataclass(frozen=True)
class ModelSpec:
    """The parts of a model.

    Attributes:
        bundle: folder of the bundle, used for each task without ``ner`` or ``sentiment``.
        ner: a token-classification checkpoint: a folder, or the hub id of a pulled checkpoint with
            or without ``@revision``; ``""`` for the bundle.
        sentiment: a sequence-classification checkpoint, in the same form.
        languages: ISO 639-1 codes; empty for the languages in the model cards.
        ner_labels: label of the ``ner`` checkpoint → entity type, or ``"O"``; other labels keep
            their derived types.
        sentiment_labels: label of the ``sentiment`` checkpoint → ``negative``, ``neutral`` or
            ``positive``; other labels keep their derived polarities.
        sentiment_input: ``pair`` if the ``sentiment`` checkpoint was trained on pairs of a sentence
            and a name in it.
    """

    bundle: Path
    ner: str = ""
    sentiment: str = ""
    languages: tuple[str, ...] = ()
    ner_labels: Mapping[str, str] | None = None
    sentiment_labels: Mapping[str, str] | None = None
    sentiment_input: Literal["sentence", "pair"] = "sentence"


def check_model(spec: ModelSpec, store: Path) -> int:
    """Check that a model is complete, without loading it.

    Args:
        spec: parts of the model.
        store: folder of pulled checkpoints.

    Returns:
        Bytes of the files that the model loads.

    Raises:
        ModelError: a file is missing or has changed, or a checkpoint is for another task.
    """
    return ModelFiles(spec, Store(store)).size


def open_checkpoint(pulled: LocalCheckpoint, task: Task | None = None) -> CheckpointFiles:
    """Open a checkpoint of the store, or of a folder elsewhere.

    Args:
        pulled: a verified checkpoint.
        task: required task; ``None`` accepts every supported one.

    Raises:
        ModelError: as :class:`CheckpointFiles`, or a file was not pulled.
    """
    record = pulled.record
    name = record.id if record else pulled.folder.resolve().name
    pickled = any(each.endswith(".bin") for each in record.files) if record else False
    files = CheckpointFiles(pulled.folder, name, task, pickled, record.files if record else None)
    if record and (added := sorted(set(files.files) - set(record.files))):
        raise ModelError(f"{pulled.folder / added[0]} was added after the checkpoint was pulled")
    return files


@contextmanager
def naming_checkpoint(role: str, name: str) -> Iterator[None]:
    """Put the name of a checkpoint in front of its errors."""
    try:
        yield
    except ModelError as error:
        raise ModelError(f"the {role} model {name}: {error}") from error


class ModelFiles:
    """The files of a model, verified against their recorded digests.

    Args:
        spec: parts of the model.
        store: pulled checkpoints.

    Raises:
        ModelError: as :func:`check_model`.
    """

    def __init__(self, spec: ModelSpec, store: Store) -> None:
        self.spec = spec
        self.ner = self.sentiment = None
        self.manifest: Manifest | None = None
        self.versions: list[str] = []
        if spec.ner:
            with naming_checkpoint("NER", spec.ner):
                self.ner = self._find(spec.ner, "TokenClassification", store)
                derive_tags(self.ner.labels, spec.ner_labels or {})
        if spec.sentiment:
            with naming_checkpoint("sentiment", spec.sentiment):
                self.sentiment = self._find(spec.sentiment, "SequenceClassification", store)
                derive_polarities(self.sentiment.labels, spec.sentiment_labels or {})
        if not (self.ner and self.sentiment):
            self.manifest = load_manifest(spec.bundle)
            self.versions.append(self.manifest.version)
        self.checkpoints = [files for files in (self.ner, self.sentiment) if files]
        self.languages = self._find_languages()

    @property
    def size(self) -> int:
        """Bytes of all files."""
        bundle_files = self.manifest.files if self.manifest else ()
        return sum(checkpoint.size for checkpoint in self.checkpoints) + sum(
            (self.spec.bundle / name).stat().st_size for name in bundle_files
        )

    def _find(self, name: str, task: Task, store: Store) -> CheckpointFiles:
        pulled = store.find(name)
        store.verify(pulled)
        files = open_checkpoint(pulled, task)
        if pulled.record:
            self.versions.append(pulled.record.commit[:12])
            return files
        digests = json.dumps(files.files, sort_keys=True).encode()
        self.versions.append(hashlib.sha256(digests).hexdigest()[:12])
        return files

    def _find_languages(self) -> tuple[str, ...]:
        if self.spec.languages:
            return self.spec.languages
        languages = [self.manifest.languages] if self.manifest else []
        for checkpoint in self.checkpoints:
            if not checkpoint.card.languages:
                raise ModelError(
                    f"the card of the model {checkpoint.name} names no language: set "
                    "MODEL_LANGUAGES or, in MODELS_FILE, languages"
                )
            languages.append(checkpoint.card.languages)
        common = [code for code in languages[-1] if all(code in codes for codes in languages)]
        if not common:
            listed = "; ".join(", ".join(codes) for codes in languages)
            raise ModelError(f"its parts have no language in common: {listed}")
        return tuple(common)
