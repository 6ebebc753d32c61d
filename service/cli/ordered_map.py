"""Run a function over many items concurrently, with the results in the order of the items."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def map_in_order(
    pool: Executor, function: Callable[[T], R], items: Iterable[T], lookahead: int
) -> Iterator[tuple[T, R]]:
    """Yield each item with its result, in order.

    Unlike :meth:`Executor.map`, reads items lazily, so that they need not fit into memory.

    Args:
        pool: runs the function.
        function: called once for each item.
        items: read no further than ``lookahead`` items ahead of the last result.
        lookahead: most items that are read but not yet yielded.

    Raises:
        Exception: whatever ``function`` raises, in its item's place.
    """
    pending: deque[tuple[T, Future[R]]] = deque()
    for item in items:
        pending.append((item, pool.submit(function, item)))
        while pending and (len(pending) >= lookahead or pending[0][1].done()):
            yield _next(pending)
    while pending:
        yield _next(pending)


def _next(pending: deque[tuple[T, Future[R]]]) -> tuple[T, R]:
    item, future = pending.popleft()
    return item, future.result()
