"""Limits what each caller uses, counted in this process or in a Redis that others share."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TypeVar

import redis
from limits.storage import MemoryStorage, RedisStorage

from service.access.slots import LocalSlots, RedisSlots, Release, Slots
from service.access.windows import Quota, Remaining, Windows
from service.redis_guard import RedisGuard, RedisUnavailable

REDIS_TIMEOUT = 1.0
"""Seconds for a request to Redis: connection, command and the whole response."""

_MINUTE, _DAY = 60, 24 * 3600
_WINDOWS = {
    "requests_per_minute": _MINUTE,
    "tokens_per_minute": _MINUTE,
    "tokens_per_day": _DAY,
}
_SLOT_SECONDS = {"concurrent_requests": 1, "concurrent_streams": 10}  # until one may be free again
_IPV6_PREFIX = 64  # a caller with IPv6 usually has as many addresses

T = TypeVar("T")


@dataclass(frozen=True)
class Caller:
    """Who sends a request: an API key or, if there are no keys, an address.

    Attributes:
        name: unique among callers; ``""`` if they are not told apart.
        priority: weight of its work beside that of others.
        limits: name → most units; ``None`` for no limit.
    """

    name: str = ""
    priority: int = 1
    limits: Mapping[str, int | None] = field(default_factory=dict)

    def quotas(self) -> list[Quota]:
        """The limits that count over time."""
        return [
            Quota(name, amount, seconds)
            for name, seconds in _WINDOWS.items()
            if (amount := self.limits.get(name))
        ]

    def quota(self, name: str) -> Quota | None:
        """One of the limits that count over time; ``None`` without it."""
        amount = self.limits.get(name)
        return Quota(name, amount, _WINDOWS[name]) if amount else None


class LimitExceeded(Exception):
    """A caller has used up a limit.

    Attributes:
        name: of the limit.
        amount: most units.
        retry_after: whole seconds after which another attempt makes sense.
    """

    def __init__(self, name: str, amount: int, retry_after: float) -> None:
        super().__init__(name)
        self.name, self.amount = name, amount
        self.retry_after = max(1, math.ceil(retry_after))


def address_name(address: str | None) -> str:
    """The name of a caller without a key: its address or, for IPv6, the network that it is in."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return "address:unknown"
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:
            return f"address:{parsed.ipv4_mapped}"
        return f"address:{ip_network((parsed, _IPV6_PREFIX), strict=False).network_address}"
    return f"address:{parsed}"


@dataclass(frozen=True)
class _Counts:
    windows: Windows
    slots: Slots


class Limiter:
    """Counts requests, tokens and concurrency of callers. Threads may share one.

    If the Redis fails, this process counts for itself, for
    :data:`~service.redis_guard.REDIS_PAUSE` seconds at a time.

    Args:
        url: of a Redis in which several processes count together; ``""`` for this process alone.
    """

    def __init__(self, url: str = "") -> None:
        self._local = _Counts(Windows(MemoryStorage()), LocalSlots())
        self._shared: _Counts | None = None
        if url:
            warning = "The Redis of limits failed; this process counts for itself"
            self._redis = RedisGuard(url, REDIS_TIMEOUT, warning)
            pool = self._redis.pool
            slots = RedisSlots(redis.Redis(connection_pool=pool))
            self._shared = _Counts(Windows(RedisStorage(url, pool)), slots)

    def begin(self, caller: Caller, slot: str) -> Release:
        """Count a request that begins.

        Args:
            caller: who sends it.
            slot: ``"concurrent_requests"`` or ``"concurrent_streams"``.

        Returns:
            A function to call once when the request ends.

        Raises:
            LimitExceeded: of requests per minute, or of ``slot``.
        """
        release = self._take_slot(caller, slot)
        try:
            self._use(caller, "requests_per_minute", 1)
        except LimitExceeded:
            release()
            raise
        return release

    def spend(self, caller: Caller, tokens: float) -> None:
        """Count the work on an article.

        An article with more tokens than a limit counts as the limit: it takes all of a window.

        Args:
            caller: whose article it is.
            tokens: an estimate.

        Raises:
            LimitExceeded: of tokens; none are counted, except that those of the minute remain
                counted if the day has none left.
        """
        for name in ("tokens_per_minute", "tokens_per_day"):
            self._use(caller, name, max(1, math.ceil(tokens)))

    def remaining(self, caller: Caller) -> dict[Quota, Remaining]:
        """What is left of each limit that counts over time."""
        quotas = caller.quotas()
        if not quotas:
            return {}
        return self._count(lambda c: {q: c.windows.remaining(caller.name, q) for q in quotas})

    def _take_slot(self, caller: Caller, slot: str) -> Release:
        most = caller.limits.get(slot)
        if not most:
            return lambda: None
        release = self._count(lambda counts: counts.slots.acquire(caller.name, slot, most))
        if release is None:
            raise LimitExceeded(slot, most, _SLOT_SECONDS[slot])
        return release

    def _use(self, caller: Caller, name: str, units: int) -> None:
        quota = caller.quota(name)
        if quota is None:
            return
        used = quota, min(units, quota.amount)
        wait = self._count(lambda counts: counts.windows.use(caller.name, *used))
        if wait:
            raise LimitExceeded(name, quota.amount, wait)

    def _count(self, operation: Callable[[_Counts], T]) -> T:
        """The result of ``operation`` with the shared counts or, if they fail, with the local."""
        shared = self._shared
        if shared is not None:
            with suppress(RedisUnavailable):
                return self._redis.request(lambda: operation(shared), _give_back)
        return operation(self._local)


def _give_back(late: object) -> None:
    """Release a slot that Redis has granted too late for anyone to take it."""
    if callable(late):
        late()
