"""Stores of the cache: memory of this process, and Redis."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Lock
from typing import Any, Protocol

import redis
from cachetools import LRUCache
from redis.backoff import NoBackoff
from redis.retry import Retry

from service.execution.errors import StoreUnavailable

REDIS_TIMEOUT = 0.25
"""Seconds for a connection to Redis, and for each of its responses."""

REDIS_PAUSE = 5.0
"""Seconds without requests to Redis after one has failed."""

REDIS_EXPIRY = 7 * 24 * 3600
"""Seconds until Redis deletes an entry."""

_ENTRY_BYTES = 500  # overhead of an entry in memory, its key included
_log = logging.getLogger(__name__)


class Store(Protocol):
    """A key-value store. Called from several threads at once."""

    name: str

    def get(self, key: str) -> bytes | None:
        """The value of ``key``; ``None`` if there is none.

        Raises:
            StoreUnavailable: the store does not answer.
        """

    def put(self, key: str, value: bytes) -> bool:
        """Keep ``value``. False if there is no room for it.

        Raises:
            StoreUnavailable: the store does not answer.
        """


class MemoryStore:
    """Keeps the most recently used values in this process.

    Args:
        size: most bytes of all values, with an allowance for their keys.
    """

    name = "memory"

    def __init__(self, size: int) -> None:
        self._values: LRUCache[str, bytes] = LRUCache(size, lambda v: len(v) + _ENTRY_BYTES)
        self._lock = Lock()

    def get(self, key: str) -> bytes | None:
        """See :class:`Store`."""
        with self._lock:
            return self._values.get(key)

    def put(self, key: str, value: bytes) -> bool:
        """See :class:`Store`."""
        with self._lock:
            if len(value) + _ENTRY_BYTES > self._values.maxsize:
                return False
            self._values[key] = value
            return True


class RedisStore:
    """Keeps values in a Redis that several replicas share.

    After a failed request, the store is unavailable for :data:`REDIS_PAUSE` seconds without another
    try, so that a Redis that is down delays few articles.

    Args:
        url: ``redis://``, ``rediss://`` or ``unix://``.
    """

    name = "redis"

    def __init__(self, url: str) -> None:
        self._client = redis.Redis.from_url(
            url,
            socket_connect_timeout=REDIS_TIMEOUT,
            socket_timeout=REDIS_TIMEOUT,
            retry=Retry(NoBackoff(), 0),
        )
        self._paused_until = 0.0

    def get(self, key: str) -> bytes | None:
        """See :class:`Store`."""
        value: bytes | None = self._request(lambda: self._client.get(key))
        return value

    def put(self, key: str, value: bytes) -> bool:
        """See :class:`Store`."""
        self._request(lambda: self._client.set(key, value, ex=REDIS_EXPIRY))
        return True

    def _request(self, send: Callable[[], Any]) -> Any:
        if time.monotonic() < self._paused_until:
            raise StoreUnavailable
        try:
            return send()
        except redis.RedisError as error:
            self._paused_until = time.monotonic() + REDIS_PAUSE
            _log.warning("Redis failed; pausing requests for %g seconds: %s", REDIS_PAUSE, error)
            raise StoreUnavailable from None
