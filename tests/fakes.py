"""A model and a language detector without weights, with predictable results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.enrichment.bounds import Check, no_check
from service.enrichment.mention_rules import TagRules
from service.enrichment.model_protocol import Judged, PassRunner, WindowSentiment
from service.enrichment.types import Capabilities, ModelIdentity
from service.enrichment.words import Span, WordRange

TAGS = (
    "O",
    *(f"{p}-{t}" for t in ("PERSON", "ORGANIZATION", "LOCATION", "MISC") for p in "BI"),
)
PLACES = frozenset({"Korea", "North", "South", "Russia", "Japan", "Paris", "France"})
ORGANISATIONS = frozenset({"Acme", "Bank", "APEC", "Economic", "Cooperation", "Asia-Pacific"})
SENTENCE_OPENERS = frozenset("It The Then He She They So Here There A One".split())
"""Capitalised words that are not names."""

GOOD = frozenset({"good", "praised", "splendid"})
BAD = frozenset({"bad", "condemned", "dreadful"})
PIECE = 4
"""Code points in a token."""


@dataclass(frozen=True)
class FakeTokens:
    """Each word has one token for every :data:`PIECE` code points or part of them."""

    words: tuple[str, ...]
    bounds: NDArray[np.int64]


class FakeOutput:
    """A window in which capitalised words are names, except :data:`SENTENCE_OPENERS`.

    Good and bad words determine the sentiment of their sentence.
    """

    def __init__(self, words: tuple[str, ...], window: WordRange) -> None:
        self._words = words
        rows = np.full((window[1] - window[0], len(TAGS)), 0.0125, dtype=np.float32)
        previous_type = ""
        for row, word in zip(rows, words[slice(*window)], strict=True):
            type_ = _type_of(word)
            tag = f"{'I' if type_ == previous_type else 'B'}-{type_}" if type_ else "O"
            row[TAGS.index(tag)] = 0.9
            previous_type = type_
        self.names = rows

    def sentence_sentiment(self, sentences: Sequence[WordRange]) -> NDArray[np.float32]:
        """Probability 0.9 for the side with more words, or for neutral."""
        return np.asarray([self._probabilities(*s) for s in sentences], np.float32).reshape(-1, 3)

    def _probabilities(self, first: int, last: int) -> tuple[float, float, float]:
        words = [word.lower() for word in self._words[first:last]]
        balance = sum(w in GOOD for w in words) - sum(w in BAD for w in words)
        if balance == 0:
            return (0.05, 0.9, 0.05)
        return (0.05, 0.05, 0.9) if balance > 0 else (0.9, 0.05, 0.05)


def _type_of(word: str) -> str:
    if not word[0].isupper() or word in SENTENCE_OPENERS:
        return ""
    if word in PLACES:
        return "LOCATION"
    return "ORGANIZATION" if word in ORGANISATIONS else "PERSON"


class FakeModel:
    """A :class:`~service.enrichment.model_protocol.Model`; ``passes`` lists the windows it read."""

    identity = ModelIdentity("fake", "1", "sha256:" + "0" * 64, Capabilities("trained"))
    mention_rules = TagRules(TAGS)
    languages = ("en",)
    document_head = None

    def __init__(self, window: int = 190) -> None:
        self.window = window
        self.passes: list[WordRange] = []

    def tokenize(self, text: str, words: Sequence[Span], check: Check = no_check) -> FakeTokens:
        """Split every word by length alone."""
        lengths = [-(-(end - start) // PIECE) for start, end in words]
        bounds = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
        return FakeTokens(tuple(text[a:b] for a, b in words), bounds.astype(np.int64))

    def read(self, tokens: FakeTokens, words: WordRange) -> FakeOutput:
        """Read a window, which must not be too long."""
        assert tokens.bounds[words[1]] - tokens.bounds[words[0]] <= self.window
        self.passes.append(words)
        return FakeOutput(tokens.words, words)

    def sentiment(
        self, windows: Sequence[Judged[FakeOutput]], passes: PassRunner
    ) -> list[WindowSentiment]:
        """The sentiment of each sentence, also for the mentions in it."""
        return [
            WindowSentiment(
                output.sentence_sentiment(sentences),
                output.sentence_sentiment([sentence for _, sentence in targets]),
            )
            for output, sentences, targets in windows
        ]


class FakeDetector:
    """Detects the same language in every text, with a given confidence."""

    def __init__(self, code: str = "en", confidence: float = 0.99) -> None:
        self._probabilities = {"en": 1 - confidence, code: confidence}

    def detect(self, text: str) -> dict[str, float]:
        """The same probabilities for every text."""
        return self._probabilities
