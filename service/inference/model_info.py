"""What a model says of itself, whatever kind of model it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.enrichment.types import Capabilities, ModelIdentity

POLARITIES = ("NEGATIVE", "NEUTRAL", "POSITIVE")
"""The labels of a sentence's or a mention's sentiment, of every model."""


class ModelError(Exception):
    """A model cannot be used; the message says why in one line."""


@dataclass(frozen=True)
class TrainingSet:
    """A data set the model was trained on, and on which terms it is had."""

    name: str
    licence: str
    use: str


@dataclass(frozen=True)
class ModelInfo:
    """A model, for people and for those who ask it things.

    Attributes:
        name, version, description, licence, base, quantization: for people.
        digest: ``sha256:`` and a hash of all that decides what the model answers.
        capabilities: what it was made for, and what is derived.
        languages: ISO 639-1 codes.
        entity_types: those that it tells apart, in their order.
        window: most tokens of text in one pass, special tokens not counted.
        training_data: in no particular order; empty where nothing is known.
        files: name → sha256, hexadecimal, of every file that is loaded.
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
        """What an enrichment says of the model that made it."""
        return ModelIdentity(self.name, self.version, self.digest, self.capabilities)
