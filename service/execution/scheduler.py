"""The encoder's time: who gets it next, and who is told to come back later.

Every article is a :class:`Job`, and its windows queue one by one. A window is due when a core that
had nothing else to do since the article came would get to it. What is due first runs first, so
short articles overtake the later windows of long ones, nobody waits for ever, and with nothing else
to do a long article has all cores.
"""

from __future__ import annotations

import heapq
import itertools
import math
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from threading import Condition, Thread
from typing import Any, TypeVar

from service.enrichment.timings import StageTimer
from service.observability import metrics

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")

CHARACTERS_PER_TOKEN = 4.2
"""Of English news; by this an article is judged before it is tokenized."""

_FIRST_GUESS = 1 / 9000  # seconds that a core takes for a token, until it is measured
_MEMORY = 0.02  # weight of the latest pass in the mean of all
_WINDOW = 200  # tokens of the window that the first guess stands for
_SHARE = 4  # no article takes more than this part of the queue: its later windows give way
_AHEAD = 4  # windows of an article, for each core, that are queued before they are needed


class Overloaded(Exception):
    """The queue is full, or an article would not be ready in time.

    ``retry_after`` is the number of seconds in which what waits now will be done.
    """

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


class DeadlineExceeded(Exception):
    """The time that an article was given is over."""


class ClientDisconnected(Exception):
    """Nobody waits for the answer any more."""


def _never() -> bool:
    return False


@dataclass(frozen=True)
class JobLimits:
    """On what terms an article is worked on.

    Attributes:
        deadline: of :func:`time.monotonic`, when the work stops; infinite for never.
        gone: says whether whoever asked has gone. Called from the encoder's threads.
        bounded: whether the article may be refused because the queue is full. One that comes from
            where few come at once need not be.
    """

    deadline: float = math.inf
    gone: Callable[[], bool] = _never
    bounded: bool = True


@dataclass(order=True)
class Task:
    """One pass that waits for a core, ordered by when it is due."""

    due: float
    number: int
    turn: Job = field(compare=False)
    tokens: int = field(compare=False)
    run: Callable[[], Any] = field(compare=False)
    future: Future[Any] = field(compare=False, default_factory=Future)


