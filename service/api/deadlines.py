"""When an article gets its turn: how long its caller will wait, and whether the caller is there."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import partial
from socket import MSG_DONTWAIT, MSG_PEEK, socket
from time import perf_counter

from flask import g, request

from service.api.context import state
from service.api.problem_types import INVALID_PARAMETER
from service.api.problems import Fault, Problem
from service.execution.cache import Admission
from service.execution.scheduler import JobLimits

HEADER = "X-Request-Timeout"
LEAST_SECONDS, MOST_SECONDS = 0.001, 999_999
PARAMETER = {
    "in": "header",
    "name": HEADER,
    "description": "Seconds that the caller waits; then the work is stopped. In a stream, for each "
    "line. The server's own limit counts where it is lower.",
    "schema": {"type": "number", "minimum": LEAST_SECONDS, "maximum": MOST_SECONDS},
}
"""The header in the contract."""

_NUMBER = re.compile(r"\d{1,30}(\.\d{1,30})?([eE][+-]?\d{1,2})?")


def time_limit() -> float:
    """Seconds that the present request may take: the caller's, within those of the settings.

    Raises:
        Problem: the caller's make no sense.
    """
    most = float(state().request_timeout)
    asked = request.headers.get(HEADER)
    if asked is None:
        return most
    seconds = float(asked) if _NUMBER.fullmatch(asked) else 0.0
    if not LEAST_SECONDS <= seconds <= MOST_SECONDS:
        detail = f"Must be a number of seconds from {LEAST_SECONDS} to {MOST_SECONDS}."
        fault = Fault(detail, parameter=HEADER)
        raise Problem(INVALID_PARAMETER, f"{HEADER}: {detail}", [fault])
    return min(most, seconds)


def deadline() -> float:
    """When the present request's time is over, on the clock of :func:`time.monotonic`.

    Raises:
        Problem: the caller asks for a time that makes no sense.
    """
    spent: float = perf_counter() - g.began
    return time.monotonic() + time_limit() - spent


def caller_has_gone() -> Callable[[], bool]:
    """What says whether the caller of the present request has hung up. For any thread."""
    connection: socket | None = request.environ.get("gunicorn.socket")

    def gone() -> bool:
        if connection is None:
            return False
        try:
            return not connection.recv(1, MSG_PEEK | MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True

    return gone


def admission() -> Admission:
    """How the article of the present request is let in.

    Raises:
        Problem: the caller asks for a time that makes no sense.
    """
    return partial(state().scheduler.turn, terms=JobLimits(deadline(), caller_has_gone()))
