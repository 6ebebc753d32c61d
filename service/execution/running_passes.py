"""Counts the encoder passes that all workers of a server run at the moment."""

from __future__ import annotations

from service.config.cpu import usable_cores
from service.execution.worker_counts import WorkerCounts


class RunningPasses(WorkerCounts):
    """The running passes of each worker.

    Args:
        cores: of all workers.
    """

    def __init__(self, cores: int) -> None:
        super().__init__()
        self._cores = cores

    def leave_room(self) -> bool:
        """Whether the passes of all workers leave a core free."""
        return sum(self.all()) < self._cores


running_passes = RunningPasses(usable_cores())
"""Those of this server."""
