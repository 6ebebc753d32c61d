"""Models by what settings say of them: the embedded bundle, other people's checkpoints, or both."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from service.enrichment.article import Capabilities
from service.enrichment.protocol import Model
from service.inference.bundle import Bundle, load_bundle
from service.inference.checkpoint import Checkpoint, Folder, Task, open_folder
from service.inference.classifier import Classifier
from service.inference.composed import Composed
from service.inference.description import Description, ModelError
from service.inference.labels import entity_tags, polarities
from service.inference.manifest import Manifest, load_manifest
from service.inference.store import Store
from service.inference.tagger import Tagger


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


@dataclass(frozen=True)
class LoadedModel:
    """A model in memory, and what it says of itself."""

    model: Model
    about: Description


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
    return _Parts(spec, Store(store)).size


def load_model(spec: ModelSpec, store: Path) -> LoadedModel:
    """Load a model.

    Args:
        spec: what it is made of.
        store: folder of the checkpoints that have been pulled.

    Raises:
        ModelError: as :func:`check_model`, or it cannot be loaded.
    """
    parts = _Parts(spec, Store(store))
    bundle = load_bundle(spec.bundle) if parts.manifest else None
    names: Tagger | Bundle | None = bundle
    sentiment: Classifier | Bundle | None = bundle
    runtimes: list[str] = []
    if parts.ner:
        with _named("NER", spec.ner):
            checkpoint = Checkpoint(parts.ner)
            names = Tagger(checkpoint, spec.ner_labels or {})
            runtimes.append(checkpoint.runtime.name)
    if parts.sentiment:
        with _named("sentiment", spec.sentiment):
            checkpoint = Checkpoint(parts.sentiment)
            pairs = spec.sentiment_input == "pair"
            sentiment = Classifier(checkpoint, spec.sentiment_labels or {}, pairs)
            runtimes.append(checkpoint.runtime.name)
    if names is None or sentiment is None:
        raise AssertionError  # each is either of the bundle or of a checkpoint
    if bundle and names is sentiment:
        return LoadedModel(bundle, bundle.about)
    about = parts.describe(names, sentiment, runtimes)
    return LoadedModel(Composed(about, names, sentiment), about)


@contextmanager
def _named(role: str, name: str) -> Iterator[None]:
    """Say of an error which checkpoint it is about."""
    try:
        yield
    except ModelError as error:
        raise ModelError(f"the {role} model {name}: {error}") from error


class _Parts:
    """The files that a model is made of, held to what is recorded of them."""

    def __init__(self, spec: ModelSpec, store: Store) -> None:
        self._spec = spec
        self.ner = self.sentiment = None
        self.manifest: Manifest | None = None
        self._versions: list[str] = []
        if spec.ner:
            with _named("NER", spec.ner):
                self.ner = self._find(spec.ner, "TokenClassification", store)
                entity_tags(self.ner.labels, spec.ner_labels or {})
        if spec.sentiment:
            with _named("sentiment", spec.sentiment):
                self.sentiment = self._find(spec.sentiment, "SequenceClassification", store)
                polarities(self.sentiment.labels, spec.sentiment_labels or {})
        if not (self.ner and self.sentiment):
            self.manifest = load_manifest(spec.bundle)
            self._versions.append(self.manifest.version)
        self._folders = [folder for folder in (self.ner, self.sentiment) if folder]
        self.languages = self._languages()

    @property
    def size(self) -> int:
        """Bytes of all that is loaded."""
        of_bundle = self.manifest.files if self.manifest else ()
        return sum(folder.size for folder in self._folders) + sum(
            (self._spec.bundle / name).stat().st_size for name in of_bundle
        )

    def _find(self, name: str, task: Task, store: Store) -> Folder:
        pulled = store.find(name)
        store.verify(pulled)
        folder = open_folder(pulled, task)
        if pulled.record:
            self._versions.append(pulled.record.commit[:12])
            return folder
        files = json.dumps(folder.files, sort_keys=True).encode()
        self._versions.append(hashlib.sha256(files).hexdigest()[:12])
        return folder

    def _languages(self) -> tuple[str, ...]:
        if self._spec.languages:
            return self._spec.languages
        known = [self.manifest.languages] if self.manifest else []
        for folder in self._folders:
            if not folder.card.languages:
                raise ModelError(
                    f"the model {folder.name} does not say for which languages it is: "
                    "say it, MODEL_LANGUAGES=en,de"
                )
            known.append(folder.card.languages)
        common = [code for code in known[-1] if all(code in codes for codes in known)]
        if not common:
            listed = "; ".join(", ".join(codes) for codes in known)
            raise ModelError(f"its parts have no language in common: {listed}")
        return tuple(common)

    def describe(
        self, names: Tagger | Bundle, sentiment: Classifier | Bundle, runtimes: list[str]
    ) -> Description:
        """The description of the model that these parts make."""
        spec, manifest = self._spec, self.manifest
        files = {
            f"{folder.name}/{n}": s for folder in self._folders for n, s in folder.files.items()
        }
        if manifest:
            files |= {f"{manifest.name}/{name}": digest for name, digest in manifest.files.items()}
        decides = [
            sorted(files.items()),
            sorted((spec.ner_labels or {}).items()),
            sorted((spec.sentiment_labels or {}).items()),
            spec.sentiment_input,
            self.languages,
            runtimes,
            [folder.name for folder in (self.ner, self.sentiment) if folder],
        ]
        digest = hashlib.sha256(json.dumps(decides).encode()).hexdigest()
        called = [self.ner.name if self.ner else "", self.sentiment.name if self.sentiment else ""]
        own = manifest.name if manifest else ""
        licences = [
            f"{folder.name}: {folder.card.licence or 'not stated'}" for folder in self._folders
        ]
        bases = [str(folder.config.get("model_type", "unknown")) for folder in self._folders]
        if manifest:
            licences.append(f"{manifest.name}: {manifest.licence}")
            bases.append(manifest.base)
            runtimes = [*runtimes, manifest.quantization]
        return Description(
            name=" + ".join(dict.fromkeys(name or own for name in called)),
            version="+".join(dict.fromkeys(self._versions)),
            digest=f"sha256:{digest}",
            capabilities=Capabilities(
                "trained" if isinstance(sentiment, Bundle) else sentiment.target_sentiment
            ),
            description="Names by {}, sentiment by {}".format(*(name or own for name in called)),
            licence="; ".join(licences),
            base="; ".join(bases),
            quantization="; ".join(runtimes),
            languages=self.languages,
            entity_types=names.types if isinstance(names, Tagger) else names.about.entity_types,
            window=names.window,
            training_data=manifest.training_data if manifest else (),
            files=files,
        )
