"""Counts what callers do at the same time: in this process, or in a Redis that others share."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from threading import Lock, Thread
from typing import Any, Protocol
from uuid import uuid4

import redis

LEASE_SECONDS = 60
"""Time after which Redis gives back the slots of a process that has been killed."""

_RENEW_SECONDS = LEASE_SECONDS / 4
_log = logging.getLogger(__name__)

_ACQUIRE = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
"""
_RENEW = """
local time = redis.call('TIME')
redis.call('ZADD', KEYS[1], 'XX', time[1] + ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[1])
"""

Release = Callable[[], None]
"""Gives a slot back; called once."""


class Slots(Protocol):
    """Slots of callers, which threads may share."""

    def acquire(self, caller: str, name: str, most: int) -> Release | None:
        """Take a slot of the limit ``name`` if ``caller`` has fewer than ``most`` of them.

        Returns:
            A function that gives it back; ``None`` if there is no slot.
        """


class LocalSlots:
    """Slots of this process."""

    def __init__(self) -> None:
        self._taken: Counter[tuple[str, str]] = Counter()
        self._lock = Lock()

    def acquire(self, caller: str, name: str, most: int) -> Release | None:
        """See :class:`Slots`."""
        with self._lock:
            if self._taken[caller, name] >= most:
                return None
            self._taken[caller, name] += 1
        return lambda: self._release(caller, name)

    def _release(self, caller: str, name: str) -> None:
        with self._lock:
            self._taken[caller, name] -= 1
            if not self._taken[caller, name]:
                del self._taken[caller, name]


class RedisSlots:
    """Slots that processes share. Each is a lease, renewed as long as its process runs.

    Args:
        client: whose errors :meth:`acquire` raises.
    """

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._acquire: Any = client.register_script(_ACQUIRE)
        self._renew: Any = client.register_script(_RENEW)
        self._leases: dict[str, str] = {}
        self._lock = Lock()
        self._renewing = False

    def acquire(self, caller: str, name: str, most: int) -> Release | None:
        """See :class:`Slots`."""
        key, lease = f"enrich-{name}/{caller}", uuid4().hex
        if not self._acquire([key], [most, LEASE_SECONDS, lease]):
            return None
        with self._lock:
            self._leases[lease] = key
            if not self._renewing:
                self._renewing = True
                Thread(target=self._renew_leases, name="leases", daemon=True).start()
        return lambda: self._release(key, lease)

    def _release(self, key: str, lease: str) -> None:
        with self._lock:
            del self._leases[lease]
        try:
            self._client.zrem(key, lease)
        except redis.RedisError as error:
            _log.warning("A slot remains taken in Redis for %d seconds: %s", LEASE_SECONDS, error)

    def _renew_leases(self) -> None:
        while True:
            time.sleep(_RENEW_SECONDS)
            with self._lock:
                leases = dict(self._leases)
            try:
                for lease, key in leases.items():
                    self._renew([key], [LEASE_SECONDS, lease])
            except redis.RedisError as error:
                _log.warning("Cannot renew the slots in Redis: %s", error)
