"""Limits the streams that are read at the same time."""

from __future__ import annotations

import time
from collections import Counter
from threading import Lock

IDLE_SECONDS = 60.0
"""How long a stream may pause while another waits for its slot."""

_WANTED_SECONDS = 30.0  # after a refusal, within which the client is expected to try again


class StreamSlots:
    """The slots of the streams of a worker.

    If callers are told apart, the last quarter of the slots is for those that have none.

    Args:
        number: most streams at the same time.
    """

    def __init__(self, number: int) -> None:
        self._free, self._reserved = number, number // 4
        self._taken: Counter[str] = Counter()
        self._lock = Lock()
        self._wanted_until = 0.0

    def acquire(self, caller: str = "") -> bool:
        """Take a slot and return whether there is one.

        Args:
            caller: unique among callers; ``""`` if they are not told apart.
        """
        with self._lock:
            if self._free > (self._reserved if caller and self._taken[caller] else 0):
                self._free -= 1
                self._taken[caller] += 1
                return True
        self._wanted_until = time.monotonic() + _WANTED_SECONDS
        return False

    def release(self, caller: str = "") -> None:
        """Give a slot back."""
        self._wanted_until = 0.0
        with self._lock:
            self._free += 1
            self._taken[caller] -= 1
            if not self._taken[caller]:
                del self._taken[caller]

    def must_end(self, last_progress: float) -> bool:
        """Whether a stream without a byte since ``last_progress`` must make room for another."""
        now = time.monotonic()
        return now < self._wanted_until and now > last_progress + IDLE_SECONDS
