"""What people read: ``GET /``, ``GET /docs`` and what the types of problems point to."""

from __future__ import annotations

from importlib.resources import files

from flask import Blueprint, Response, render_template, send_from_directory

from service.api.problem_types import KINDS, NOT_FOUND
from service.api.problems import Problem

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'{}; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# Swagger UI sets style attributes and shows images of its own; everything else comes from here.
_SWAGGER_POLICY = _POLICY.format(" 'unsafe-inline'")
_ASSETS = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")

blueprint = Blueprint(
    "docs",
    "service.api",
    static_folder="static",
    static_url_path="/docs/static",
    template_folder="templates",
)


@blueprint.get("/")
def page() -> Response:
    """The page on which an article can be pasted and looked at."""
    return _page("page.html", _POLICY.format(""))


@blueprint.get("/docs")
def docs() -> Response:
    """The page on which the API can be read and tried out."""
    return _page("docs.html", _SWAGGER_POLICY)


def _page(template: str, policy: str) -> Response:
    return Response(
        render_template(template),
        mimetype="text/html",
        headers={"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"},
    )


@blueprint.get("/docs/assets/<name>")
def asset(name: str) -> Response:
    """A file of Swagger UI, out of the package that brings it."""
    if name not in _ASSETS:
        raise Problem(NOT_FOUND, "The page has no such file.")
    return send_from_directory(str(files("flask_swagger_ui") / "dist"), name, max_age=3600)


@blueprint.get("/problems/<name>")
def problem(name: str) -> Response:
    """What a kind of problem is, and what to do about it."""
    for kind in KINDS:
        if kind.name == name:
            return Response(
                f"{kind.title} ({kind.status})\n\n{kind.remedy}\n", mimetype="text/plain"
            )
    raise Problem(NOT_FOUND, "There is no such kind of problem.")
