"""Problem details (RFC 9457): turns every error of a request into a response.

Errors of views, marshmallow, Werkzeug, the domain and gunicorn all end in :func:`problem_body`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from traceback import format_tb

from flask import Flask, Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from service.access.limiter import LimitExceeded
from service.api.context import get_request_context
from service.api.errors import ApiError
from service.api.json_writer import write_json
from service.api.problem_types import CLIENT_CLOSED_REQUEST, BlankProblemType, ProblemType
from service.enrichment.bounds import BoundExceeded
from service.enrichment.language import UnsupportedLanguage
from service.enrichment.watchlists.index import UnknownList
from service.execution.errors import (
    ClientDisconnected,
    DeadlineExceeded,
    ModelUnavailable,
    Overloaded,
    PageTooComplex,
    UnknownModel,
)
from service.execution.page_process import MEMORY_BYTES

CONTENT_TYPE = "application/problem+json"

MAX_ERRORS = 20
"""Most entries of ``errors`` in a problem; ``detail`` counts the others."""

MAX_DETAIL = 500
"""Most code points of a ``detail``, which may quote the request."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fault:
    """One invalid part of a request.

    Attributes:
        detail: a sentence for the client.
        pointer: JSON Pointer (RFC 6901) into the body; ``None`` if ``parameter`` is set.
        parameter: name of a query parameter or header field; ``None`` if ``pointer`` is set.
    """

    detail: str
    pointer: str | None = None
    parameter: str | None = None


