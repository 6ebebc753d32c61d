"""Threads for the articles of batches and streams, separate for each caller."""

from __future__ import annotations

from concurrent.futures import Executor, ThreadPoolExecutor
from threading import Lock


class CallerExecutors:
    """One executor for each caller that has a batch or a stream at the moment.

    The lines of one caller, however many, and the pauses that its limits impose never keep the
    lines of another waiting for a thread.

    Args:
        threads: of each executor.
    """

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._executors: dict[str, tuple[ThreadPoolExecutor, int]] = {}
        self._lock = Lock()

    def borrow(self, caller: str) -> Executor:
        """The executor of ``caller``, until :meth:`give_back` is called as often."""
        with self._lock:
            executor, users = self._executors.get(caller) or (self._new(), 0)
            self._executors[caller] = executor, users + 1
            return executor

    def give_back(self, caller: str) -> None:
        """End the use of an executor; after the last, its threads end."""
        with self._lock:
            executor, users = self._executors.pop(caller)
            if users > 1:
                self._executors[caller] = executor, users - 1
            else:
                executor.shutdown(wait=False)

    def _new(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._threads, thread_name_prefix="batch")
