"""Shares the encoder's time among articles, and rejects those that the queue has no room for.

Every article is a :class:`Job` whose windows are queued individually. A window is due at the time
when a single core that processes only this article, from its admission on, would reach it. The task
with the earliest due time runs first. Short articles therefore overtake the later windows of long
ones, no window waits forever, and a long article uses all cores when nothing else is queued.

Callers that are told apart share the time by their weights; this is the order within a caller.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition, Lock, Thread
from typing import Any

from service.enrichment.timings import StageTimer
from service.execution.backlog import Backlog
from service.execution.errors import DeadlineExceeded, Overloaded
from service.execution.fair_queue import FairQueue
from service.execution.job import ANYBODY, WAIT_SECONDS, Job, JobLimits, Share, Task
from service.execution.running_passes import RunningPasses, running_passes
from service.execution.token_cost import TokenCost
from service.observability import metrics

CREDIT = 2
"""Most credit of a caller, as a multiple of a full queue; less does not cover its bursts."""

_MAX_SHARE = 4  # an article counts for at most 1/4 of the queue; others overtake its later windows


class Scheduler:
    """Runs the passes of all articles on its own threads.

    An article that is alone runs its passes on its own thread, too, and needs nobody to wake it.

    Args:
        passes: passes that run at the same time.
        max_tokens: most tokens in the queue, as estimated for each article.
        max_articles: most articles that are queued or processed.
        own_passes: passes that run whatever other workers do; by default all. More start only while
            other workers leave cores free.
        running: passes of all workers.
    """

    def __init__(
        self,
        passes: int,
        max_tokens: int,
        max_articles: int,
        own_passes: int | None = None,
        running: RunningPasses = running_passes,
    ) -> None:
        self.passes = passes
        self._own_passes = passes if own_passes is None else own_passes
        self._running, self._running_everywhere = 0, running
        self._backlog = Backlog(max_tokens, max_articles)
        self._lock = Lock()
        self._idle = Condition(self._lock)  # of the scheduler's own threads
        self._tasks = FairQueue(CREDIT * max_tokens)
        self._task_numbers = itertools.count()
        self._cost = TokenCost()
        self._counted_until = time.monotonic()
        self._batches = Backlog(max_tokens, max_articles)
        metrics.queue_limits(max_articles, max_tokens)
        for number in range(passes):
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
    def queued_passes(self) -> int:
        """Passes that wait for a core."""
        return len(self._tasks)

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

    def submit(self, job: Job, offset: int, tokens: int, cost: int, run: Callable[[], Any]) -> Task:
        """Queue a pass; :meth:`advance` or :meth:`offer` starts it.

        Args:
            job: the article that it belongs to.
            offset: tokens of the job's passes before it.
            tokens: tokens that no earlier pass of the job reads.
            cost: all tokens that the pass reads.
            run: the pass.
        """
        due = job.admitted_at + offset * self._cost.seconds_per_token
        task = Task(due, next(self._task_numbers), job, tokens, cost, run)
        with self._lock:
            self._count_idle_time()  # which a new caller does not earn
            self._tasks.push(task)
        return task

    def advance(self, job: Job, task: Task) -> bool:
        """Bring a pass forward: run a pass of its article on the thread of the article, or wait.

        Only an article that is alone runs its passes on its own thread. Beside others, it would
        keep the core from the next pass while its thread goes on to the rules.

        Args:
            job: the article.
            task: a pass of it whose outcome the thread needs.

        Returns:
            Whether ``task`` has ended.
        """
        with self._lock:
            own = self._take() if self.articles == 1 else None
            if own is None and not task.done:
                self._offer()
                job.turn.wait(WAIT_SECONDS)
        if own is not None:
            self._run(own)
            if self.articles > 1:  # this thread may go on without running another pass
                self.offer()
        return task.done

    def offer(self) -> None:
        """Wake a thread of the scheduler for the next pass, if it may start."""
        with self._lock:
            self._offer()

    def release(self, share: Share, tokens: float, articles: int = 0) -> None:
        """Subtract ``tokens`` and ``articles`` that are finished or dropped from the counts."""
        with self._lock:
            self._backlog.remove(share, tokens, articles)
            metrics.queue_depth(self.articles, self.tokens)
            if articles:
                self._offer()

    def _ensure_capacity(self, share: Share, tokens: float, now: float, deadline: float) -> None:
        wait = self._seconds_for(self._backlog.tokens_before(share))
        full = not self._backlog.has_room(share, tokens)
        if self.articles and (full or now + wait > deadline):
            metrics.queue_rejected()
            raise Overloaded(max(1, math.ceil(wait)))

    def _seconds_for(self, tokens: float) -> float:
        return tokens * self._cost.seconds_per_token / self.passes

    def _work(self) -> None:
        while True:
            with self._lock:
                while (task := self._take()) is None:
                    self._idle.wait()
            self._run(task)
            del task  # it holds the whole article, and the next one may be hours away

    def _take(self) -> Task | None:
        """Remove the next pass from the queue, if it may start; wake a thread for the one after."""
        while self._may_start():
            self._count_running(1)
            task = self._tasks.pop()
            if not task.cancelled:
                self._offer()
                return task
            self._count_running(-1)
        return None

    def _offer(self) -> None:
        if self._may_start():
            self._idle.notify()

    def _may_start(self) -> bool:
        if not self._tasks or self._running >= self.passes:
            return False
        return self._running < self._own_passes or self._running_everywhere.leave_room()

    def _count_running(self, change: int) -> None:
        self._count_idle_time()
        self._running += change
        self._running_everywhere.set(self._running)

    def _count_idle_time(self) -> None:
        """Let callers earn what idle cores could have done."""
        now = time.monotonic()
        if not self._tasks:
            seconds = (self.passes - self._running) * (now - self._counted_until)
            self._tasks.earn(seconds / self._cost.seconds_per_token)
        self._counted_until = now

    def _run(self, task: Task) -> None:
        job, began = task.job, time.monotonic()
        job.mark_started()
        seconds = 0.0
        try:
            job.limits.check()
            task.outcome = task.run()
            seconds = time.monotonic() - began
            metrics.encoder_busy(seconds)
        except BaseException as error:  # raised again in the thread that needs the outcome
            task.error = error
        with self._lock:
            self._count_running(-1)
            if task.error is None:
                self._cost.add_pass(seconds, task.tokens)
            task.done = True
            job.turn.notify()