class Problem(ApiError):
    """Ends a request with an error response.

    A request cannot make the response long: ``errors`` has at most :data:`MAX_ERRORS` entries, and
    each detail at most :data:`MAX_DETAIL` code points.

    Args:
        problem_type: what kind of error it is.
        detail: this occurrence, in a sentence or two for the client.
        errors: each invalid part of the request, if known.
        headers: header fields of the response.
    """

    def __init__(
        self,
        problem_type: ProblemType | BlankProblemType,
        detail: str,
        errors: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(problem_type.type)
        self.problem_type = problem_type
        self.detail = _shorten(detail)
        if len(errors) > MAX_ERRORS:
            self.detail += f" There are {len(errors) - MAX_ERRORS:,} more errors than listed."
        self.errors = tuple(
            replace(fault, detail=_shorten(fault.detail)) for fault in errors[:MAX_ERRORS]
        )
        self.headers = dict(headers or {})

    def within(self, pointer: str) -> Problem:
        """The same problem for an article of a batch, at ``pointer`` in the body."""
        errors = [
            fault if fault.pointer is None else replace(fault, pointer=pointer + fault.pointer)
            for fault in self.errors
        ]
        return Problem(self.problem_type, self.detail, errors, self.headers)


def _shorten(text: str) -> str:
    return text if len(text) <= MAX_DETAIL else f"{text[: MAX_DETAIL - 1]}…"


def handle_errors(app: Flask) -> None:
    """Make ``app`` answer every exception with a problem."""
    for exception in (HTTPException, Exception):
        app.register_error_handler(exception, _error_response)


def _error_response(error: Exception) -> Response:
    context = get_request_context()
    problem = problem_from(error, context.request_id, context.trace_id)
    context.problem = problem.problem_type.type
    return Response(
        problem_body(problem, context.request_id),
        problem.problem_type.status,
        problem.headers,
        content_type=CONTENT_TYPE,
    )


def problem_body(problem: Problem, request_id: str) -> bytes:
    """The body of an error response: JSON in UTF-8."""
    return write_json(problem_document(problem, request_id)) + b"\n"


def problem_document(problem: Problem, request_id: str) -> dict[str, object]:
    """The members of a problem document."""
    document: dict[str, object] = {
        "type": problem.problem_type.type,
        "title": problem.problem_type.title,
        "status": problem.problem_type.status,
        "detail": problem.detail,
    }
    if problem.errors:
        document["errors"] = [
            {name: value for name, value in vars(fault).items() if value is not None}
            for fault in problem.errors
        ]
    document["request_id"] = request_id
    return document


def problem_from(error: Exception, request_id: str, trace_id: str | None) -> Problem:
    """The problem that a client receives for ``error``.

    An unexpected error is logged with ``request_id`` and ``trace_id``.
    """
    match error:
        case Problem():
            return error
        case UnsupportedLanguage():
            return _unsupported_language(error)
        case BoundExceeded(unit=unit, bound=bound):
            detail = f"The article has more than {bound} {unit}, the maximum."
            return Problem(ProblemType.TOO_MUCH_WORK, detail, [Fault(detail, "/text")])
        case PageTooComplex():
            return _page_too_complex(error)
        case UnknownModel(name=name, known=known):
            fault = Fault(f"'{name}' is not one of: {', '.join(known)}.", None, "model")
            return Problem(ProblemType.INVALID_PARAMETER, f"model: {fault.detail}", [fault])
        case UnknownList(name=name, known=known):
            reason = f"'{name}' is not one of: {', '.join(known)}."
            fault = Fault(reason if known else "The server has no lists.", None, "lists")
            return Problem(ProblemType.INVALID_PARAMETER, f"lists: {fault.detail}", [fault])
        case ModelUnavailable(name=name):
            detail = f"The model {name} failed to load; the logs have the reason."
            return Problem(ProblemType.MODEL_UNAVAILABLE, detail)
        case Overloaded(retry_after=seconds):
            detail = f"The queue is full; the work in it takes about {seconds} s."
            return Problem(ProblemType.OVERLOADED, detail, headers={"Retry-After": str(seconds)})
        case LimitExceeded(name=name, amount=amount, retry_after=seconds):
            detail = f"The limit {name}={amount} is used up; try again in {seconds} s."
            headers = {"Retry-After": str(seconds)}
            return Problem(ProblemType.LIMIT_EXCEEDED, detail, headers=headers)
        case DeadlineExceeded():
            detail = "The article was not ready within its time limit."
            return Problem(ProblemType.OUT_OF_TIME, detail)
        case ClientDisconnected():
            detail = "The client closed the connection before the response was ready."
            return Problem(CLIENT_CLOSED_REQUEST, detail)
        case HTTPException():
            return _http_exception(error)
    return _unexpected(error, request_id, trace_id)


def _page_too_complex(error: PageTooComplex) -> Problem:
    bound = {
        "time": f"more than {error.seconds:.1f} s of processor time, the maximum for its size",
        "memory": f"more than {MEMORY_BYTES >> 20} MiB of memory, the maximum",
    }
    detail = "The parser fails on this page."
    if error.resource in bound:
        detail = f"Parsing the page takes {bound[error.resource]}."
    return Problem(ProblemType.TOO_MUCH_WORK, detail, [Fault(detail, "/text")])


def _unsupported_language(error: UnsupportedLanguage) -> Problem:
    supported = ", ".join(error.supported)
    if error.confidence is None:
        detail = f"The model does not support '{error.code}'. It supports: {supported}."
        fault = Fault(detail, "/language")
    else:
        detail = (
            f"The text looks like '{error.code}', which the model does not support (confidence "
            f"{error.confidence:.2f}). It supports: {supported}. To override the detection, set "
            f"?language={error.supported[0]}."
        )
        fault = Fault(detail, "/text")
    return Problem(ProblemType.UNSUPPORTED_LANGUAGE, detail, [fault])


def _http_exception(error: HTTPException) -> Problem:
    """The problem for an exception of Werkzeug's routing, request parsing or file serving."""
    status = HTTPStatus(error.code or 500)
    if status == HTTPStatus.NOT_FOUND:
        return Problem(ProblemType.NOT_FOUND, "This path does not exist; /docs lists all paths.")
    if isinstance(error, MethodNotAllowed):
        methods = ", ".join(sorted(error.valid_methods or ()))
        detail = f"This path supports: {methods}."
        return Problem(ProblemType.METHOD_NOT_ALLOWED, detail, headers={"Allow": methods})
    problem_type = next(
        (known for known in ProblemType if known.status == status),
        BlankProblemType(status, status.phrase),
    )
    return Problem(problem_type, error.description or status.phrase)


def _unexpected(error: Exception, request_id: str, trace_id: str | None) -> Problem:
    """The problem for an error of the service itself.

    The message of an exception may quote the article, so that it is logged at level DEBUG only.
    """
    fields = {
        "request_id": request_id,
        "trace_id": trace_id,
        "traceback": "".join(format_tb(error.__traceback__)),
    }
    _log.error("Unexpected %s", type(error).__qualname__, extra=fields)
    _log.debug("Unexpected exception", exc_info=error, extra={"request_id": request_id})
    return Problem(ProblemType.INTERNAL_ERROR, "An unexpected error; the logs have the details.")
