"""Models by what settings say of them: the embedded bundle, other people's checkpoints, or both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from service.enrichment.protocol import Model
from service.inference.bundle import load_bundle
from service.inference.description import Description
from service.inference.manifest import load_manifest


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
    manifest = load_manifest(spec.bundle)
    return sum((spec.bundle / name).stat().st_size for name in manifest.files)


def load_model(spec: ModelSpec, store: Path) -> LoadedModel:
    """Load a model.

    Args:
        spec: what it is made of.
        store: folder of the checkpoints that have been pulled.

    Raises:
        ModelError: as :func:`check_model`, or it cannot be loaded.
    """
    bundle = load_bundle(spec.bundle)
    return LoadedModel(bundle, bundle.about)
