"""What the enrichment asks of a model: tokens of a text, then one reading of each window."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from service.enrichment.bio import TaggedSpan
from service.enrichment.types import ModelIdentity
from service.enrichment.words import Span

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")

WordRange = tuple[int, int]
"""Half-open range of word indices."""

Target = tuple[WordRange, WordRange]
"""A mention, and the stretch that is asked about it: its sentence, or a part of that."""


class Tokens(Protocol):
    """A tokenized text."""

    @property
    def bounds(self) -> NDArray[np.int64]:
        """Tokens ``bounds[i]`` up to ``bounds[i + 1]`` are those of word ``i``."""
        ...


class WindowOutput(Protocol):
    """What one pass over a window found. Word indices are those of the whole text.

    Where the model is not :attr:`Model.one_pass`, its questions about sentiment are passes of their
    own, and may be asked from several threads at once.
    """

    @property
    def spans(self) -> Sequence[TaggedSpan] | None:
        """The names as the model has them, in order; ``None`` where it has tags of words."""
        ...

    @property
    def tag_probabilities(self) -> NDArray[np.float32]:
        """Shape ``(words of the window, tags)``, rows summing to 1; no columns beside ``spans``."""
        ...

    def sentence_sentiment(self, sentences: Sequence[WordRange]) -> NDArray[np.float32]:
        """Negative, neutral, positive of each sentence, shape ``(sentences, 3)``."""
        ...

    def target_sentiment(self, targets: Sequence[Target]) -> NDArray[np.float32]:
        """The same towards each mention, given as (mention, its sentence): ``(targets, 3)``."""
        ...


class Model(Protocol):
    """An encoder with its heads. All of it may be called from several threads at once."""

    @property
    def identity(self) -> ModelIdentity:
        """Name, version and digest."""
        ...

    @property
    def tags(self) -> Sequence[str]:
        """``"O"`` and the BIO tags, in the order of the columns of ``tag_probabilities``.

        Empty for a model whose names are taken as it has them: none is mended, added or cut.
        """
        ...

    @property
    def one_pass(self) -> bool:
        """Whether the pass over a window is all that questions about sentiment cost."""
        ...

    @property
    def languages(self) -> tuple[str, ...]:
        """ISO 639-1 codes of the languages it was trained for."""
        ...

    @property
    def window(self) -> int:
        """Most tokens that one pass takes."""
        ...

    def tokenize(self, text: str, words: Sequence[Span]) -> Any:
        """The :class:`Tokens` of a text of any length."""
        ...

    def read(self, tokens: Any, words: WordRange) -> WindowOutput:
        """One pass over the window made of the given words."""
        ...


class PassRunner(Protocol):
    """Runs the passes of one article: over its windows, and for each those that follow from it."""

    def __call__(
        self, run: Callable[[Item], Outcome], items: Sequence[Item], tokens: Sequence[int]
    ) -> Iterator[Outcome]:
        """Each item's outcome, in order.

        Args:
            run: one pass; may be called from several threads at once.
            items: the windows, or what else is read.
            tokens: how many each of them has.
        """
        ...


def run_sequentially(
    run: Callable[[Item], Outcome], items: Sequence[Item], tokens: Sequence[int]
) -> Iterator[Outcome]:
    """:class:`PassRunner` in the thread that asks for them."""
    return map(run, items)
