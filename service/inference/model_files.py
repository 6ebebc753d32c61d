"""What models are made of: the embedded bundle, other people's checkpoints, or both.

Nothing is loaded here, and nothing slow imported: the process that starts the workers checks models
and runs none.
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
from service.inference.checkpoint.files import CheckpointFiles, Task, open_checkpoint
from service.inference.checkpoint.labels import entity_tags, polarities
from service.inference.hub.store import Store
from service.inference.model_info import ModelError


@dataclass(frozen=True)
class ModelSpec:
    """What a model is made of.

    Attributes:
        bundle: folder of the bundle that does what ``ner`` and ``sentiment`` do not.
        ner: a token-classification checkpoint: the path of a folder, or an id of the hub with
            ``@revision`` or without, that has been pulled; ``""`` for the bundle.
        sentiment: likewise a sequence-classification checkpoint.
        languages: ISO 639-1 codes; empty for those that the checkpoints name themselves.
        ner_labels: label of the ``ner`` checkpoint → entity type, ``"O"`` for none; a label that
            is not named keeps the type that is derived from it.
        sentiment_labels: label of the ``sentiment`` checkpoint → ``negative``, ``neutral`` or
            ``positive``; likewise.
        sentiment_input: ``pair`` where the ``sentiment`` checkpoint was trained on pairs of a
            sentence and a name in it, towards which it tells the sentiment.
    """

    bundle: Path
    ner: str = ""
    sentiment: str = ""
    languages: tuple[str, ...] = ()
    ner_labels: Mapping[str, str] | None = None
    sentiment_labels: Mapping[str, str] | None = None
    sentiment_input: Literal["sentence", "pair"] = "sentence"


def check_model(spec: ModelSpec, store: Path) -> int:
    """See whether a model is there and whole, without loading it.

    Args:
        spec: what it is made of.
        store: folder of the checkpoints that have been pulled.

    Returns:
        Bytes of the files that it would load.

    Raises:
        ModelError: a file is missing or has changed, or a checkpoint is not of its kind.
    """
    return ModelFiles(spec, Store(store)).size


@contextmanager
def named(role: str, name: str) -> Iterator[None]:
    """Say of an error which checkpoint it is about."""
    try:
        yield
    except ModelError as error:
        raise ModelError(f"the {role} model {name}: {error}") from error


class ModelFiles:
    """The files that a model is made of, held to what is recorded of them.

    Args:
        spec: what it is made of.
        store: the checkpoints that have been pulled.

    Raises:
        ModelError: as :func:`check_model`.
    """

    def __init__(self, spec: ModelSpec, store: Store) -> None:
        self.spec = spec
        self.ner = self.sentiment = None
        self.manifest: Manifest | None = None
        self.versions: list[str] = []
        if spec.ner:
            with named("NER", spec.ner):
                self.ner = self._find(spec.ner, "TokenClassification", store)
                entity_tags(self.ner.labels, spec.ner_labels or {})
        if spec.sentiment:
            with named("sentiment", spec.sentiment):
                self.sentiment = self._find(spec.sentiment, "SequenceClassification", store)
                polarities(self.sentiment.labels, spec.sentiment_labels or {})
        if not (self.ner and self.sentiment):
            self.manifest = load_manifest(spec.bundle)
            self.versions.append(self.manifest.version)
        self.folders = [folder for folder in (self.ner, self.sentiment) if folder]
        self.languages = self._languages()

    @property
    def size(self) -> int:
        """Bytes of all that is loaded."""
        of_bundle = self.manifest.files if self.manifest else ()
        return sum(folder.size for folder in self.folders) + sum(
            (self.spec.bundle / name).stat().st_size for name in of_bundle
        )

    def _find(self, name: str, task: Task, store: Store) -> CheckpointFiles:
        pulled = store.find(name)
        store.verify(pulled)
        folder = open_checkpoint(pulled, task)
        if pulled.record:
            self.versions.append(pulled.record.commit[:12])
            return folder
        files = json.dumps(folder.files, sort_keys=True).encode()
        self.versions.append(hashlib.sha256(files).hexdigest()[:12])
        return folder

    def _languages(self) -> tuple[str, ...]:
        if self.spec.languages:
            return self.spec.languages
        known = [self.manifest.languages] if self.manifest else []
        for folder in self.folders:
            if not folder.card.languages:
                raise ModelError(
                    f"the model {folder.name} does not say for which languages it is: "
                    "say it, in MODEL_LANGUAGES or, in MODELS_FILE, languages"
                )
            known.append(folder.card.languages)
        common = [code for code in known[-1] if all(code in codes for codes in known)]
        if not common:
            listed = "; ".join(", ".join(codes) for codes in known)
            raise ModelError(f"its parts have no language in common: {listed}")
        return tuple(common)
