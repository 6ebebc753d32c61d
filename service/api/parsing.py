"""How requests are read: which part by which schema, and what becomes of what that finds wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

from flask import Request, g
from marshmallow import RAISE, Schema, ValidationError
from webargs.fields import DelimitedList
from webargs.flaskparser import FlaskParser

from service.api.body import read_body
from service.api.charset import decode_page, decode_text
from service.api.context import state
from service.api.problem_types import (
    INVALID_ARTICLE,
    INVALID_PARAMETER,
    UNSUPPORTED_MEDIA_TYPE,
    ProblemType,
)
from service.api.problems import Fault, Problem
from service.api.schemas.request import UNKNOWN
from service.api.strict_json import parse_json
from service.enrichment.html_extraction import extract_article

PAGE_TYPES = ("text/html", "application/xhtml+xml")
"""An article in a web page."""

MEDIA_TYPES = ("application/json", "text/plain", *PAGE_TYPES)
"""What an article may come as."""


class RequestParser(FlaskParser):
    """Reads the locations ``query`` and ``article``; what their schemas do not know is an error."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"query": RAISE, "article": RAISE}  # noqa: RUF012
    __location_map__ = {"query": "load_querystring", "article": "load_article"}  # noqa: RUF012

    def load_querystring(self, req: Request, schema: Schema) -> dict[str, str]:
        """The query parameters, each given once; of lists, the members may be given one by one."""
        found = {}
        for name, values in req.args.lists():
            if len(values) > 1 and not isinstance(schema.fields.get(name), DelimitedList):
                raise ValidationError({name: ["Is given more than once."]})
            found[name] = ",".join(values)
        return found

    def load_article(self, req: Request, schema: Schema) -> Any:
        """The body, by its media type, as the members of an article."""
        if req.mimetype not in MEDIA_TYPES:
            raise unsupported(req.mimetype, MEDIA_TYPES)
        body = read_body(req, state().max_body_bytes)
        if req.mimetype == "text/plain":
            return {"text": decode_text(body, req.mimetype_params.get("charset", "utf-8"))}
        if req.mimetype in PAGE_TYPES:
            page, warnings = decode_page(body, req.mimetype_params.get("charset"))
            found = extract_article(page)
            if not found.text:
                fault = Fault("The page has no text that looks like an article.", "/text")
                raise Problem(INVALID_ARTICLE, fault.detail, [fault])
            g.page_language = found.language
            g.page_warnings = (*warnings, *found.warnings)
            return {"title": found.title, "text": found.text}
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
        """Turn what a schema found wrong into a problem."""
        [(location, found)] = error.messages_dict.items()
        if location == "query":
            faults = [Fault(detail, None, path[0]) for path, detail in _messages(found)]
            raise Problem(INVALID_PARAMETER, _summary(faults), faults)
        raise invalid(INVALID_ARTICLE, found)


def unsupported(mimetype: str, read: Sequence[str]) -> Problem:
    """The problem with a body of ``mimetype`` where only the media types ``read`` are read."""
    sent = f"{mimetype} is not read here" if mimetype else "Content-Type is missing"
    return Problem(
        UNSUPPORTED_MEDIA_TYPE,
        f"{sent}; send {', '.join(read[:-1])} or {read[-1]}.",
        headers={"Accept-Post": ", ".join(read)},
    )


def invalid(kind: ProblemType, found: Mapping[Any, Any]) -> Problem:
    """What a schema found wrong with a JSON value."""
    faults = [Fault(detail, _pointer(path)) for path, detail in _messages(found)]
    return Problem(kind, _summary(faults), faults)


def _messages(
    found: Mapping[Any, Any], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every message in marshmallow's tree of them, with the path of what it is about."""
    for name, below in found.items():
        # marshmallow keeps what it says of a whole object under a name that a caller may use, too.
        here = path if name == "_schema" and below != [UNKNOWN] else (*path, str(name))
        if isinstance(below, Mapping):
            yield from _messages(below, here)
        else:
            yield from ((here, message) for message in below)


def _pointer(path: tuple[str, ...]) -> str:
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in path)


def _summary(faults: list[Fault]) -> str:
    first = faults[0]
    place = first.parameter or first.pointer
    return f"{place}: {first.detail}" if place else first.detail
