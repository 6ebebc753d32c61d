"""Problems: everything that can go wrong for a caller, and the one place where it is answered.

The bodies are those of RFC 9457. Whatever raises, be it a view, marshmallow, Werkzeug, the domain
or gunicorn, ends up in :func:`body_of`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from traceback import format_tb

from flask import Flask, Response, g
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from service.api.problem_types import (
    INTERNAL_ERROR,
    INVALID_PARAMETER,
    KINDS,
    METHOD_NOT_ALLOWED,
    MODEL_UNAVAILABLE,
    NOT_FOUND,
    OUT_OF_TIME,
    OVERLOADED,
    UNSUPPORTED_LANGUAGE,
    ProblemType,
)
from service.enrichment.types import UnsupportedLanguage
from service.execution.model_registry import ModelUnavailable, UnknownModel
from service.execution.scheduler import ClientDisconnected, DeadlineExceeded, Overloaded

CONTENT_TYPE = "application/problem+json"
_GONE = ProblemType("", 499, "The caller has gone", "")  # for the log; nobody reads the answer
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a request: where, and what.

    Exactly one of ``pointer`` (RFC 6901, into the body) and ``parameter`` is set.
    """

    detail: str
    pointer: str | None = None
    parameter: str | None = None


class Problem(Exception):
    """Ends a request with an answer that says why.

    Args:
        kind: what kind of problem it is.
        detail: what it is this time, in a sentence or two.
        errors: each thing that is wrong, where it is known.
        headers: header fields that the answer needs.
    """

    def __init__(
        self,
        kind: ProblemType,
        detail: str,
        errors: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(kind.name)
        self.kind = kind
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})

    def within(self, pointer: str) -> Problem:
        """The same problem with an article that ``pointer`` points to."""
        errors = [
            fault if fault.pointer is None else replace(fault, pointer=pointer + fault.pointer)
            for fault in self.errors
        ]
        return Problem(self.kind, self.detail, errors, self.headers)


def document_of(problem: Problem, request_id: str) -> dict[str, object]:
    """``problem`` as the members of a problem document."""
    document: dict[str, object] = {
        "type": problem.kind.type,
        "title": problem.kind.title,
        "status": problem.kind.status,
        "detail": problem.detail,
    }
    if problem.errors:
        document["errors"] = [
            {name: value for name, value in vars(fault).items() if value is not None}
            for fault in problem.errors
        ]
    document["request_id"] = request_id
    return document


def body_of(problem: Problem, request_id: str) -> bytes:
    """The body of the answer to ``problem``: JSON in UTF-8."""
    document = document_of(problem, request_id)
    # A caller's lone surrogates may come back in a pointer; UTF-8 has no room for them.
    return (json.dumps(document, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def answer(problem: Problem) -> Response:
    """The answer to ``problem``."""
    g.problem = problem.kind.type
    body = body_of(problem, g.request_id)
    return Response(body, problem.kind.status, problem.headers, content_type=CONTENT_TYPE)


def handle_problems(app: Flask) -> None:
    """Make ``app`` answer every exception with a problem."""
    for kind in (HTTPException, Exception):
        app.register_error_handler(
            kind, lambda error: answer(problem_of(error, g.request_id, g.trace_id))
        )


def problem_of(error: Exception, request_id: str, trace_id: str | None) -> Problem:
    """What a caller is told of ``error``. One that nothing foresaw is logged under the ids."""
    match error:
        case Problem():
            return error
        case UnsupportedLanguage():
            return _unsupported_language(error)
        case UnknownModel(name=name, known=known):
            fault = Fault(f"'{name}' is not one of: {', '.join(known)}.", None, "model")
            return Problem(INVALID_PARAMETER, f"model: {fault.detail}", [fault])
        case ModelUnavailable(name=name):
            detail = f"The model {name} cannot be loaded; the logs have why."
            return Problem(MODEL_UNAVAILABLE, detail)
        case Overloaded(retry_after=seconds):
            detail = f"Too much is waiting already; in about {seconds} s that will be done."
            return Problem(OVERLOADED, detail, headers={"Retry-After": str(seconds)})
        case DeadlineExceeded():
            return Problem(OUT_OF_TIME, "The article was not ready within the time it was given.")
        case ClientDisconnected():
            return Problem(_GONE, "The connection was closed before there was an answer.")
        case HTTPException():
            return _http_exception(error)
    return _unexpected(error, request_id, trace_id)


def _unsupported_language(error: UnsupportedLanguage) -> Problem:
    known = ", ".join(error.supported)
    if error.confidence is None:
        fault = Fault(f"The model does not know '{error.code}'. It knows: {known}.", "/language")
    else:
        fault = Fault(
            f"The text is most likely in '{error.code}' (probability {error.confidence:.2f} of a "
            f"language that the model does not know). It knows: {known}. If the text is in one of "
            f"these, name it: ?language={error.supported[0]}.",
            "/text",
        )
    return Problem(UNSUPPORTED_LANGUAGE, fault.detail, [fault])


def _http_exception(error: HTTPException) -> Problem:
    """Werkzeug's own exceptions, which routing raises."""
    status = HTTPStatus(error.code or 500)
    if status == HTTPStatus.NOT_FOUND:
        return Problem(NOT_FOUND, "There is nothing at this path; /docs lists those there are.")
    if isinstance(error, MethodNotAllowed):
        methods = ", ".join(sorted(error.valid_methods or ()))
        detail = f"This path has {methods}."
        return Problem(METHOD_NOT_ALLOWED, detail, headers={"Allow": methods})
    kind = next((kind for kind in KINDS if kind.status == status), None)
    kind = kind or ProblemType("", status, status.phrase, "")
    return Problem(kind, error.description or status.phrase)


def _unexpected(error: Exception, request_id: str, trace_id: str | None) -> Problem:
    """What nothing else answers is a fault of ours.

    The message of an exception may quote the article, so it is logged for debugging only.
    """
    seen = {
        "request_id": request_id,
        "trace_id": trace_id,
        "traceback": "".join(format_tb(error.__traceback__)),
    }
    _log.error("Unexpected %s", type(error).__qualname__, extra=seen)
    _log.debug("Unexpected exception", exc_info=error, extra={"request_id": request_id})
    return Problem(INTERNAL_ERROR, "An unexpected error, which has been logged.")
