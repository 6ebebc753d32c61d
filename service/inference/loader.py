"""Loads a model from its parts."""

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
from service.inference.checkpoint.ner import NerCheckpoint
from service.inference.checkpoint.sentiment import SentimentCheckpoint
from service.inference.hub.store import Store
from service.inference.model_files import ModelFiles, ModelSpec, naming_checkpoint
from service.inference.model_info import ModelInfo


@dataclass(frozen=True)
class LoadedModel:
    """A model in memory and its description."""

    model: Model
    info: ModelInfo


def load_model(spec: ModelSpec, store: Path) -> LoadedModel:
    """Load a model.

    Args:
        spec: parts of the model.
        store: folder of pulled checkpoints.

    Raises:
        ModelError: as :func:`check_model`, or the model fails to load.
    """
    files = ModelFiles(spec, Store(store))
    bundle = load_bundle(spec.bundle, files.manifest) if files.manifest else None
    names: NerCheckpoint | Bundle | None = bundle
    sentiment: SentimentCheckpoint | Bundle | None = bundle
    backends: list[str] = []
    if files.ner:
        with naming_checkpoint("NER", spec.ner):
            checkpoint = Checkpoint(files.ner)
            names = NerCheckpoint(checkpoint, spec.ner_labels or {})
            backends.append(checkpoint.backend.name)
    if files.sentiment:
        with naming_checkpoint("sentiment", spec.sentiment):
            checkpoint = Checkpoint(files.sentiment)
            pairs = spec.sentiment_input == "pair"
            sentiment = SentimentCheckpoint(checkpoint, spec.sentiment_labels or {}, pairs)
            backends.append(checkpoint.backend.name)
    if names is None or sentiment is None:
        raise AssertionError  # ModelFiles has a manifest unless both are checkpoints
    if bundle and names is sentiment:
        return LoadedModel(bundle, bundle.info)
    info = _describe(files, names, sentiment, backends)
    return LoadedModel(CombinedModel(info, names, sentiment), info)


def _describe(
    parts: ModelFiles,
    names: NerCheckpoint | Bundle,
    sentiment: SentimentCheckpoint | Bundle,
    backends: list[str],
) -> ModelInfo:
    """Describe a combined model."""
    spec, manifest = parts.spec, parts.manifest
    checkpoints = parts.checkpoints
    files = {f"{each.name}/{n}": s for each in checkpoints for n, s in each.files.items()}
    if manifest:
        files |= {f"{manifest.name}/{name}": digest for name, digest in manifest.files.items()}
    inputs_of_digest = [
        sorted(files.items()),
        sorted((spec.ner_labels or {}).items()),
        sorted((spec.sentiment_labels or {}).items()),
        spec.sentiment_input,
        parts.languages,
        backends,
        [each.name for each in checkpoints],
    ]
    digest = hashlib.sha256(json.dumps(inputs_of_digest).encode()).hexdigest()
    own = manifest.name if manifest else ""
    part_names = [each.name if each else own for each in (parts.ner, parts.sentiment)]
    licences = [f"{each.name}: {each.card.licence or 'not stated'}" for each in checkpoints]
    bases = [str(each.config.get("model_type", "unknown")) for each in checkpoints]
    if manifest:
        licences.append(f"{manifest.name}: {manifest.licence}")
        bases.append(manifest.base)
        backends = [*backends, manifest.quantization]
    return ModelInfo(
        name=" + ".join(dict.fromkeys(part_names)),
        version="+".join(dict.fromkeys(parts.versions)),
        digest=f"sha256:{digest}",
        capabilities=Capabilities(
            "trained" if isinstance(sentiment, Bundle) else sentiment.target_sentiment
        ),
        description="Names by {}, sentiment by {}".format(*part_names),
        licence="; ".join(licences),
        base="; ".join(bases),
        quantization="; ".join(backends),
        languages=parts.languages,
        entity_types=names.types if isinstance(names, NerCheckpoint) else names.info.entity_types,
        window=names.window,
        training_data=manifest.training_data if manifest else (),
        files=files,
    )
