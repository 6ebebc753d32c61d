"""Counts the cores that all workers of a server use at the moment."""

from __future__ import annotations

from service.config.cpu import usable_cores
from service.execution.worker_counts import WorkerCounts


class BusyCores(WorkerCounts):
    """The cores that each worker uses, for passes and for the threads of articles.

    Args:
        cores: of all workers.
    """

    def __init__(self, cores: int) -> None:
        super().__init__()
        self._cores = cores

    def leave_room(self) -> bool:
        """Whether all workers leave a core free."""
        return sum(self.all()) < self._cores


busy_cores = BusyCores(usable_cores())
"""Those of this server."""
