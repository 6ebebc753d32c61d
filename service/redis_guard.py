"""Guards requests to a Redis, so that one that fails or is slow delays little else."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

REDIS_PAUSE = 5.0
"""Seconds without requests to a Redis after one has failed."""

_THREADS = 16
_log = logging.getLogger(__name__)

T = TypeVar("T")


class RedisUnavailable(Exception):
    """A request has failed, or was not sent because one has failed before."""


class RedisGuard:
    """Limits the time of requests to a Redis, and pauses after one has failed.

    A failure is logged, and during the pause nothing is. Threads may share a guard.

    Args:
        url: ``redis://``, ``rediss://`` or ``unix://``.
        seconds: most for a request: connection, commands and the whole responses.
        warning: what has failed, and what happens during the pause.

    Attributes:
        pool: the connections, for clients whose requests are guarded.
    """

    def __init__(self, url: str, seconds: float, warning: str) -> None:
        self.pool = redis.ConnectionPool.from_url(
            url,
            socket_connect_timeout=seconds,
            socket_timeout=seconds,
            retry=Retry(NoBackoff(), 0),
        )
        self._seconds, self._warning = seconds, warning
        # The time-outs of the client hold for each read, and a response may come byte by byte. A
        # thread of its own can be abandoned.
        self._executor = ThreadPoolExecutor(_THREADS, thread_name_prefix="redis")
        self._paused_until = 0.0

    def request(self, send: Callable[[], T], give_back: Callable[[T], None] | None = None) -> T:
        """The result of ``send``.

        Args:
            send: a request with a client of :attr:`pool`.
            give_back: called with a result that comes too late for anyone to use it.

        Raises:
            RedisUnavailable: there is no result in time, or a pause.
        """
        if time.monotonic() < self._paused_until:
            raise RedisUnavailable
        future = self._executor.submit(send)
        try:
            return future.result(self._seconds)
        except Exception as error:  # whatever the client raises over a reply that is not from Redis
            self._paused_until = time.monotonic() + REDIS_PAUSE
            reason = "no response in time" if isinstance(error, TimeoutError) else error
            _log.warning("%s for %g seconds: %s", self._warning, REDIS_PAUSE, reason)
            if give_back is not None:
                future.add_done_callback(_if_it_succeeds(give_back))
            future.cancel()
            self.pool.disconnect()
            raise RedisUnavailable from None


def _if_it_succeeds(use: Callable[[T], None]) -> Callable[[Future[T]], None]:
    def done(future: Future[T]) -> None:
        if not future.cancelled() and future.exception() is None:
            use(future.result())

    return done
