"""Passes: calls of the model that a :class:`PassRunner` schedules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from service.enrichment.model_protocol import PassRunner
from service.enrichment.timings import StageTimer

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


class TimedPasses:
    """A :class:`PassRunner` that counts the time of another one as the stage ``encode``."""

    def __init__(self, passes: PassRunner, timer: StageTimer) -> None:
        self._passes = passes
        self._timer = timer

    def __call__(
        self, run: Callable[[Item], Outcome], items: Sequence[Item], tokens: Sequence[int]
    ) -> Iterator[Outcome]:
        """See :class:`PassRunner`."""
        outcomes = self._passes(run, items, tokens)
        for _ in items:
            with self._timer("encode"):
                outcome = next(outcomes)
            yield outcome


def run_in_batches(
    run: Callable[[Sequence[Item]], NDArray[np.float32]],
    items: Sequence[Item],
    tokens: Sequence[int],
    limit: int,
    passes: PassRunner,
) -> NDArray[np.float32]:
    """Run a function over items in passes of a bounded size.

    Args:
        run: returns a row for each item of a batch.
        items: in order.
        tokens: of each item.
        limit: most tokens of a batch. An item with more is a batch by itself.
        passes: runs the batches.

    Returns:
        The rows of all items, in order.
    """
    batches: list[list[Item]] = []
    sizes: list[int] = []
    for item, size in zip(items, tokens, strict=True):
        if not batches or sizes[-1] + size > limit:
            batches.append([])
            sizes.append(0)
        batches[-1].append(item)
        sizes[-1] += size
    return np.asarray([row for rows in passes(run, batches, sizes) for row in rows])
