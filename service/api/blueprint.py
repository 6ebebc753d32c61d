"""How the contract is declared: blueprints whose decorators check, and document, each operation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any, TypeVar

import flask_smorest
from flask import Flask
from marshmallow import Schema

from service.api.parsing import RequestParser
from service.api.problem_types import INTERNAL_ERROR, ProblemType
from service.api.problems import CONTENT_TYPE, handle_problems
from service.api.schemas.response import ProblemSchema

VERSION = "1.0.0"
"""Version of the contract, not of the service."""

View = TypeVar("View", bound=Callable[..., Any])

_DESCRIPTION = (
    "An article in, its entities and sentiment out.\n\n"
    "The same text and the same model give the same bytes. What varies goes into header fields: "
    "`X-Request-Id` (kept if the caller sends one), `Server-Timing` and `Cache-Status`. Bodies may "
    "come in gzip or zstd, as `Content-Encoding` says, and go back so to whom `Accept-Encoding` "
    "lets. Every error is a problem of RFC 9457, whose `type` is a path with more about it."
)


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """A blueprint whose operations are declared in one decorator."""

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
        refuses: tuple[ProblemType, ...] = (),
        headers: Sequence[Mapping[str, object]] = (),
        **doc: Any,
    ) -> Callable[[View], View]:
        """Declare the decorated view as an operation.

        Args:
            method: of HTTP.
            path: rule of its route.
            returns: what writes the view's return value into a response with status 200; ``None``
                where the view makes the response itself.
            query: what reads the query parameters; its outcome is the view's first argument.
            article: what reads the body; its outcome is the view's last argument.
            refuses: what may go wrong; an internal error always may.
            headers: header fields that it heeds, as OpenAPI describes them.
            doc: members of the OpenAPI operation that nothing else says.
        """
        decorators = [self.response(200, returns)]
        by_status: dict[int, list[ProblemType]] = defaultdict(list)
        for kind in (*refuses, INTERNAL_ERROR):
            by_status[kind.status].append(kind)
        for status, kinds in by_status.items():
            described = "; ".join(f"{kind.title} (`{kind.type}`)" for kind in kinds)
            decorators.append(
                self.alt_response(
                    status, schema=ProblemSchema, content_type=CONTENT_TYPE, description=described
                )
            )
        if article:
            decorators.append(self.arguments(article, location="article"))
        if query:
            decorators.append(self.arguments(query, location="query"))
        if doc:
            decorators.append(self.doc(**doc))
        decorators.append(self.route(path, methods=[method], parameters=list(headers)))

        def declare(view: View) -> View:
            return reduce(lambda inner, outer: outer(inner), decorators, view)

        return declare


class Api(flask_smorest.Api):  # type: ignore[misc]
    """Leaves every error to :mod:`service.api.problems`."""

    DEFAULT_ERROR_RESPONSE_NAME = "Problem"
    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        handle_problems(self._app)

    def _register_responses(self) -> None:
        problem = {CONTENT_TYPE: {"schema": ProblemSchema}}
        described = {"description": "Another problem", "content": problem}
        self.spec.components.response(self.DEFAULT_ERROR_RESPONSE_NAME, described)

    def _register_etag_headers(self) -> None:
        """There are none."""

    def _register_pagination_header(self) -> None:
        """There is none."""


def declare_api(app: Flask, *blueprints: Blueprint) -> None:
    """Give ``app`` the operations of ``blueprints``, and ``/openapi.json`` that describes them."""
    app.config |= {
        "API_TITLE": "Article enrichment",
        "API_VERSION": VERSION,
        "OPENAPI_VERSION": "3.1.0",
        "OPENAPI_URL_PREFIX": "/",
        "API_SPEC_OPTIONS": {"info": {"description": _DESCRIPTION}},
    }
    api = Api(app)
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
