"""The interface between the enrichment and its models.

A model tokenizes a text of any length and reads it window by window. Everything that differs from
one kind of model to another stays behind two members: :attr:`Model.mention_rules` turn the names in
a window's output into mentions, and :meth:`Model.sentiment` runs as many passes as the model needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from service.enrichment.bounds import Check, no_check
from service.enrichment.document_tone import DocumentHead
from service.enrichment.mention_rules import MentionRules
from service.enrichment.types import ModelIdentity
from service.enrichment.words import Span, WordRange

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")
Output = TypeVar("Output")

Target = tuple[WordRange, WordRange]
"""A mention, and the stretch of words to judge it in: its sentence or a part of that."""


class Tokens(Protocol):
    """A tokenized text."""

    @property
    def bounds(self) -> NDArray[np.int64]:
        """Word ``i`` has the tokens from ``bounds[i]`` up to but not including ``bounds[i + 1]``.

        Shape ``(words + 1,)``.
        """
        ...


class PassRunner(Protocol):
    """Runs the passes of one article: over its windows, and those that follow from a window.

    A runner with a queue reports the time in it by
    :meth:`~service.enrichment.timings.StageTimer.record`.
    """

    def __call__(
        self, run: Callable[[Item], Outcome], items: Sequence[Item], tokens: Sequence[int]
    ) -> Iterator[Outcome]:
        """Yield the outcome of each item, in order.

        Args:
            run: one pass; several threads may call it at once.
            items: the input of each pass.
            tokens: the number of tokens in each item.
        """
        ...


def run_sequentially(
    run: Callable[[Item], Outcome], items: Sequence[Item], tokens: Sequence[int]
) -> Iterator[Outcome]:
    """Run each pass in the calling thread: the simplest :class:`PassRunner`."""
    return map(run, items)


@dataclass(frozen=True)
class WindowSentiment:
    """Probabilities of negative, neutral and positive.

    Attributes:
        sentences: shape ``(sentences, 3)``.
        targets: shape ``(targets, 3)``.
    """

    sentences: NDArray[np.float32]
    targets: NDArray[np.float32]


class WindowOutput(Protocol):
    """The output of one pass over a window."""

    @property
    def names(self) -> Any:
        """The names of the window, in the form that the model's ``mention_rules`` take."""
        ...


class Judged(NamedTuple, Generic[Output]):
    """What is judged in a window. Word indices are those of the whole text.

    Attributes:
        output: of the pass over the window.
        sentences: stretches of words.
        targets: mentions, each with the stretch to judge it in.
    """

    output: Output
    sentences: Sequence[WordRange]
    targets: Sequence[Target]


class Model(Protocol):
    """An encoder with its heads. Several threads may use it at once."""

    @property
    def identity(self) -> ModelIdentity:
        """Name, version, digest and capabilities."""
        ...

    @property
    def mention_rules(self) -> MentionRules:
        """The rules that turn the names of its windows into mentions."""
        ...

    @property
    def document_head(self) -> DocumentHead | None:
        """What gives whole articles their sentiment, if the model has it."""
        ...

    @property
    def languages(self) -> tuple[str, ...]:
        """ISO 639-1 codes of the languages it was trained for."""
        ...

    @property
    def window(self) -> int:
        """Most tokens in a window."""
        ...

    def tokenize(self, text: str, words: Sequence[Span], check: Check = no_check) -> Any:
        """The :class:`Tokens` of a text of any length.

        Args:
            text: of the article.
            words: spans of its words.
            check: called now and then. Its exceptions propagate.
        """
        ...

    def read(self, tokens: Any, words: WordRange) -> WindowOutput:
        """Run one pass over the window of the given words."""
        ...

    def sentiment(
        self, windows: Sequence[Judged[Any]], passes: PassRunner
    ) -> Iterable[WindowSentiment]:
        """The sentiment of the sentences and towards the mentions in some windows of an article.

        Args:
            windows: at least one, with the outputs of :meth:`read`.
            passes: runs further passes, if the model needs any.
        """
        ...
