"""Lets pages of other sites use the API from a browser (CORS), if they are on a list."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask, Response, request
from flask_cors import CORS

from service.api.origin import allow_origins

_SENT = (
    *("Authorization", "Content-Encoding", "Content-Language", "Content-Type", "If-None-Match"),
    *("X-API-Key", "X-Request-Id", "X-Request-Timeout"),
)
_READ = (
    *("Cache-Status", "ETag", "RateLimit", "RateLimit-Policy", "Retry-After", "Server-Timing"),
    *("WWW-Authenticate", "X-Request-Id"),
)
_SECONDS = 600  # for which a browser may cache the answer to a preflight request


def allow_pages(app: Flask, origins: Sequence[str]) -> None:
    """Make ``app`` let pages of ``origins`` send requests and read the responses."""
    CORS(
        app,
        origins=list(origins),
        methods=["GET", "POST"],
        allow_headers=list(_SENT),
        expose_headers=list(_READ),
        max_age=_SECONDS,
        send_wildcard=False,
        vary_header=True,
    )
    allow_origins(app, origins)
    app.before_request(_answer_preflight)


def _answer_preflight() -> Response | None:
    """Answer a preflight request; flask-cors adds what is allowed."""
    asks = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
    return Response(status=204) if asks else None
