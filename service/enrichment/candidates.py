"""Candidates: stretches of an article that may mention an entity."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

from service.enrichment.coreference.names import Name
from service.enrichment.words import WordRange


class Role(Enum):
    """The reason why a stretch is a candidate."""

    NAME = auto()
    """The model found a name."""

    UNTAGGED = auto()
    """Capitalised words without a tag, which may be a name that the model missed."""

    PRONOUN = auto()
    """"he" or "she" at the beginning of a sentence."""

    LISTED = auto()
    """A list of the operator has the name."""


@dataclass(frozen=True)
class Candidate(Name):
    """A possible mention, and the sentiment towards it.

    Attributes:
        words: the words that it stands in.
        sentence: index of its sentence.
        confidence: see :attr:`service.enrichment.types.Mention.confidence`.
        sentiment: negative, neutral, positive towards it in its whole sentence, shape ``(3,)``.
        own_voice_sentiment: the same for the part of the sentence in the mention's own voice: the
            quotation around the mention or, outside of quotations, the words up to the next ones.
    """

    words: WordRange
    sentence: int
    confidence: float
    sentiment: NDArray[np.float32] = field(compare=False)
    own_voice_sentiment: NDArray[np.float32] = field(compare=False)
