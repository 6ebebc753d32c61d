"""The passes of one article, and the limits under which they run."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate, islice
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
_TURN_SECONDS = 0.01  # of the thread of an article, before it lets others go first
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


class PassSize(NamedTuple):
    """How much a pass reads.

    Attributes:
        offset: tokens of the article's passes before it.
        tokens: tokens that no earlier pass of the article reads.
        cost: all tokens that it reads.
        estimate: what ``tokens`` are of the estimated tokens of the article.
    """

    offset: int
    tokens: int
    cost: int
    estimate: float


NO_PASS = PassSize(0, 0, 0, 0.0)


@dataclass(order=True)
class Task:
    """A turn on a core, for a pass or for the thread of an article, ordered by when it is due.

    Attributes:
        due: on the clock of :func:`time.monotonic`.
        number: breaks ties, first come first served.
        job: the article that it belongs to.
        size: of the pass.
        run: the pass; ``None`` for the thread of the article.
        done: whether the pass has ended, or the turn of the thread has begun.
        cancelled: whether nothing needs it any more.
        outcome: of the pass, if it has ended without an error.
        error: what it has raised.
    """

    due: float
    number: int
    job: Job = field(compare=False)
    size: PassSize = field(compare=False)
    run: Callable[[], Any] | None = field(compare=False)
    done: bool = field(compare=False, default=False)
    cancelled: bool = field(compare=False, default=False)
    outcome: Any = field(compare=False, default=None)
    error: BaseException | None = field(compare=False, default=None)


class Job:
    """One admitted article: its thread and its passes take turns on the cores with those of others.

    Implements :class:`service.enrichment.model_protocol.PassRunner`. The first call runs the passes
    over the windows; later calls run further passes over windows that have been read. Created by
    :meth:`Scheduler.admit`. The thread has a core from :meth:`begin` on, except while it waits for
    passes; leaving the ``with`` block frees the core and the place in the queue.

    Attributes:
        admitted_at: on the clock of :func:`time.monotonic`.
        limits: deadline and disconnection.
        unread: estimated tokens that no pass has read yet.
        turn: of the thread; ``None`` while it waits for passes.
        awaited: the pass whose end the thread waits for.
        turn_began: wakes the thread; shares the lock of the scheduler.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        admitted_at: float,
        estimated_tokens: float,
        timer: StageTimer,
        limits: JobLimits,
        turn_began: Condition,
    ) -> None:
        self.admitted_at = admitted_at
        self.limits = limits
        self.unread = estimated_tokens
        self.turn: Task | None = None
        self.awaited: Task | None = None
        self.turn_began = turn_began
        self._scheduler = scheduler
        self._timer = timer
        self._windows_submitted = False
        self._started_at: float | None = None  # on the clock of time.perf_counter
        self._timed = False  # whether the time until the first pass has been recorded
        self._seconds_queued = 0.0
        self._look_at = self._yield_at = 0.0  # on the clock of time.monotonic

    def __enter__(self) -> Job:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        self._scheduler.leave(self)
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
        passes = iter(self._with_sizes([partial(run, item) for item in items], tokens))
        ahead = _AHEAD * self._scheduler.cores
        tasks: deque[Task] = deque()
        try:
            while True:
                if more := list(islice(passes, ahead - len(tasks))):
                    tasks += self._scheduler.submit(self, more)
                if not tasks:
                    return
                if not tasks[0].done:
                    self._wait_for(list(islice(tasks, ahead // 2)))
                self._time_queue(submitted_at)
                task = tasks.popleft()
                if task.error is not None:
                    raise task.error
                yield task.outcome
        finally:
            for task in tasks:
                task.cancelled = True

    @property
    def has_turn(self) -> bool:
        """Whether the thread of the article has a core."""
        return self.turn is not None and self.turn.done

    def begin(self) -> None:
        """Wait until the thread of the article has a core, as the stage ``queue``.

        Raises:
            DeadlineExceeded: the deadline has passed.
            ClientDisconnected: the client has closed its connection.
        """
        began = perf_counter()
        self._scheduler.begin(self)
        self._count_queued(began, perf_counter())
        self._yield_at = time.monotonic() + _TURN_SECONDS

    def check(self) -> None:
        """Stop the work if nothing needs it, and let others go first after some time.

        Cheap enough for inner loops.

        Raises:
            DeadlineExceeded: the deadline has passed.
            ClientDisconnected: the client has closed its connection.
        """
        now = time.monotonic()
        if now >= self._yield_at:
            self._scheduler.yield_to_others(self, _TURN_SECONDS)
            self._yield_at = time.monotonic() + _TURN_SECONDS
        if now >= self._look_at:
            self._look_at = now + _CHECK_SECONDS
            self.limits.check()

    def mark_started(self) -> None:
        """Record that a core has started a pass."""
        if self._started_at is None:
            self._started_at = perf_counter()

    def _with_sizes(
        self, runs: Sequence[Callable[[], Any]], tokens: Sequence[int]
    ) -> Iterator[tuple[Callable[[], Any], PassSize]]:
        costs = [max(1, size) for size in tokens]
        if self._windows_submitted:  # the window that these passes belong to has been counted
            return zip(runs, (PassSize(0, 0, cost, 0.0) for cost in costs), strict=True)
        self._windows_submitted = True
        estimate = self.unread / max(1, sum(costs))
        offsets = accumulate(costs, initial=0)
        sizes = (
            PassSize(offset, cost, cost, estimate * cost)
            for offset, cost in zip(offsets, costs, strict=False)
        )
        return zip(runs, sizes, strict=True)

    def _wait_for(self, tasks: Sequence[Task]) -> None:
        """Wait for several passes: being woken for each of them takes time."""
        for task in reversed(tasks):
            if not task.done:
                self._scheduler.wait_for(self, task)
        self._yield_at = time.monotonic() + _TURN_SECONDS

    def _time_queue(self, submitted_at: float) -> None:
        """Record the time until the first pass has started as the stage ``queue``, once."""
        if self._timed:
            return
        self._timed = True
        started_at = submitted_at if self._started_at is None else self._started_at
        self._count_queued(submitted_at, started_at)

    def _count_queued(self, began: float, ended: float) -> None:
        self._seconds_queued += ended - began
        self._timer.record("queue", began, ended)
