"""When an article gets its turn: how long its caller will wait, and whether the caller is there."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import partial
from socket import MSG_DONTWAIT, MSG_PEEK, socket
from time import perf_counter

from flask import g, request

from service.api.kinds import INVALID_PARAMETER
from service.api.problems import Fault, Problem
from service.api.state import state
from service.cache import Admission
from service.scheduler import Terms

HEADER = "X-Request-Timeout"
_SECONDS = re.compile(r"\d{1,6}(\.\d{1,6})?")


def time_limit() -> float:
    """Seconds that the present request may take: the caller's, within those of the settings.

    Raises:
        Problem: the caller's make no sense.
    """
    most = float(state().request_timeout)
    asked = request.headers.get(HEADER)
    if asked is None:
        return most
    if not _SECONDS.fullmatch(asked) or not float(asked):
        fault = Fault("Must be a number of seconds above 0, such as 2.5.", parameter=HEADER)
        raise Problem(INVALID_PARAMETER, f"{HEADER}: {fault.detail}", [fault])
    return min(most, float(asked))


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
    return partial(state().scheduler.turn, terms=Terms(deadline(), caller_has_gone()))
