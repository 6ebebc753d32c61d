"""The description of a model: the bundle, a checkpoint, or both combined."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.enrichment.types import Capabilities, ModelIdentity, Polarity

POLARITIES = (Polarity.NEGATIVE, Polarity.NEUTRAL, Polarity.POSITIVE)
"""The sentiment labels of sentences and mentions, in the order of every model's probabilities."""

POLARITY_NAMES = tuple(polarity.lower() for polarity in POLARITIES)
"""The same labels as settings and the labels of checkpoints spell them."""


@dataclass(frozen=True)
class TrainingSet:
    """A data set that the model was trained on, and its licence."""

    name: str
    licence: str
    use: str


@dataclass(frozen=True)
class ModelInfo:
    """The description of a model.

    Attributes:
        name, version, description, licence, base, quantization: for people.
        digest: ``sha256:`` and a hash of everything that the outputs depend on.
        capabilities: what the model was trained for, and what is derived from that.
        languages: ISO 639-1 codes.
        entity_types: in the order of the model's labels.
        window: most tokens of text in one pass, special tokens not counted.
        training_data: empty where it is unknown.
        files: file name → sha256, hexadecimal, of every file that is loaded.
        polarities: labels of the sentiment of sentences and mentions.
    """

    name: str
    version: str
    digest: str
    capabilities: Capabilities
    description: str
    licence: str
    base: str
    quantization: str
    languages: tuple[str, ...]
    entity_types: tuple[str, ...]
    window: int
    training_data: tuple[TrainingSet, ...]
    files: Mapping[str, str]
    polarities: tuple[str, ...] = POLARITIES

    @property
    def identity(self) -> ModelIdentity:
        """The part of the description that every enrichment has."""
        return ModelIdentity(self.name, self.version, self.digest, self.capabilities)
