"""What every exchange has: an id, timings, a few header fields, and a line in the log."""

from __future__ import annotations

import logging
import re
from time import perf_counter
from uuid import uuid4

from flask import Flask, Response, g, request

from service.enrichment.stages import Stages

_log = logging.getLogger("service.access")
_SANE_ID = re.compile(r"[\x21-\x7e]{1,128}")
_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-.{2,}")


def request_id_from(sent: str | None) -> str:
    """The id that the caller sent if it is up to 128 visible ASCII characters, else a new one."""
    return sent if sent and _SANE_ID.fullmatch(sent) else uuid4().hex


def observe(app: Flask) -> None:
    """Let ``app`` identify, time and log each request."""
    app.before_request(_begin)
    app.after_request(_finish)


def _begin() -> None:
    g.began = perf_counter()
    g.request_id = request_id_from(request.headers.get("X-Request-Id"))
    parent = _TRACEPARENT.fullmatch(request.headers.get("traceparent", ""))
    g.trace_id = parent[1] if parent else None
    g.stages = Stages()
    g.body_bytes = 0
    g.tokens = None
    g.cache_status = ""
    g.problem = None


def _finish(response: Response) -> Response:
    total = perf_counter() - g.began
    milliseconds = {name: round(s * 1000, 2) for name, s in g.stages.seconds.items()}
    timings = {**milliseconds, "total": round(total * 1000, 2)}
    response.headers["X-Request-Id"] = g.request_id
    response.headers["X-Content-Type-Options"] = "nosniff"
    if g.cache_status:
        response.headers["Cache-Status"] = g.cache_status
    response.headers["Server-Timing"] = ", ".join(f"{k};dur={v}" for k, v in timings.items())
    rule = request.url_rule.rule if request.url_rule else None
    _log.log(
        logging.ERROR if response.status_code >= 500 else logging.INFO,
        "%s %s %d",
        request.method,
        rule,
        response.status_code,
        extra={
            "request_id": g.request_id,
            "trace_id": g.trace_id,
            "remote": request.remote_addr,
            "method": request.method,
            "route": rule,
            "status": response.status_code,
            "problem": g.problem,
            "duration_ms": timings["total"],
            "stages": milliseconds,
            "bytes_in": g.body_bytes,
            "bytes_out": response.content_length,
            "tokens": g.tokens,
            "cache": g.cache_status or None,
        },
    )
    return response
