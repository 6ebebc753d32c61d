"""Shares the cores among articles, and rejects those that the queue has no room for.

The thread of an article and its passes take turns on the cores of the worker. Each core does one
thing at a time: threads that interrupt passes drive their weights out of the processor's caches.

Turns are queued individually. A pass is due at the time when a single core that processes only this
article, from its admission on, would reach it; the thread is due with the article, and then with
the pass that it waits for. What is due first goes first. Short articles therefore overtake the
later windows of long ones, none waits forever, and an article that is alone uses all cores.

Callers that are told apart share the time by their weights; this is the order within a caller.
"""

from __future__ import annotations

import itertools
import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Condition, Lock, Thread
from typing import Any

from service.enrichment.timings import StageTimer
from service.execution.backlog import Backlog
from service.execution.busy_cores import BusyCores, busy_cores
from service.execution.errors import DeadlineExceeded, Overloaded
from service.execution.fair_queue import FairQueue
from service.execution.job import ANYBODY, NO_PASS, Job, JobLimits, PassSize, Share, Task
from service.execution.token_cost import TokenCost
from service.observability import metrics

WAIT_SECONDS = 0.25
"""Most seconds that an article waits between two looks at its limits."""

CREDIT = 2
"""Most credit of a caller, as a multiple of a full queue; less does not cover its bursts."""

_MAX_SHARE = 4  # an article counts for at most 1/4 of the queue; others overtake its later windows


