"""How long a client waits for a response, and whether it is still connected."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from socket import MSG_DONTWAIT, MSG_PEEK, socket
from time import perf_counter

from flask import request

from service.api.context import get_app_context, get_request_context
from service.api.draining import ENDING
from service.api.problem_types import ProblemType
from service.api.problems import Fault, Problem

HEADER = "X-Request-Timeout"
MIN_SECONDS, MAX_SECONDS = 0.001, 999_999
TIMEOUT_PARAMETER = {
    "in": "header",
    "name": HEADER,
    "description": "Seconds that the client waits; then the work stops. In a stream, for each "
    "line. The server's own limit applies if it is lower.",
    "schema": {"type": "number", "minimum": MIN_SECONDS, "maximum": MAX_SECONDS},
}
"""The header field as an OpenAPI parameter."""

_NUMBER = re.compile(r"\d{1,30}(\.\d{1,30})?([eE][+-]?\d{1,2})?")


def time_limit() -> float:
    """Seconds for the current request: the client's limit or the server's, whichever is lower.

    Raises:
        Problem: the client's limit is not a number in range.
    """
    server_limit = float(get_app_context().request_timeout)
    sent = request.headers.get(HEADER)
    if sent is None:
        return server_limit
    seconds = float(sent) if _NUMBER.fullmatch(sent) else 0.0
    if not MIN_SECONDS <= seconds <= MAX_SECONDS:
        detail = f"Must be a number of seconds from {MIN_SECONDS} to {MAX_SECONDS}."
        fault = Fault(detail, parameter=HEADER)
        raise Problem(ProblemType.INVALID_PARAMETER, f"{HEADER}: {detail}", [fault])
    return min(server_limit, seconds)


def deadline() -> float:
    """End of the current request's time limit, on the clock of :func:`time.monotonic`.

    Raises:
        Problem: the client's limit is not a number in range.
    """
    spent = perf_counter() - get_request_context().started
    return time.monotonic() + time_limit() - spent


def disconnection_check() -> Callable[[], bool]:
    """A function that any thread may call to check whether the current client has disconnected.

    Shortly before the process is killed, it counts all clients as disconnected.
    """
    connection: socket | None = request.environ.get("gunicorn.socket")

    def disconnected() -> bool:
        if ENDING.is_set():
            return True
        if connection is None:
            return False
        try:
            return not connection.recv(1, MSG_PEEK | MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True

    return disconnected
