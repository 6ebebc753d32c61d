"""Models, loaded by what they are made of."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from service.enrichment.model_protocol import Model
from service.enrichment.types import Capabilities
from service.inference.bundle.bundle import Bundle, load_bundle
from service.inference.checkpoint.checkpoint import Checkpoint
from service.inference.checkpoint.combined import CombinedModel
from service.inference.checkpoint.ner import Tagger
from service.inference.checkpoint.sentiment import Classifier
from service.inference.hub.store import Store
from service.inference.model_files import ModelFiles, ModelSpec, named
from service.inference.model_info import ModelInfo


@dataclass(frozen=True)
class LoadedModel:
    """A model in memory, and what it says of itself."""

    model: Model
    about: ModelInfo


def load_model(spec: ModelSpec, store: Path) -> LoadedModel:
    """Load a model.

    Args:
        spec: what it is made of.
        store: folder of the checkpoints that have been pulled.

    Raises:
        ModelError: as :func:`check_model`, or it cannot be loaded.
    """
    parts = ModelFiles(spec, Store(store))
    bundle = load_bundle(spec.bundle, parts.manifest) if parts.manifest else None
    names: Tagger | Bundle | None = bundle
    sentiment: Classifier | Bundle | None = bundle
    runtimes: list[str] = []
    if parts.ner:
        with named("NER", spec.ner):
            checkpoint = Checkpoint(parts.ner)
            names = Tagger(checkpoint, spec.ner_labels or {})
            runtimes.append(checkpoint.runtime.name)
    if parts.sentiment:
        with named("sentiment", spec.sentiment):
            checkpoint = Checkpoint(parts.sentiment)
            pairs = spec.sentiment_input == "pair"
            sentiment = Classifier(checkpoint, spec.sentiment_labels or {}, pairs)
            runtimes.append(checkpoint.runtime.name)
    if names is None or sentiment is None:
        raise AssertionError  # each is either of the bundle or of a checkpoint
    if bundle and names is sentiment:
        return LoadedModel(bundle, bundle.info)
    about = _describe(parts, names, sentiment, runtimes)
    return LoadedModel(CombinedModel(about, names, sentiment), about)


def _describe(
    parts: ModelFiles, names: Tagger | Bundle, sentiment: Classifier | Bundle, runtimes: list[str]
) -> ModelInfo:
    """The description of the model that these parts make."""
    spec, manifest = parts.spec, parts.manifest
    files = {f"{folder.name}/{n}": s for folder in parts.folders for n, s in folder.files.items()}
    if manifest:
        files |= {f"{manifest.name}/{name}": digest for name, digest in manifest.files.items()}
    decides = [
        sorted(files.items()),
        sorted((spec.ner_labels or {}).items()),
        sorted((spec.sentiment_labels or {}).items()),
        spec.sentiment_input,
        parts.languages,
        runtimes,
        [folder.name for folder in (parts.ner, parts.sentiment) if folder],
    ]
    digest = hashlib.sha256(json.dumps(decides).encode()).hexdigest()
    called = [parts.ner.name if parts.ner else "", parts.sentiment.name if parts.sentiment else ""]
    own = manifest.name if manifest else ""
    licences = [f"{folder.name}: {folder.card.licence or 'not stated'}" for folder in parts.folders]
    bases = [str(folder.config.get("model_type", "unknown")) for folder in parts.folders]
    if manifest:
        licences.append(f"{manifest.name}: {manifest.licence}")
        bases.append(manifest.base)
        runtimes = [*runtimes, manifest.quantization]
    return ModelInfo(
        name=" + ".join(dict.fromkeys(name or own for name in called)),
        version="+".join(dict.fromkeys(parts.versions)),
        digest=f"sha256:{digest}",
        capabilities=Capabilities(
            "trained" if isinstance(sentiment, Bundle) else sentiment.target_sentiment
        ),
        description="Names by {}, sentiment by {}".format(*(name or own for name in called)),
        licence="; ".join(licences),
        base="; ".join(bases),
        quantization="; ".join(runtimes),
        languages=parts.languages,
        entity_types=names.types if isinstance(names, Tagger) else names.info.entity_types,
        window=names.window,
        training_data=manifest.training_data if manifest else (),
        files=files,
    )
