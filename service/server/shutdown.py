"""The schedule of a graceful shutdown."""

from __future__ import annotations

import time
from dataclasses import dataclass

DRAIN_SECONDS = 2.0
"""How long a worker accepts connections after readiness has failed."""


@dataclass(frozen=True)
class Shutdown:
    """When the steps of a shutdown are due, on the clock of :func:`time.monotonic`.

    Attributes:
        stop_accepting_at: No connection is accepted from here on.
        answer_by: Requests that are still in progress receive an error response.
    """

    stop_accepting_at: float
    answer_by: float

    @classmethod
    def starting(cls, graceful_timeout: float) -> Shutdown:
        """Plan a shutdown that starts now; the process is killed after ``graceful_timeout`` s."""
        now = time.monotonic()
        return cls(
            now + min(DRAIN_SECONDS, graceful_timeout / 4),
            now + max(graceful_timeout - 1.0, graceful_timeout / 2),
        )
