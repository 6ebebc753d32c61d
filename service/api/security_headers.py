"""Header fields of every response that keep browsers from misusing it."""

from __future__ import annotations

from flask import Flask, Response

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Name → value. A page has a Content-Security-Policy of its own."""

_TRANSPORT_SECURITY = "max-age=31536000"  # a year


def add_security_headers(app: Flask) -> None:
    """Make ``app`` add :data:`SECURITY_HEADERS` to every response."""

    def add(response: Response) -> Response:
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    app.after_request(add)


def require_https(app: Flask) -> None:
    """Make ``app``, which is served over TLS, ask browsers to use only HTTPS from then on."""

    def add(response: Response) -> Response:
        response.headers["Strict-Transport-Security"] = _TRANSPORT_SECURITY
        return response

    app.after_request(add)
