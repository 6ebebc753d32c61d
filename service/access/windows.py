"""Counts requests and tokens in sliding windows of time."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from threading import Lock
from typing import NamedTuple

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter


class Quota(NamedTuple):
    """A limit of a caller.

    Attributes:
        name: of :data:`~service.config.access_settings.LIMIT_NAMES`.
        amount: most units in a window.
        seconds: length of the window.
    """

    name: str
    amount: int
    seconds: int


class Remaining(NamedTuple):
    """What is left of a quota.

    Attributes:
        units: that can be used now.
        seconds: until more can be used, for certain at the end of this time.
    """

    units: int
    seconds: float


class Windows:
    """Sliding windows: the previous one counts in proportion to its overlap.

    Args:
        storage: of one process, or of several.
    """

    def __init__(self, storage: MemoryStorage | RedisStorage) -> None:
        self._storage = storage
        self._limiter = SlidingWindowCounterRateLimiter(storage)
        # The storage in memory counts first and compares afterwards: of two requests for the last
        # unit, both would be rejected.
        shared = isinstance(storage, RedisStorage)
        self._lock: AbstractContextManager[object] = nullcontext() if shared else Lock()

    def use(self, caller: str, quota: Quota, units: int) -> float:
        """Use units of a quota, all of them or none.

        Returns:
            0 if they are used; else the seconds until they can be.
        """
        with self._lock:
            if self._limiter.hit(_item(quota), caller, cost=units):
                return 0.0
            return max(0.001, self._seconds_until(caller, quota, units))

    def remaining(self, caller: str, quota: Quota) -> Remaining:
        """What is left of a quota."""
        previous, overlap, current, _ = self._counts(caller, quota)
        used = previous * overlap / quota.seconds + current
        units = max(0, int(quota.amount - used))
        return Remaining(units, self._seconds_until(caller, quota, units + 1) if used else 0.0)

    def _counts(self, caller: str, quota: Quota) -> tuple[int, float, int, float]:
        return self._storage.get_sliding_window(_item(quota).key_for(caller), quota.seconds)

    def _seconds_until(self, caller: str, quota: Quota, units: int) -> float:
        """When ``units`` of a quota can be used, if nothing is used until then."""
        previous, overlap, current, expires_in = self._counts(caller, quota)
        free = quota.amount - min(units, quota.amount)
        if current <= free:  # enough of the previous window expires in time
            wait = overlap - (free - current) * quota.seconds / previous if previous else 0.0
            return max(0.0, wait)
        rest = max(0.0, expires_in - quota.seconds)  # of the current window, then the previous one
        return rest + quota.seconds * (1 - free / current)


def _item(quota: Quota) -> RateLimitItem:
    return RateLimitItemPerSecond(quota.amount, quota.seconds, namespace=f"enrich-{quota.name}")
