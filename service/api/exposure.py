"""Where paths for operators and people are served: on all ports, on the second one, or nowhere."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, request
from werkzeug.exceptions import NotFound

_ASSETS = ("/docs/assets/<name>", "/docs/static/<path:filename>")  # of both pages

_ROUTES = {
    "metrics": ("/metrics",),
    "docs": ("/docs", "/openapi.json", *_ASSETS),
    "page": ("/", *_ASSETS),
}


def expose(app: Flask, exposures: Mapping[str, str], admin_port: int) -> None:
    """Make ``app`` answer 404 to paths that are not served on the port of the request.

    Args:
        app: one with all routes.
        exposures: ``metrics``, ``docs`` and ``page`` → one of
            :data:`~service.config.access_settings.EXPOSURES`.
        admin_port: the second port; 0 if there is none.
    """
    served: dict[str, set[str]] = {}
    for name, exposure in exposures.items():
        for route in _ROUTES[name]:
            served.setdefault(route, set()).add(exposure)

    def check_exposure() -> None:
        rule = request.url_rule
        exposed = served.get(rule.rule) if rule else None
        if exposed is None or "public" in exposed:
            return
        # gunicorn sets it to the port that the connection came to, whatever the client sends.
        if "admin" not in exposed or request.environ["SERVER_PORT"] != str(admin_port):
            raise NotFound

    app.before_request(check_exposure)
