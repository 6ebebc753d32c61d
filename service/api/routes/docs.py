"""Pages for people: ``/``, ``/docs`` and the explanations of the problem types."""

from __future__ import annotations

from importlib.resources import files

from flask import Blueprint, Response, render_template, send_from_directory

from service.api.problem_types import ProblemType
from service.api.problems import Problem

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'{}; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# Swagger UI sets style attributes and has images in data URLs.
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
    """The page that enriches a pasted article."""
    return _page("page.html", _POLICY.format(""))


@blueprint.get("/docs")
def docs() -> Response:
    """The API documentation, with forms to try it out."""
    return _page("docs.html", _SWAGGER_POLICY)


def _page(template: str, policy: str) -> Response:
    return Response(
        render_template(template),
        mimetype="text/html",
        headers={"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"},
    )


@blueprint.get("/docs/assets/<name>")
def asset(name: str) -> Response:
    """A file of Swagger UI."""
    if name not in _ASSETS:
        raise Problem(ProblemType.NOT_FOUND, "The documentation has no such file.")
    return send_from_directory(str(files("flask_swagger_ui") / "dist"), name, max_age=3600)


@blueprint.get("/problems/<slug>")
def problem(slug: str) -> Response:
    """The explanation of a problem type."""
    for problem_type in ProblemType:
        if problem_type.slug == slug:
            heading = f"{problem_type.title} ({problem_type.status})"
            return Response(f"{heading}\n\n{problem_type.remedy}\n", mimetype="text/plain")
    raise Problem(ProblemType.NOT_FOUND, "There is no such problem type.")
