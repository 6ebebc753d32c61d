"""Parses requests with schemas, and turns validation errors into problems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

from flask import Request
from marshmallow import RAISE, Schema, ValidationError
from webargs.fields import DelimitedList
from webargs.flaskparser import FlaskParser

from service.api.body import read_body
from service.api.charset import decode_page, decode_text
from service.api.context import get_app_context, get_request_context
from service.api.deadlines import deadline, disconnection_check
from service.api.problem_types import ProblemType
from service.api.problems import Fault, Problem
from service.api.rate_limits import share, spender
from service.api.schemas.request import UNKNOWN
from service.api.strict_json import parse_json
from service.enrichment.page_article import PageArticle
from service.enrichment.publication import parse_published
from service.execution.job import JobLimits

PAGE_TYPES = ("text/html", "application/xhtml+xml")
"""Media types of web pages."""

MEDIA_TYPES = ("application/json", "text/plain", *PAGE_TYPES)
"""Media types of articles."""

_MARKUP_PER_TOKEN = 42
"""Characters of a page that cost about as much to parse as a token of text to enrich."""


MAX_POINTER = 256
"""Most code points of a JSON Pointer, escapes not counted, in a problem."""


class RequestParser(FlaskParser):
    """Parses the locations ``query`` and ``article``; unknown members are errors."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"query": RAISE, "article": RAISE}  # noqa: RUF012
    __location_map__ = {"query": "load_querystring", "article": "load_article"}  # noqa: RUF012

    def load_querystring(self, req: Request, schema: Schema) -> dict[str, str]:
        """The query parameters. Only a list may be repeated, with one or more members each time.

        Raises:
            ValidationError: another parameter is repeated.
        """
        parameters = {}
        for name, values in req.args.lists():
            if len(values) > 1 and not isinstance(schema.fields.get(name), DelimitedList):
                raise ValidationError({name: ["Must not be repeated."]})
            parameters[name] = ",".join(values)
        return parameters

    def load_article(self, req: Request, schema: Schema) -> Any:
        """The members of the article in the body.

        Raises:
            Problem: the media type is not supported, or the body cannot be read or parsed.
        """
        if req.mimetype not in MEDIA_TYPES:
            raise unsupported_media_type(req.mimetype, MEDIA_TYPES)
        body = read_body(req, get_app_context().max_body_bytes)
        if req.mimetype == "text/plain":
            return {"text": decode_text(body, req.mimetype_params.get("charset", "utf-8"))}
        if req.mimetype in PAGE_TYPES:
            page, warnings = decode_page(body, req.mimetype_params.get("charset"))
            extracted = _extract_article(page)
            if not extracted.text:
                fault = Fault("The page has no text that looks like an article.", "/text")
                raise Problem(ProblemType.INVALID_ARTICLE, fault.detail, [fault])
            context = get_request_context()
            context.page_language = extracted.language
            context.page_published = parse_published(extracted.published or "")
            context.page_warnings = (*warnings, *extracted.warnings)
            return {"title": extracted.title, "text": extracted.text}
        return parse_json(body)

    def handle_error(
        self,
        error: ValidationError,
        req: Request,
        schema: Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        """Raise the problem for a validation error; called by webargs."""
        [(location, messages)] = error.messages_dict.items()
        if location == "query":
            faults = [Fault(detail, None, path[0]) for path, detail in _flatten(messages)]
            raise Problem(ProblemType.INVALID_PARAMETER, _summary(faults), faults)
        raise invalid_body(ProblemType.INVALID_ARTICLE, messages)


def _extract_article(page: str) -> PageArticle:
    """The article in a page, extracted in the queue of articles.

    Raises:
        Overloaded: the queue is full.
        DeadlineExceeded: the deadline has passed.
        ClientDisconnected: the client has closed its connection.
        PageTooComplex: the page takes too much processor time or memory.
        LimitExceeded: the caller has used up its tokens.
    """
    context, timer = get_app_context(), get_request_context().timer
    limits = JobLimits(deadline(), disconnection_check(), spend=spender(), share=share())
    tokens = len(page) / _MARKUP_PER_TOKEN
    with context.scheduler.admit(tokens, timer, limits), timer("extract"):
        limits.spend(tokens)
        return context.pages.extract(page, limits.check)


def unsupported_media_type(mimetype: str, supported: Sequence[str]) -> Problem:
    """The problem for a body of ``mimetype``.

    Args:
        mimetype: of the request; ``""`` if it has none.
        supported: two media types or more.
    """
    sent = f"{mimetype} is not supported" if mimetype else "Content-Type is missing"
    return Problem(
        ProblemType.UNSUPPORTED_MEDIA_TYPE,
        f"{sent}; send {', '.join(supported[:-1])} or {supported[-1]}.",
        headers={"Accept-Post": ", ".join(supported)},
    )


def invalid_body(problem_type: ProblemType, messages: Mapping[Any, Any]) -> Problem:
    """The problem for a JSON value that a schema has rejected.

    Args:
        problem_type: of the value.
        messages: marshmallow's tree of error messages.
    """
    found = [(detail == UNKNOWN, _pointer(path), detail) for path, detail in _flatten(messages)]
    # marshmallow reports unknown members in random order.
    found.sort(key=lambda each: each[:2] if each[0] else (False, ""))
    faults = [Fault(detail, pointer) for _, pointer, detail in found]
    return Problem(problem_type, _summary(faults), faults)


def _flatten(
    messages: Mapping[Any, Any], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every message of marshmallow's tree with the path of the member that it refers to."""
    for name, below in messages.items():
        # marshmallow files errors of a whole object under "_schema", which may also be the name of
        # an unknown member.
        here = path if name == "_schema" and below != [UNKNOWN] else (*path, str(name))
        if isinstance(below, Mapping):
            yield from _flatten(below, here)
        else:
            yield from ((here, message) for message in below)


def _pointer(path: tuple[str, ...]) -> str:
    """The JSON Pointer to a member; to the object around it if that would be too long."""
    pointer = ""
    for name in path:
        if len(pointer) + len(name) > MAX_POINTER:
            break
        pointer += "/" + name.replace("~", "~0").replace("/", "~1")
    return pointer


def _summary(faults: list[Fault]) -> str:
    first = faults[0]
    place = first.parameter or first.pointer
    return f"{place}: {first.detail}" if place else first.detail
