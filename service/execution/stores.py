"""Stores of the cache: memory of this process, and Redis."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable
from hashlib import sha256
from secrets import token_hex
from threading import Lock
from typing import Any, Protocol

import redis
from cachetools import LRUCache

from service.execution.errors import StoreUnavailable
from service.observability import metrics
from service.redis_guard import RedisGuard, RedisUnavailable

REDIS_TIMEOUT = 0.25
"""Seconds for a request to Redis: connection, command and the whole response."""

REDIS_EXPIRY = 7 * 24 * 3600
"""Seconds until Redis deletes an entry."""

_MAC_BYTES = sha256().digest_size
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
            metrics.cache_size(self._values.currsize)
            return True


class RedisStore:
    """Keeps values in a Redis that several replicas share.

    After a failed request, the store is unavailable for
    :data:`~service.redis_guard.REDIS_PAUSE` seconds without another try, so that a dead Redis
    delays few articles. Each value carries a message authentication code
    (HMAC-SHA256 of key and value); values without the right one are ignored, since others may be
    able to write to the Redis.

    Args:
        url: ``redis://``, ``rediss://`` or ``unix://``.
        secret: key of the codes, shared by all replicas; ``""`` for a random one.
    """

    name = "redis"

    def __init__(self, url: str, secret: str = "") -> None:
        self._secret = (secret or token_hex()).encode()
        self._redis = RedisGuard(url, REDIS_TIMEOUT, "Redis failed; pausing requests")
        self._client = redis.Redis(connection_pool=self._redis.pool)

    def get(self, key: str) -> bytes | None:
        """See :class:`Store`."""
        entry = self._request(lambda: self._client.get(key))
        if entry is None:
            return None
        if isinstance(entry, bytes):
            code, value = entry[:_MAC_BYTES], entry[_MAC_BYTES:]
            if hmac.compare_digest(code, self._authenticate(key, value)):
                return value
        _log.warning("Ignoring an entry of Redis that was not written with this CACHE_SECRET")
        return None

    def put(self, key: str, value: bytes) -> bool:
        """See :class:`Store`."""
        entry = self._authenticate(key, value) + value
        self._request(lambda: self._client.set(key, entry, ex=REDIS_EXPIRY))
        return True

    def _authenticate(self, key: str, value: bytes) -> bytes:
        return hmac.digest(self._secret, key.encode() + b"\0" + value, "sha256")

    def _request(self, send: Callable[[], Any]) -> Any:
        try:
            return self._redis.request(send)
        except RedisUnavailable:
            raise StoreUnavailable from None
