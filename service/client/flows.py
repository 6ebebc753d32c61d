"""The conversation with a server as generators that do no I/O themselves.

A flow yields an :class:`httpx.Request` to send, or seconds to pause, and receives the response or
the error of the transport. The sync and the async client run the same flows, as httpx does with its
``auth_flow``.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import TypeVar, cast

import httpx

from service.client.errors import RequestRejected, Unavailable
from service.client.retry import RetrySchedule
from service.client.types import Enrichment, Problem

T = TypeVar("T")

Step = httpx.Request | float
"""A request to send, or seconds to pause."""

Outcome = httpx.Response | httpx.TransportError | None
"""The result of a step; ``None`` for a pause."""

Flow = Generator[Step, Outcome, T]

_PROBE_PAUSE = 0.25
_RETRY_STATUSES = (429, 502, 503)  # 502: a proxy lost its connection to the service

# Sending again after these is safe: an enrichment changes nothing on the server.
_CONNECTION_ERRORS = (httpx.NetworkError, httpx.RemoteProtocolError, httpx.ConnectTimeout)


def enrich_flow(request: httpx.Request, schedule: RetrySchedule) -> Flow[Enrichment]:
    """Send an article, with retries.

    Raises:
        RequestRejected: the server rejects the request.
        Unavailable: the schedule is exhausted.
    """
    while True:
        outcome = yield request
        if isinstance(outcome, httpx.TransportError):
            retry = isinstance(outcome, _CONNECTION_ERRORS)
            pause = schedule.next_pause() if retry else None
            reason = _describe(outcome)
        else:
            response = cast("httpx.Response", outcome)
            if response.status_code not in _RETRY_STATUSES:
                return _enrichment(response)
            pause = schedule.next_pause(response.headers.get("Retry-After"))
            problem = _problem(response)
            reason = f"{problem['status']} {problem['detail']}"
        if pause is None:
            cause = outcome if isinstance(outcome, httpx.TransportError) else None
            raise Unavailable(f"{request.url.copy_with(query=None)}: {reason}") from cause
        yield pause


def readiness_flow(probe: httpx.Request, base_url: httpx.URL, seconds: float) -> Flow[None]:
    """Probe a server until it is ready.

    Raises:
        Unavailable: it is not ready after ``seconds``.
    """
    deadline = time.monotonic() + seconds
    while True:
        outcome = yield probe
        if isinstance(outcome, httpx.TransportError):
            reason = _describe(outcome)
        else:
            response = cast("httpx.Response", outcome)
            if response.status_code == httpx.codes.OK:
                return
            reason = _problem(response)["detail"]
        if time.monotonic() >= deadline:
            raise Unavailable(f"{base_url} is not ready: {reason}")
        yield _PROBE_PAUSE


def _enrichment(response: httpx.Response) -> Enrichment:
    body = _json_object(response) if response.status_code == httpx.codes.OK else None
    if body is None:
        raise RequestRejected(_problem(response))
    return cast("Enrichment", body)


def _problem(response: httpx.Response) -> Problem:
    """The problem in a response, or a generic one if the response is not from the service."""
    generic = {
        "type": "about:blank",
        "title": response.reason_phrase or "Unknown",
        "status": response.status_code,
        "detail": f"The response, {response.status_code}, is not from the enrichment service.",
    }
    body = _json_object(response) or {}
    return cast("Problem", {**generic, **body} if isinstance(body.get("type"), str) else generic)


def _json_object(response: httpx.Response) -> dict[str, object] | None:
    try:
        body = response.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _describe(error: httpx.TransportError) -> str:
    return str(error) or type(error).__name__