class Scheduler:
    """Shares the cores of a worker among the articles, and runs their passes.

    Passes run on the scheduler's own threads, and on that of an article that is alone.

    Args:
        cores: most cores that are used at the same time.
        max_tokens: most tokens in the queue, as estimated for each article.
        max_articles: most articles that are queued or processed.
        own_cores: cores that are used whatever other workers do; by default all. More are used only
            while other workers leave them free.
        busy: cores that all workers use.
    """

    def __init__(
        self,
        cores: int,
        max_tokens: int,
        max_articles: int,
        own_cores: int | None = None,
        busy: BusyCores = busy_cores,
    ) -> None:
        self.cores = cores
        self._own_cores = cores if own_cores is None else own_cores
        self._in_use, self._busy = 0, busy
        self._backlog = Backlog(max_tokens, max_articles)
        self._lock = Lock()
        self._idle = Condition(self._lock)  # of the scheduler's own threads
        self._queue = FairQueue(CREDIT * max_tokens)
        self._started: deque[Task] = deque()  # passes that have a core, and no thread yet
        self._task_numbers = itertools.count()
        self._cost = TokenCost()
        self._counted_until = time.monotonic()
        self._batches = Backlog(max_tokens, max_articles)
        metrics.queue_limits(max_articles, max_tokens)
        for number in range(cores):
            Thread(target=self._work, name=f"encoder-{number}", daemon=True).start()

    @property
    def tokens(self) -> float:
        """Estimated tokens of all admitted articles that have not been read yet."""
        return self._backlog.tokens

    @property
    def articles(self) -> int:
        """Articles that are queued or processed."""
        return self._backlog.articles

    @property
    def queued_turns(self) -> int:
        """Passes that wait for a core, and articles whose threads do."""
        return len(self._queue)

    def admit(self, tokens: float, timer: StageTimer, limits: JobLimits) -> Job:
        """Admit an article to the queue. The caller uses the job in a ``with`` statement.

        Args:
            tokens: of the article, estimated.
            timer: records the time until the first pass as the stage ``queue``.
            limits: of this article.

        Raises:
            Overloaded: the queue is full, or the article would miss its deadline.
            DeadlineExceeded: the deadline has passed.
        """
        now = time.monotonic()
        if now >= limits.deadline:
            metrics.queue_timed_out()
            raise DeadlineExceeded
        if limits.bounded:
            tokens = min(tokens, self._backlog.max_tokens / _MAX_SHARE)
        with self._lock:
            if limits.bounded:
                self._ensure_capacity(limits.share, tokens, now, limits.deadline)
            self._backlog.add(limits.share, tokens, 1)
            metrics.queue_depth(self.articles, self.tokens)
        return Job(self, now, tokens, timer, limits, Condition(self._lock))

    @contextmanager
    def admit_batch(self, tokens: float, deadline: float, share: Share = ANYBODY) -> Iterator[None]:
        """Admit a batch for the duration of the ``with`` block; it counts as one article.

        Args:
            tokens: of all its articles, estimated.
            deadline: on the clock of :func:`time.monotonic`.
            share: of the caller.

        Raises:
            Overloaded: the queue is full, or the batch would miss its deadline because of the
                batches before it.
        """
        with self._lock:
            self._ensure_capacity(share, 0, time.monotonic(), math.inf)
            before = self._batches.tokens_before(share)
            wait = self._seconds_for(before + tokens)
            if before and time.monotonic() + wait > deadline:
                metrics.queue_rejected()
                raise Overloaded(math.ceil(self._seconds_for(before)))
            self._batches.add(share, tokens, 1)
            self._backlog.add(share, 0, 1)
            metrics.queue_depth(self.articles, self.tokens)
        try:
            yield
        finally:
            with self._lock:
                self._batches.remove(share, tokens, 1)
                self._backlog.remove(share, 0, 1)
                metrics.queue_depth(self.articles, self.tokens)

    def ensure_capacity(self, share: Share = ANYBODY) -> None:
        """Check that the queue is not full for a caller.

        Raises:
            Overloaded: it is.
        """
        with self._lock:
            self._ensure_capacity(share, 0, time.monotonic(), math.inf)

    def begin(self, job: Job) -> None:
        """Wait until the thread of an article has a core.

        Raises:
            DeadlineExceeded, ClientDisconnected: as :meth:`JobLimits.check`.
        """
        with self._lock:
            job.turn = self._push(job, job.admitted_at, NO_PASS, None)
        self._wait_for_turn(job)

    def yield_to_others(self, job: Job, seconds: float) -> None:
        """Let turns that are due before the rest of an article's turn go first.

        Args:
            job: the article.
            seconds: that its turn has taken.

        Raises:
            DeadlineExceeded, ClientDisconnected: as :meth:`JobLimits.check`.
        """
        with self._lock:
            if job.turn is None or not self._queue:
                return
            due = job.turn.due + seconds
            self._end_turn(job)
            job.turn = self._push(job, due, NO_PASS, None)
        self._wait_for_turn(job)

    def leave(self, job: Job) -> None:
        """End the turn of an article, and free its place in the queue."""
        with self._lock:
            self._end_turn(job)
            job.awaited = None
            self._count_as_read(job, job.unread, articles=1)
            self._start_next()
            self._wake_encoder()

    def submit(self, job: Job, passes: Iterable[tuple[Callable[[], Any], PassSize]]) -> list[Task]:
        """Queue passes of an article, and start those that are due and have a core.

        Args:
            job: the article that they belong to.
            passes: each with what it reads.
        """
        seconds = self._cost.seconds_per_token
        with self._lock:
            self._count_idle_time()  # which a new caller does not earn
            tasks = [
                self._push(job, job.admitted_at + size.offset * seconds, size, run)
                for run, size in passes
            ]
            self._start_next()
            self._wake_encoder()
        return tasks

    def wait_for(self, job: Job, task: Task) -> None:
        """Leave the core of an article's thread to others until a pass of the article has ended.

        Raises:
            DeadlineExceeded, ClientDisconnected: as :meth:`JobLimits.check`.
        """
        with self._lock:
            if task.done:
                return
            job.awaited = task
            self._end_turn(job)
        self._wait_for_turn(job)

    def _ensure_capacity(self, share: Share, tokens: float, now: float, deadline: float) -> None:
        wait = self._seconds_for(self._backlog.tokens_before(share))
        full = not self._backlog.has_room(share, tokens)
        if self.articles and (full or now + wait > deadline):
            metrics.queue_rejected()
            raise Overloaded(max(1, math.ceil(wait)))

    def _seconds_for(self, tokens: float) -> float:
        return tokens * self._cost.seconds_per_token / self.cores

    def _wait_for_turn(self, job: Job) -> None:
        """Wait for a turn. The thread of an article that is alone runs its passes meanwhile.

        Beside others, it would keep its core from their turns while it goes on.
        """
        while True:
            with self._lock:
                self._start_next()
                own = None
                if self._started and self.articles == 1 and not job.has_turn:
                    own = self._started.popleft()
                self._wake_encoder()
                if job.has_turn:
                    return
                if own is None:
                    timed_out = not job.turn_began.wait(WAIT_SECONDS)
            if own is not None:
                self._run(own)
            elif timed_out:
                job.limits.check()

    def _work(self) -> None:
        while True:
            with self._lock:
                self._start_next()
                while not self._started:
                    self._idle.wait()
                    self._start_next()
                task = self._started.popleft()
                self._wake_encoder()
            self._run(task)
            del task  # it holds the whole article, and the next one may be hours away

    def _wake_encoder(self) -> None:
        if self._started:
            self._idle.notify()

    def _start_next(self) -> None:
        """Give free cores to the turns that are next."""
        while self._may_start():
            task = self._queue.pop()
            if task.cancelled:
                continue
            self._use_cores(1)
            if task.run is None:
                task.done = True
                task.job.turn_began.notify()
            else:
                self._started.append(task)

    def _may_start(self) -> bool:
        if not self._queue or self._in_use >= self.cores:
            return False
        return self._in_use < self._own_cores or self._busy.leave_room()

    def _push(self, job: Job, due: float, size: PassSize, run: Callable[[], Any] | None) -> Task:
        task = Task(due, next(self._task_numbers), job, size, run)
        self._queue.push(task)
        return task

    def _end_turn(self, job: Job) -> None:
        if job.turn is None:
            return
        if job.turn.done:
            self._use_cores(-1)
        job.turn.cancelled = True
        job.turn = None

    def _use_cores(self, change: int) -> None:
        self._count_idle_time()
        self._in_use += change
        self._busy.set(self._in_use)

    def _count_idle_time(self) -> None:
        """Let callers earn what idle cores could have done."""
        now = time.monotonic()
        if not self._queue:
            seconds = (self.cores - self._in_use) * (now - self._counted_until)
            self._queue.earn(seconds / self._cost.seconds_per_token)
        self._counted_until = now

    def _count_as_read(self, job: Job, tokens: float, articles: int = 0) -> None:
        """Take tokens that have been read, or dropped, from the backlog."""
        tokens = min(tokens, job.unread)
        job.unread -= tokens
        if tokens or articles:
            self._backlog.remove(job.limits.share, tokens, articles)
            metrics.queue_depth(self.articles, self.tokens)

    def _run(self, task: Task) -> None:
        """Run a pass that has been started, unless nothing needs it any more."""
        job, run = task.job, task.run
        began = time.monotonic()
        seconds = 0.0
        if run is not None and not task.cancelled:
            job.mark_started()
            try:
                job.limits.check()
                task.outcome = run()
                seconds = time.monotonic() - began
                metrics.encoder_busy(seconds)
            except BaseException as error:  # raised again in the thread that needs the outcome
                task.error = error
        with self._lock:
            self._use_cores(-1)
            if seconds:
                self._cost.add_pass(seconds, task.size.tokens)
            self._count_as_read(job, task.size.estimate)
            task.done = True
            if job.awaited is task:
                job.awaited = None
                job.turn = self._push(job, task.due, NO_PASS, None)