class Scheduler:
    """Runs the passes of all articles on threads of its own, as many as there are cores.

    Args:
        passes: that run at the same time.
        tokens: most that wait, estimated from the lengths of the articles.
        articles: most articles that wait or are worked on.
    """

    def __init__(self, passes: int, tokens: int, articles: int) -> None:
        self.passes = passes
        self._most_tokens, self._most_articles = tokens, articles
        self._changed = Condition()
        self._waiting: list[Task] = []
        self._numbers = itertools.count()
        self._seconds = _FIRST_GUESS  # a core takes for a token, with all that is asked about it
        self._spent, self._read = _FIRST_GUESS * _WINDOW, float(_WINDOW)  # means of windows
        self._batched = 0.0
        self.tokens = 0.0
        """Of all articles, how many have not been read yet. An estimate."""
        self.articles = 0
        """That wait or are worked on."""
        metrics.queue_limits(articles, tokens)
        for number in range(passes):
            Thread(target=self._work, name=f"encoder-{number}", daemon=True).start()

    def turn(self, characters: int, stages: StageTimer, terms: JobLimits) -> Job:
        """A place in the queue for an article of so many characters; left at the end of ``with``.

        Args:
            characters: of text and title.
            stages: gets the time until the first pass as its stage ``queue``.
            terms: of this article.

        Raises:
            Overloaded: there is no place, or the article would not be ready before its deadline.
            DeadlineExceeded: the deadline has passed.
        """
        now = time.monotonic()
        if now >= terms.deadline:
            metrics.queue_timed_out()
            raise DeadlineExceeded
        counted = characters / CHARACTERS_PER_TOKEN
        if terms.bounded:
            counted = min(counted, self._most_tokens / _SHARE)
        with self._changed:
            if terms.bounded:
                self._check(counted, now, terms.deadline)
            self.tokens += counted
            self.articles += 1
            metrics.queue_depth(self.articles, self.tokens)
        return Job(self, now, counted, stages, terms)

    @contextmanager
    def batch(self, characters: int, deadline: float) -> Iterator[None]:
        """A place in the queue of batches, whose articles are worked on a few at a time.

        Args:
            characters: of all its articles.
            deadline: when they have to be ready.

        Raises:
            Overloaded: they would not be, with the batches that have come before.
        """
        counted = characters / CHARACTERS_PER_TOKEN
        with self._changed:
            self._check(0, time.monotonic(), math.inf)
            wait = (self._batched + counted) * self._seconds / self.passes
            if self._batched and time.monotonic() + wait > deadline:
                metrics.queue_rejected()
                raise Overloaded(math.ceil(self._batched * self._seconds / self.passes))
            self._batched += counted
            self.articles += 1
            metrics.queue_depth(self.articles, self.tokens)
        try:
            yield
        finally:
            with self._changed:
                self._batched -= counted
                self.articles -= 1
                metrics.queue_depth(self.articles, self.tokens)

    def check(self) -> None:
        """See whether there is room for anything at all.

        Raises:
            Overloaded: there is none.
        """
        with self._changed:
            self._check(0, time.monotonic(), math.inf)

    def _check(self, counted: float, now: float, deadline: float) -> None:
        wait = self.tokens * self._seconds / self.passes
        full = self.tokens + counted > self._most_tokens or self.articles >= self._most_articles
        if self.articles and (full or now + wait > deadline):
            metrics.queue_rejected()
            raise Overloaded(max(1, math.ceil(wait)))

    def submit(self, turn: Job, due: float, tokens: int, run: Callable[[], Outcome]) -> Task:
        """Queue a pass over so many tokens that none of its article has read before.

        ``due`` counts those that come before them.
        """
        one = Task(turn.began + due * self._seconds, next(self._numbers), turn, tokens, run)
        with self._changed:
            heapq.heappush(self._waiting, one)
            self._changed.notify()
        return one

    def release(self, counted: float, articles: int = 0) -> None:
        """Forget so many tokens, which have been read or will not be, and so many articles."""
        with self._changed:
            self.tokens = max(0.0, self.tokens - counted)
            self.articles -= articles
            metrics.queue_depth(self.articles, self.tokens)

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._waiting:
                    self._changed.wait()
                one = heapq.heappop(self._waiting)
            if one.future.set_running_or_notify_cancel():
                self._run(one)

    def _run(self, one: Task) -> None:
        began = time.monotonic()
        terms = one.turn.terms
        if began >= terms.deadline:
            one.future.set_exception(DeadlineExceeded())
        elif terms.gone():
            one.future.set_exception(ClientDisconnected())
        else:
            one.turn.started(began)
            try:
                outcome = one.run()
            except BaseException as error:  # it is raised where the outcome is asked for
                one.future.set_exception(error)
            else:
                one.future.set_result(outcome)
                spent = time.monotonic() - began
                metrics.encoder_busy(spent)
                self._measured(spent, one.tokens)

    def _measured(self, spent: float, tokens: int) -> None:
        with self._changed:
            if tokens:  # what follows from a window adds to what that one has taken
                self._spent -= _MEMORY * self._spent
                self._read += _MEMORY * (tokens - self._read)
            self._spent += _MEMORY * spent
            self._seconds = self._spent / self._read


class Job:
    """One article's passes. Made by :meth:`Scheduler.turn`."""

    def __init__(
        self,
        scheduler: Scheduler,
        began: float,
        counted: float,
        stages: StageTimer,
        terms: JobLimits,
    ) -> None:
        self.began = began
        self.terms = terms
        self._scheduler = scheduler
        self._counted = counted
        self._stages = stages
        self._queued = self._first = 0.0
        self._read = 0

    def __enter__(self) -> Job:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._scheduler.release(self._counted, 1)
        waited = self._first - self._queued
        metrics.queue_waited(waited)
        if kind is DeadlineExceeded:
            metrics.queue_timed_out()
        self._stages.add("queue", waited)
        self._stages.add("encode", -waited)

    def __call__(
        self, run: Callable[[Item], Outcome], items: Sequence[Item], tokens: Sequence[int]
    ) -> Iterator[Outcome]:
        """See :class:`service.enrichment.model_protocol.Passes`; on as many cores as are free.

        Raises:
            DeadlineExceeded: the deadline has passed.
            ClientDisconnected: whoever asked has gone.
        """
        if self._queued:  # what follows from a window comes with it, whose tokens these are
            new, counted = [0] * len(items), 0.0
        else:
            self._queued = self._first = time.monotonic()
            new = [max(1, size) for size in tokens]
            counted = self._counted / max(1, sum(new))
        before = itertools.accumulate(new, initial=self._read)
        ahead = _AHEAD * self._scheduler.passes
        rest = iter(zip(items, before, new, strict=False))
        queued: deque[Task] = deque()
        try:
            while True:
                for item, due, size in itertools.islice(rest, ahead - len(queued)):
                    queued.append(self._scheduler.submit(self, due, size, partial(run, item)))
                if not queued:
                    return
                outcome = queued[0].future.result()
                read = queued.popleft().tokens
                self._read += read
                done = counted * read
                self._counted -= done
                self._scheduler.release(done)
                yield outcome
        finally:
            for one in queued:
                one.future.cancel()

    def started(self, now: float) -> None:
        """One of its passes begins."""
        if self._first == self._queued:
            self._first = now
