"""Declares operations: one decorator validates requests and responses, and documents them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from typing import Any, TypeVar

import flask_smorest
from flask import Flask
from marshmallow import Schema

from service.api.parsing import RequestParser
from service.api.problem_types import ProblemType
from service.api.problems import CONTENT_TYPE, handle_errors
from service.api.schemas.response import ProblemSchema
from service.api.scopes import LIMITED_ROUTES, ROUTE_SCOPES, SECURITY, SECURITY_SCHEMES

API_VERSION = "1.0.0"
"""Version of the API, not of the service."""

View = TypeVar("View", bound=Callable[..., Any])

_DESCRIPTION = (
    "Extracts entities and sentiment from news articles.\n\n"
    "The same text and the same model give the same bytes. Only header fields vary: "
    "`X-Request-Id` (the client's own, if it sends one), `Server-Timing` and `Cache-Status`. "
    "Request bodies may be compressed with gzip or zstd (`Content-Encoding`); responses are, if "
    "`Accept-Encoding` allows it. Every error is an RFC 9457 problem; its `type` is a path "
    "that explains it."
)


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """A blueprint whose operations are declared with one decorator."""

    ARGUMENTS_PARSER = RequestParser()
    DEFAULT_LOCATION_CONTENT_TYPE_MAPPING = {"article": "application/json"}  # noqa: RUF012

    def operation(
        self,
        method: str,
        path: str,
        *,
        returns: type[Schema] | None,
        query: type[Schema] | None = None,
        article: type[Schema] | None = None,
        problems: Sequence[ProblemType] = (),
        headers: Sequence[Mapping[str, object]] = (),
        **doc: Any,
    ) -> Callable[[View], View]:
        """Declare the decorated view as an operation.

        Args:
            method: HTTP method.
            path: URL rule.
            returns: schema of a response with status 200, made from the view's return value;
                ``None`` for a view that returns a response.
            query: schema of the query parameters, the view's first argument.
            article: schema of the body, the view's last argument.
            problems: error responses besides the internal error.
            headers: header fields of the request, as OpenAPI parameters.
            doc: further members of the OpenAPI operation.
        """
        if path in ROUTE_SCOPES:
            problems = (*problems, ProblemType.INVALID_KEY, ProblemType.MISSING_SCOPE)
            doc = {**doc, "security": SECURITY}
        if path in LIMITED_ROUTES:
            problems = (*problems, ProblemType.LIMIT_EXCEEDED)
        decorators = [self.response(200, returns)]
        # webargs makes an instance of a class for each request, which copies all of its fields.
        if article:
            decorators.append(self.arguments(article(), location="article"))
        if query:
            decorators.append(self.arguments(query(), location="query"))
        route: Callable[[View], View] = self.route(path, methods=[method], parameters=list(headers))
        documenting = [*self._error_responses(problems), self.doc(**doc)]

        def declare(view: View) -> View:
            operation = _decorate(view, decorators)
            # Each of these wraps the view in a function, which every request would call.
            documented = _decorate(operation, documenting)
            vars(operation).update(_apidoc=vars(documented)["_apidoc"])
            return route(operation)

        return declare

    def _error_responses(self, problems: Sequence[ProblemType]) -> list[Callable[[View], View]]:
        by_status: dict[int, list[ProblemType]] = defaultdict(list)
        for problem in (*problems, ProblemType.INTERNAL_ERROR):
            by_status[problem.status].append(problem)
        return [
            self.alt_response(
                status,
                schema=ProblemSchema,
                content_type=CONTENT_TYPE,
                description="; ".join(f"{each.title} (`{each.type}`)" for each in same_status),
            )
            for status, same_status in by_status.items()
        ]


def _decorate(view: View, decorators: Iterable[Callable[[View], View]]) -> View:
    """The view with decorators, the first one innermost."""
    return reduce(lambda inner, decorate: decorate(inner), decorators, view)


class Api(flask_smorest.Api):  # type: ignore[misc]
    """Leaves error responses to :mod:`service.api.problems`."""

    DEFAULT_ERROR_RESPONSE_NAME = "Problem"
    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        handle_errors(self._app)

    def _register_responses(self) -> None:
        content = {CONTENT_TYPE: {"schema": ProblemSchema}}
        response = {"description": "Another problem", "content": content}
        self.spec.components.response(self.DEFAULT_ERROR_RESPONSE_NAME, response)

    def _register_etag_headers(self) -> None:
        """The API does not use flask-smorest's entity tags."""

    def _register_pagination_header(self) -> None:
        """The API has no pagination."""


def register_operations(app: Flask, *blueprints: Blueprint) -> None:
    """Add the operations of ``blueprints`` and ``/openapi.json`` to ``app``."""
    app.config |= {
        "API_TITLE": "Article enrichment",
        "API_VERSION": API_VERSION,
        "OPENAPI_VERSION": "3.1.0",
        "OPENAPI_URL_PREFIX": "/",
        "API_SPEC_OPTIONS": {"info": {"description": _DESCRIPTION}},
    }
    api = Api(app)
    for name, scheme in SECURITY_SCHEMES.items():
        api.spec.components.security_scheme(name, scheme)
    api.ma_plugin.converter.add_attribute_function(_describe_alternatives)
    for blueprint in blueprints:
        api.register_blueprint(blueprint)


def _describe_alternatives(_: object, field: Any, ret: dict[str, Any], **__: Any) -> dict[str, Any]:
    """Describe the values that a nullable nested field may have instead of its object."""
    alternatives = getattr(field, "alternatives", ())
    return {"anyOf": [*alternatives, *ret["anyOf"]]} if alternatives else {}
