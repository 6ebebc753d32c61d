"""Limits the streams that are read at the same time."""

from __future__ import annotations

import time
from threading import Semaphore

IDLE_SECONDS = 60.0
"""How long a stream may pause while another waits for its slot."""

_WANTED_SECONDS = 30.0  # after a refusal, within which the client is expected to try again


class StreamSlots:
    """The slots of the streams of a worker.

    Args:
        number: most streams at the same time.
    """

    def __init__(self, number: int) -> None:
        self._free = Semaphore(number)
        self._wanted_until = 0.0

    def acquire(self) -> bool:
        """Take a slot and return whether there is one."""
        if self._free.acquire(blocking=False):
            return True
        self._wanted_until = time.monotonic() + _WANTED_SECONDS
        return False

    def release(self) -> None:
        """Give a slot back."""
        self._wanted_until = 0.0
        self._free.release()

    def must_end(self, last_progress: float) -> bool:
        """Whether a stream without a byte since ``last_progress`` must make room for another."""
        now = time.monotonic()
        return now < self._wanted_until and now > last_progress + IDLE_SECONDS
