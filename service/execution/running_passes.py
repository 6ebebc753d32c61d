"""Counts the encoder passes that all workers of a server run at the moment."""

from __future__ import annotations

import mmap

from service.config.cpu import usable_cores

_SLOTS = 256  # more than workers are alive at the same time, those of a reload included


class RunningPasses:
    """The running passes of each worker, in memory that processes forked later share.

    Nothing locks the counts: a stale one starts a pass a little earlier or later, no more.

    Args:
        cores: of all workers.
    """

    def __init__(self, cores: int) -> None:
        self._cores = cores
        self._counts = mmap.mmap(-1, _SLOTS)
        self._own = 0

    def attach(self, worker: int) -> None:
        """Count the passes of this process as those of ``worker``.

        Args:
            worker: number of the worker since the start of the server.
        """
        self._own = worker % _SLOTS
        self._counts[self._own] = 0

    def forget(self, worker: int) -> None:
        """Drop the passes of a worker that has exited."""
        self._counts[worker % _SLOTS] = 0

    def set(self, passes: int) -> None:
        """Set how many passes this process runs."""
        self._counts[self._own] = passes

    def leave_room(self) -> bool:
        """Whether the passes of all workers leave a core free."""
        return sum(self._counts[:]) < self._cores


running_passes = RunningPasses(usable_cores())
"""Those of this server."""
