"""Rejects requests that pages of other sites send through a browser.

A browser lets every page send a request of type text/plain to a server that only the browser can
reach, on localhost or in an intranet. It cannot read the response, but the server does the work.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from flask import Flask, current_app, request

from service.api.problem_types import ProblemType
from service.api.problems import Problem

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_EXTENSION = "allowed_origins"
_OWN_SITES = frozenset({"same-origin", "none"})


def reject_foreign_origins(app: Flask) -> None:
    """Make ``app`` reject requests of other origins, except for safe methods."""
    app.before_request(_check_origin)


def allow_origins(app: Flask, origins: Sequence[str]) -> None:
    """Make ``app`` accept requests of ``origins`` as well."""
    app.extensions[_EXTENSION] = frozenset(origins)


def _check_origin() -> None:
    if request.method not in _SAFE_METHODS and _is_foreign():
        detail = "The page that sent this request belongs to another origin."
        raise Problem(ProblemType.FOREIGN_ORIGIN, detail, headers={"Connection": "close"})


def _is_foreign() -> bool:
    origin = request.headers.get("Origin")
    if origin in current_app.extensions.get(_EXTENSION, ()):
        return False
    # A proxy may change Host, but not what the browser found out itself (Fetch Metadata).
    if site := request.headers.get("Sec-Fetch-Site"):
        return site not in _OWN_SITES
    return origin is not None and urlsplit(origin).netloc.lower() != request.host.lower()
