"""Shares the encoder's time among articles, and rejects those that the queue has no room for.

Every article is a :class:`Job` whose windows are queued individually. A window is due at the time
when a single core that processes only this article, from its admission on, would reach it. The task
with the earliest due time runs first. Short articles therefore overtake the later windows of long
ones, no window waits forever, and a long article uses all cores when nothing else is queued.
"""

from __future__ import annotations

import heapq
import itertools
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition, Thread
from typing import Any

from service.enrichment.timings import StageTimer
from service.execution.errors import ClientDisconnected, DeadlineExceeded, Overloaded
from service.execution.job import Job, JobLimits, Task
from service.execution.token_cost import TokenCost
from service.observability import metrics

_MAX_SHARE = 4  # an article counts for at most 1/4 of the queue; others overtake its later windows


class Scheduler:
    """Runs the passes of all articles on its own threads, one for each core.

    Args:
        passes: passes that run at the same time.
        max_tokens: most tokens in the queue, as estimated for each article.
        max_articles: most articles that are queued or processed.
    """

    def __init__(self, passes: int, max_tokens: int, max_articles: int) -> None:
        self.passes = passes
        self.tokens = 0.0
        """Estimated tokens of all admitted articles that have not been read yet."""
        self.articles = 0
        """Articles that are queued or processed."""
        self._max_tokens, self._max_articles = max_tokens, max_articles
        self._condition = Condition()
        self._tasks: list[Task] = []
        self._task_numbers = itertools.count()
        self._cost = TokenCost()
        self._batch_tokens = 0.0
        metrics.queue_limits(max_articles, max_tokens)
        for number in range(passes):
            Thread(target=self._work, name=f"encoder-{number}", daemon=True).start()

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
            tokens = min(tokens, self._max_tokens / _MAX_SHARE)
        with self._condition:
            if limits.bounded:
                self._ensure_capacity(tokens, now, limits.deadline)
            self.tokens += tokens
            self.articles += 1
            metrics.queue_depth(self.articles, self.tokens)
        return Job(self, now, tokens, timer, limits)

    @contextmanager
    def admit_batch(self, tokens: float, deadline: float) -> Iterator[None]:
        """Admit a batch for the duration of the ``with`` block; it counts as one article.

        Args:
            tokens: of all its articles, estimated.
            deadline: on the clock of :func:`time.monotonic`.

        Raises:
            Overloaded: the queue is full, or the batch would miss its deadline because of the
                batches before it.
        """
        with self._condition:
            self._ensure_capacity(0, time.monotonic(), math.inf)
            wait = self._seconds_for(self._batch_tokens + tokens)
            if self._batch_tokens and time.monotonic() + wait > deadline:
                metrics.queue_rejected()
                raise Overloaded(math.ceil(self._seconds_for(self._batch_tokens)))
            self._batch_tokens += tokens
            self.articles += 1
            metrics.queue_depth(self.articles, self.tokens)
        try:
            yield
        finally:
            with self._condition:
                self._batch_tokens -= tokens
                self.articles -= 1
                metrics.queue_depth(self.articles, self.tokens)

    def ensure_capacity(self) -> None:
        """Check that the queue is not full.

        Raises:
            Overloaded: it is.
        """
        with self._condition:
            self._ensure_capacity(0, time.monotonic(), math.inf)

    def submit(self, job: Job, offset: int, tokens: int, run: Callable[[], Any]) -> Task:
        """Queue a pass.

        Args:
            job: the article that it belongs to.
            offset: tokens of the job's passes before it.
            tokens: tokens that no earlier pass of the job reads.
            run: the pass.
        """
        due = job.admitted_at + offset * self._cost.seconds_per_token
        task = Task(due, next(self._task_numbers), job, tokens, run)
        with self._condition:
            heapq.heappush(self._tasks, task)
            self._condition.notify()
        return task

    def release(self, tokens: float, articles: int = 0) -> None:
        """Subtract ``tokens`` and ``articles`` that are finished or dropped from the counts."""
        with self._condition:
            self.tokens = max(0.0, self.tokens - tokens)
            self.articles -= articles
            metrics.queue_depth(self.articles, self.tokens)

    def _ensure_capacity(self, tokens: float, now: float, deadline: float) -> None:
        wait = self._seconds_for(self.tokens)
        full = self.tokens + tokens > self._max_tokens or self.articles >= self._max_articles
        if self.articles and (full or now + wait > deadline):
            metrics.queue_rejected()
            raise Overloaded(max(1, math.ceil(wait)))

    def _seconds_for(self, tokens: float) -> float:
        return tokens * self._cost.seconds_per_token / self.passes

    def _work(self) -> None:
        while True:
            with self._condition:
                while not self._tasks:
                    self._condition.wait()
                task = heapq.heappop(self._tasks)
            if task.future.set_running_or_notify_cancel():
                self._run(task)

    def _run(self, task: Task) -> None:
        began = time.monotonic()
        task.job.mark_started()
        if began >= task.job.limits.deadline:
            task.future.set_exception(DeadlineExceeded())
        elif task.job.limits.disconnected():
            task.future.set_exception(ClientDisconnected())
        else:
            try:
                outcome = task.run()
            except BaseException as error:  # raised again in the thread that waits for the outcome
                task.future.set_exception(error)
            else:
                task.future.set_result(outcome)
                seconds = time.monotonic() - began
                metrics.encoder_busy(seconds)
                with self._condition:
                    self._cost.add_pass(seconds, task.tokens)
