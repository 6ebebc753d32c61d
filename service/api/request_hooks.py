"""Hooks around every request: request id, timings, log line, metrics and trace."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING
from uuid import uuid4

from flask import Flask, Response, current_app, request

from service import __version__
from service.api.context import RequestContext, get_request_context, set_request_context
from service.observability import metrics

if TYPE_CHECKING:
    from service.observability.tracing import Tracing

_log = logging.getLogger("service.access")
_ENRICH = "/v1/enrich"
_PROBES = ("/healthz", "/readyz", "/metrics")  # requested every few seconds; not worth a trace
_TRACING = "tracing"
_METHODS = frozenset("CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT TRACE".split())
_REQUEST_ID = re.compile(r"[\x21-\x7e]{1,128}")
_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-.{2,}")


def request_id_from(sent: str | None) -> str:
    """The client's request id if it is 1–128 visible ASCII characters, else a new one."""
    return sent if sent and _REQUEST_ID.fullmatch(sent) else uuid4().hex


def known_method() -> str:
    """The method of the current request, ``_OTHER`` if the caller has made it up."""
    return request.method if request.method in _METHODS else "_OTHER"


def register_request_hooks(app: Flask) -> None:
    """Make ``app`` identify, time, count and log each request."""
    app.before_request(_begin)
    app.after_request(_finish)


def enable_tracing(app: Flask, endpoint: str) -> None:
    """Make ``app`` send a trace of each request, except probes.

    Args:
        app: one with request hooks.
        endpoint: base URL of an OTLP collector.
    """
    from service.observability.tracing import Tracing  # needs the extra "otel"

    app.extensions[_TRACING] = Tracing(endpoint, __version__)


def _begin() -> None:
    parent = _TRACEPARENT.fullmatch(request.headers.get("traceparent", ""))
    context = RequestContext(
        request_id=request_id_from(request.headers.get("X-Request-Id")),
        trace_id=parent[1] if parent else None,
        route=request.url_rule.rule if request.url_rule else None,
    )
    set_request_context(context)
    metrics.request_began(context.route or metrics.UNMATCHED)
    tracing: Tracing | None = current_app.extensions.get(_TRACING)
    if tracing and context.route not in _PROBES:
        name = f"{known_method()} {context.route or ''}".strip()
        context.span = tracing.begin(name, request.headers)
        context.trace_id = context.span.trace_id


def _finish(response: Response) -> Response:
    context = get_request_context()
    milliseconds = {stage: round(s * 1000, 2) for stage, s in context.timer.seconds.items()}
    total = round((perf_counter() - context.started) * 1000, 2)
    _add_headers(response, context, {**milliseconds, "total": total})
    _log_request(response, context, milliseconds, total)
    _count(context)
    end = _end_of_request(response.status_code, context)
    if response.is_streamed and not response.direct_passthrough:  # Werkzeug does not close a file
        response.call_on_close(end)
    else:
        end()
    return response


def _add_headers(response: Response, context: RequestContext, timings: dict[str, float]) -> None:
    response.headers["X-Request-Id"] = context.request_id
    if context.cache_status:
        response.headers["Cache-Status"] = context.cache_status
    response.headers["Server-Timing"] = ", ".join(f"{k};dur={v}" for k, v in timings.items())


def _log_request(
    response: Response, context: RequestContext, stages: dict[str, float], total: float
) -> None:
    _log.log(
        logging.ERROR if response.status_code >= 500 else logging.INFO,
        "%s %s %d",
        known_method(),
        context.route,
        response.status_code,
        extra={
            "request_id": context.request_id,
            "trace_id": context.trace_id,
            "remote": request.remote_addr,
            "method": known_method(),
            "route": context.route,
            "status": response.status_code,
            "problem": context.problem,
            "duration_ms": total,
            "stages": stages,
            "bytes_in": context.body_bytes,
            "bytes_out": response.content_length,
            "tokens": context.coverage.tokens if context.coverage else None,
            "cache": context.cache_status or None,
            **({"key": context.key.id} if context.key else {}),
        },
    )


def _count(context: RequestContext) -> None:
    """Count the outcome of the request and of its article."""
    if context.problem:
        metrics.problem(context.problem)
    if context.coverage:
        metrics.article_read("request", context.coverage, context.timer, context.cache_status)
    elif context.problem and context.route == _ENRICH:
        metrics.article_failed("request", context.problem)


def _end_of_request(status: int, context: RequestContext) -> Callable[[], None]:
    """A callback for when the last byte of the response is ready, outside the request."""
    attributes = {
        "http.request.method": known_method(),
        "http.route": context.route,
        "enrich.request_id": context.request_id,
        "enrich.tokens": context.coverage.tokens if context.coverage else None,
        "enrich.cache": context.cache_status or None,
        "enrich.problem": context.problem,
        "enrich.key": context.key.id if context.key else None,
    }

    def end() -> None:
        seconds = perf_counter() - context.started
        route = context.route or metrics.UNMATCHED
        metrics.request_ended(route, status, seconds, context.trace_id)
        if context.span:
            known = {name: value for name, value in attributes.items() if value is not None}
            context.span.end(status, known, context.timer)

    return end
