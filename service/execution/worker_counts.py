"""A number of each worker of a server, in memory that the workers share."""

from __future__ import annotations

import mmap

_SLOTS = 256  # more than workers are alive at the same time, those of a reload included
_BYTES = 4


class WorkerCounts:
    """A number of each worker, shared by the processes that are forked after it is made.

    The numbers are not locked: a slightly stale one does no harm.
    """

    def __init__(self) -> None:
        self._slots = memoryview(mmap.mmap(-1, _SLOTS * _BYTES)).cast("I")  # 0 for no number
        self._own = 0

    def attach(self, worker: int) -> None:
        """Let :meth:`set` of this process be about ``worker``, which has no number yet.

        Args:
            worker: number of the worker since the start of the server.
        """
        self._own = worker % _SLOTS
        self.withdraw()

    def forget(self, worker: int) -> None:
        """Drop the number of a worker that has exited."""
        self._slots[worker % _SLOTS] = 0

    def set(self, number: int) -> None:
        """Set the number of this worker."""
        self._slots[self._own] = number + 1

    def withdraw(self) -> None:
        """Drop the number of this worker."""
        self._slots[self._own] = 0

    def all(self) -> list[int]:
        """The numbers of the workers that have one."""
        return [slot - 1 for slot in self._slots if slot]
