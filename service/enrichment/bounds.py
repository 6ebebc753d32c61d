"""Bounds: how much one article may hold, counted in what its processing costs.

Bytes alone do not bound the work: a text of a few compressed bytes may be half a million sentences.
An article beyond a bound is rejected, never truncated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeVar

Item = TypeVar("Item")

Check = Callable[[], None]
"""Raises an exception when the work is to stop: the deadline has passed, or the client has gone."""


def no_check() -> None:
    """A :data:`Check` that never stops the work."""


def checked(items: Iterable[Item], check: Check) -> Iterator[Item]:
    """Yield ``items`` and call ``check`` before each; for loops without a natural place for it."""
    for item in items:
        check()
        yield item


_DEFAULT_BYTES = 4 * 1024**2  # of the bodies that the default bounds suit


class BoundExceeded(Exception):
    """An article holds more than a bound allows.

    Attributes:
        unit: what is counted.
        bound: most of them in one article.
    """

    def __init__(
        self, unit: Literal["sentences", "words", "mentions", "values"], bound: int
    ) -> None:
        super().__init__(f"more than {bound} {unit}")
        self.unit, self.bound = unit, bound


@dataclass(frozen=True)
class Bounds:
    """Most sentences, words, mentions and values of one article.

    The defaults suit bodies of 4 MiB: no prose of that size comes near them.
    """

    sentences: int = 1 << 16
    words: int = 1_000_000
    mentions: int = 100_000
    values: int = 100_000

    @classmethod
    def for_body(cls, max_bytes: int) -> Bounds:
        """Bounds that grow with the largest request body, for operators who raise that limit.

        Args:
            max_bytes: of a request body.
        """
        factor = max(1.0, max_bytes / _DEFAULT_BYTES)
        default = cls()
        return cls(
            int(default.sentences * factor),
            int(default.words * factor),
            int(default.mentions * factor),
            int(default.values * factor),
        )

    def check_sentences(self, count: int) -> None:
        """Raises :class:`BoundExceeded` for too many sentences."""
        if count > self.sentences:
            raise BoundExceeded("sentences", self.sentences)

    def check_words(self, count: int) -> None:
        """Raises :class:`BoundExceeded` for too many words."""
        if count > self.words:
            raise BoundExceeded("words", self.words)

    def check_mentions(self, count: int) -> None:
        """Raises :class:`BoundExceeded` for too many mentions."""
        if count > self.mentions:
            raise BoundExceeded("mentions", self.mentions)

    def check_values(self, count: int) -> None:
        """Raises :class:`BoundExceeded` for too many values."""
        if count > self.values:
            raise BoundExceeded("values", self.values)
