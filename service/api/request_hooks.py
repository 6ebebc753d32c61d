"""What every exchange has: an id, timings, a line in the log, its metrics and its trace."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING
from uuid import uuid4

from flask import Flask, Response, current_app, g, request

from service.enrichment.timings import StageTimer
from service.observability import metrics

if TYPE_CHECKING:
    from service.observability.tracing import Tracing

_log = logging.getLogger("service.access")
_ENRICH = "/v1/enrich"
_PROBES = ("/healthz", "/readyz", "/metrics")  # asked every few seconds, and no news
_TRACING = "tracing"
_SANE_ID = re.compile(r"[\x21-\x7e]{1,128}")
_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-.{2,}")


def request_id_from(sent: str | None) -> str:
    """The id that the caller sent if it is up to 128 visible ASCII characters, else a new one."""
    return sent if sent and _SANE_ID.fullmatch(sent) else uuid4().hex


def register_request_hooks(app: Flask) -> None:
    """Let ``app`` identify, time, count and log each request."""
    app.before_request(_begin)
    app.after_request(_finish)


def trace(app: Flask, endpoint: str, version: str) -> None:
    """Let ``app`` send a trace of each request, other than probes.

    Args:
        app: one that is observed.
        endpoint: address of a collector; ``""`` for none.
        version: of the service.
    """
    if endpoint:
        from service.observability.tracing import Tracing  # needs an extra

        app.extensions[_TRACING] = Tracing(endpoint, version)


def _begin() -> None:
    g.began = perf_counter()
    g.request_id = request_id_from(request.headers.get("X-Request-Id"))
    parent = _TRACEPARENT.fullmatch(request.headers.get("traceparent", ""))
    g.trace_id = parent[1] if parent else None
    g.stages = StageTimer()
    g.body_bytes = 0
    g.coverage = None
    g.cache_status = ""
    g.problem = None
    g.route = request.url_rule.rule if request.url_rule else None
    metrics.request_began(g.route or metrics.UNMATCHED)
    tracing: Tracing | None = current_app.extensions.get(_TRACING)
    g.span = None
    if tracing and g.route not in _PROBES:
        g.span = tracing.begin(f"{request.method} {g.route or ''}".strip(), request.headers)
        g.trace_id = g.span.trace_id


def _finish(response: Response) -> Response:
    total = perf_counter() - g.began
    milliseconds = {name: round(s * 1000, 2) for name, s in g.stages.seconds.items()}
    timings = {**milliseconds, "total": round(total * 1000, 2)}
    response.headers["X-Request-Id"] = g.request_id
    response.headers["X-Content-Type-Options"] = "nosniff"
    if g.cache_status:
        response.headers["Cache-Status"] = g.cache_status
    response.headers["Server-Timing"] = ", ".join(f"{k};dur={v}" for k, v in timings.items())
    tokens = g.coverage.tokens if g.coverage else None
    _log.log(
        logging.ERROR if response.status_code >= 500 else logging.INFO,
        "%s %s %d",
        request.method,
        g.route,
        response.status_code,
        extra={
            "request_id": g.request_id,
            "trace_id": g.trace_id,
            "remote": request.remote_addr,
            "method": request.method,
            "route": g.route,
            "status": response.status_code,
            "problem": g.problem,
            "duration_ms": timings["total"],
            "stages": milliseconds,
            "bytes_in": g.body_bytes,
            "bytes_out": response.content_length,
            "tokens": tokens,
            "cache": g.cache_status or None,
        },
    )
    _count()
    ended = _ended(response.status_code, tokens)
    if response.is_streamed and not response.direct_passthrough:  # a file is not closed by werkzeug
        response.call_on_close(ended)
    else:
        ended()
    return response


def _count() -> None:
    """Count what has become of the present request and its article."""
    if g.problem:
        metrics.problem(g.problem)
    if g.coverage:
        metrics.article_read("request", g.coverage, g.stages, g.cache_status)
    elif g.problem and g.route == _ENRICH:
        metrics.article_failed("request", g.problem)


def _ended(status: int, tokens: int | None) -> Callable[[], None]:
    """What is to be done when the last byte of the answer to the present request is ready."""
    route, began, trace_id, stages, span = g.route, g.began, g.trace_id, g.stages, g.span
    told = {
        "http.request.method": request.method,
        "http.route": route,
        "enrich.request_id": g.request_id,
        "enrich.tokens": tokens,
        "enrich.cache": g.cache_status or None,
        "enrich.problem": g.problem,
    }

    def ended() -> None:
        seconds = perf_counter() - began
        metrics.request_ended(route or metrics.UNMATCHED, status, seconds, trace_id)
        if span:
            span.end(status, {name: v for name, v in told.items() if v is not None}, stages)

    return ended
