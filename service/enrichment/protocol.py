"""What the enrichment asks of a model: tokens of a text, then one reading of each window."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from service.enrichment.article import ModelIdentity
from service.enrichment.words import Span

WordRange = tuple[int, int]
"""Half-open range of word indices."""


class Tokens(Protocol):
    """A tokenized text."""

    @property
    def bounds(self) -> NDArray[np.int64]:
        """Tokens ``bounds[i]`` up to ``bounds[i + 1]`` are those of word ``i``."""
        ...


class Reading(Protocol):
    """What one pass over a window found. Word indices are those of the whole text."""

    @property
    def tag_probabilities(self) -> NDArray[np.float32]:
        """Shape ``(words of the window, tags)``, rows summing to 1."""
        ...

    def sentence_sentiment(self, sentences: Sequence[WordRange]) -> NDArray[np.float32]:
        """Negative, neutral, positive of each sentence, shape ``(sentences, 3)``."""
        ...

    def target_sentiment(
        self, targets: Sequence[tuple[WordRange, WordRange]]
    ) -> NDArray[np.float32]:
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
        """``"O"`` and the BIO tags, in the order of the columns of ``tag_probabilities``."""
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

    def read(self, tokens: Any, words: WordRange) -> Reading:
        """One pass over the window made of the given words."""
        ...


class Passes(Protocol):
    """Runs the passes over the windows of one article."""

    def __call__(
        self,
        run: Callable[[WordRange], Reading],
        items: Sequence[WordRange],
        tokens: Sequence[int],
    ) -> Iterator[Reading]:
        """Each window's reading, in order.

        Args:
            run: one pass; may be called from several threads at once.
            items: the windows.
            tokens: how many each of them has.
        """
        ...


def one_by_one(
    run: Callable[[WordRange], Reading], items: Sequence[WordRange], tokens: Sequence[int]
) -> Iterator[Reading]:
    """:class:`Passes` in the thread that asks for them."""
    return map(run, items)
