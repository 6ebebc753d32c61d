"""The passes of one article, and the limits under which they run."""

from __future__ import annotations

import itertools
import math
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Condition
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

from service.enrichment.model_protocol import Item, Outcome
from service.enrichment.timings import StageTimer
from service.execution.errors import ClientDisconnected, DeadlineExceeded
from service.observability import metrics

if TYPE_CHECKING:
    from service.execution.scheduler import Scheduler

_CHECK_SECONDS = 0.05  # between two looks at the connection
WAIT_SECONDS = 0.25
"""Most seconds that an article waits for a pass between two looks at its limits."""

_AHEAD = 4  # passes of a job, for each core, that are queued before their outcome is needed


def _never() -> bool:
    return False


def _free(tokens: float) -> None:
    """Count nothing."""


class Share(NamedTuple):
    """Whose article it is, and how much of the encoder's time its caller gets beside others.

    Attributes:
        caller: unique among callers; ``""`` if they are not told apart.
        weight: with twice the weight of another, a caller gets twice its time.
    """

    caller: str = ""
    weight: int = 1


ANYBODY = Share()
"""The share of callers that are not told apart."""


@dataclass(frozen=True)
class JobLimits:
    """The limits under which an article is processed.

    Attributes:
        deadline: on the clock of :func:`time.monotonic`; infinite for none.
        disconnected: whether the client has closed its connection. Called from any thread.
        bounded: whether the scheduler may reject the article because the queue is full. False for
            the articles of batches and streams, of which only a few are admitted at a time.
        spend: counts the tokens of the article for its caller; raises an error if they are too
            many.
        share: of the caller.
        cache_owner: who shares the enrichment by way of the cache; ``""`` for all callers.
    """

    deadline: float = math.inf
    disconnected: Callable[[], bool] = _never
    bounded: bool = True
    spend: Callable[[float], None] = _free
    share: Share = ANYBODY
    cache_owner: str = ""

    def check(self) -> None:
        """Raise an error if nothing needs the work any more.

        Raises:
            DeadlineExceeded: the deadline has passed.
            ClientDisconnected: the client has closed its connection.
        """
        if time.monotonic() >= self.deadline:
            raise DeadlineExceeded
        if self.disconnected():
            raise ClientDisconnected


@dataclass(order=True)
class Task:
    """One queued pass. Tasks are ordered by when they are due.

    Attributes:
        due: on the clock of :func:`time.monotonic`.
        number: breaks ties, first come first served.
        job: the article that the pass belongs to.
        tokens: tokens that no earlier pass of the job has read.
        cost: all tokens that the pass reads.
        run: the pass.
        done: whether it has ended.
        cancelled: whether nothing needs it any more.
        outcome: of the pass, if it has ended without an error.
        error: what it has raised.
    """

    due: float
    number: int
    job: Job = field(compare=False)
    tokens: int = field(compare=False)
    cost: int = field(compare=False)
    run: Callable[[], Any] = field(compare=False)
    done: bool = field(compare=False, default=False)
    cancelled: bool = field(compare=False, default=False)
    outcome: Any = field(compare=False, default=None)
    error: BaseException | None = field(compare=False, default=None)


class Job:
    """Runs the passes of one admitted article on as many cores as are free.

    Implements :class:`service.enrichment.model_protocol.PassRunner`. The first call runs the passes
    over the windows; later calls run further passes over windows that have been read. Created by
    :meth:`Scheduler.admit`; leaving the ``with`` block frees its place in the queue.

    While the article is alone, its thread runs passes instead of waiting for them.

    Attributes:
        admitted_at: on the clock of :func:`time.monotonic`.
        limits: deadline and disconnection.
        turn: wakes the thread of the article; shares the lock of the scheduler.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        admitted_at: float,
        estimated_tokens: float,
        timer: StageTimer,
        limits: JobLimits,
        turn: Condition,
    ) -> None:
        self.turn = turn
        self.admitted_at = admitted_at
        self.limits = limits
        self._scheduler = scheduler
        self._unread = estimated_tokens
        self._timer = timer
        self._tokens_read = 0
        self._windows_submitted = False
        self._started_at: float | None = None  # on the clock of time.perf_counter
        self._seconds_queued = 0.0
        self._next_look = 0.0

    def __enter__(self) -> Job:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        self._scheduler.release(self.limits.share, self._unread, articles=1)
        metrics.queue_waited(self._seconds_queued)
        if error is DeadlineExceeded:
            metrics.queue_timed_out()

    def __call__(
        self, run: Callable[[Item], Outcome], items: Sequence[Item], tokens: Sequence[int]
    ) -> Iterator[Outcome]:
        """See :class:`service.enrichment.model_protocol.PassRunner`.

        Raises:
            DeadlineExceeded: the deadline has passed.
            ClientDisconnected: the client has closed its connection.
        """
        submitted_at = perf_counter()
        costs = [max(1, size) for size in tokens]
        if self._windows_submitted:  # the window that these passes belong to has been counted
            sizes, estimate_per_token = [0] * len(items), 0.0
        else:
            self._windows_submitted = True
            sizes = costs
            estimate_per_token = self._unread / max(1, sum(sizes))
        offsets = itertools.accumulate(sizes, initial=self._tokens_read)
        remaining = iter(zip(items, offsets, sizes, costs, strict=False))
        tasks: deque[Task] = deque()
        try:
            while True:
                free = _AHEAD * self._scheduler.passes - len(tasks)
                for item, offset, size, cost in itertools.islice(remaining, free):
                    work = partial(run, item)
                    tasks.append(self._scheduler.submit(self, offset, size, cost, work))
                if not tasks:
                    return
                if tasks[0].done:  # this thread goes on without running a pass
                    self._scheduler.offer()
                if not self._tokens_read:
                    self._time_queue(submitted_at, tasks[0])
                outcome = self._result_of(tasks[0])
                self._count_as_read(tasks.popleft().tokens, estimate_per_token)
                yield outcome
        finally:
            for task in tasks:
                task.cancelled = True

    def check(self) -> None:
        """Stop the work if nothing needs it; cheap enough for inner loops.

        Raises:
            DeadlineExceeded: the deadline has passed.
            ClientDisconnected: the client has closed its connection.
        """
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + _CHECK_SECONDS
        self.limits.check()

    def mark_started(self) -> None:
        """Record that a core has started a pass."""
        if self._started_at is None:
            self._started_at = perf_counter()

    def _time_queue(self, submitted_at: float, first: Task) -> None:
        """Record the time until the first pass has started as the stage ``queue``."""
        self._wait_for(first)
        started_at = submitted_at if self._started_at is None else self._started_at
        self._seconds_queued = started_at - submitted_at
        self._timer.record("queue", submitted_at, started_at)

    def _result_of(self, task: Task) -> Any:
        self._wait_for(task)
        if task.error is not None:
            raise task.error
        return task.outcome

    def _wait_for(self, task: Task) -> None:
        """Run passes of the article, or wait, until one has ended; does not raise its error.

        Raises:
            DeadlineExceeded: the deadline has passed.
            ClientDisconnected: the client has closed its connection.
        """
        while not task.done:
            if not self._scheduler.advance(self, task):
                self.limits.check()

    def _count_as_read(self, tokens: int, estimate_per_token: float) -> None:
        self._tokens_read += tokens
        estimate = estimate_per_token * tokens
        self._unread -= estimate
        self._scheduler.release(self.limits.share, estimate)
