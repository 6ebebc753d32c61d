"""What of gunicorn is ours: a worker whose errors are problems, and logs that are JSON."""

from __future__ import annotations

import logging
import socket
import sys
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, cast

from flask import Flask
from gunicorn import glogging
from gunicorn.arbiter import Arbiter
from gunicorn.http import errors

from service.api.context import get_app_context
from service.api.ndjson_stream import STOPPING
from service.api.problem_types import ProblemType
from service.api.problems import CONTENT_TYPE, Problem, problem_body
from service.api.request_hooks import request_id_from
from service.inference.model_info import ModelError
from service.observability import metrics
from service.observability.json_logging import configure_logs
from service.server.buffered_worker import REQUEST_SECONDS, BufferedWorker

_log = logging.getLogger(__name__)

_KINDS = {
    errors.LimitRequestLine: ProblemType.URI_TOO_LONG,
    errors.LimitRequestHeaders: ProblemType.HEADERS_TOO_LARGE,
    errors.ExpectationFailed: ProblemType.EXPECTATION_FAILED,
    errors.UnsupportedTransferCoding: ProblemType.UNSUPPORTED_TRANSFER_CODING,
    errors.ConfigurationProblem: ProblemType.INTERNAL_ERROR,
    errors.InvalidResponseHeader: ProblemType.INTERNAL_ERROR,
    errors.InvalidResponseHeaderName: ProblemType.INTERNAL_ERROR,
}
_Application = Callable[..., Iterable[bytes]]

_UNREAD_SECONDS = 5.0
_UNREAD_BYTES = 64 * 1024**2


class Worker(BufferedWorker):
    """A threaded worker that answers what does not reach the application as that would."""

    def load_wsgi(self) -> None:
        """Load the application, whose model may turn out to be unusable only now."""
        try:
            super().load_wsgi()
        except ModelError as error:
            _log.critical("cannot start: %s", error)
            sys.exit(Arbiter.WORKER_BOOT_ERROR)  # which ends the server; another would start anew
        self.largest_body = get_app_context(cast(Flask, self.wsgi)).max_body_bytes
        self.wsgi: _Application = _closing(self.wsgi)

    def handle_exit(self, *signal: Any) -> None:
        """Begin to end: streams are broken off after what they are at."""
        STOPPING.set()
        super().handle_exit(*signal)

    def handle_request(self, req: Any, conn: Any) -> bool:
        """Answer one request.

        What is left of the body of a refused request is read, within limits, after the answer is
        sent: closing the connection on a caller who is still sending would take the answer away.
        """
        keep: bool = super().handle_request(req, conn)
        if not keep:
            deadline = time.monotonic() + _UNREAD_SECONDS
            conn.parser.finish_body(deadline=deadline, max_bytes=_UNREAD_BYTES)
        return keep

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        """Answer what is not HTTP as gunicorn reads it, or what the application let through."""
        kind = ProblemType.INTERNAL_ERROR
        if isinstance(exc, errors.ParseException):
            kind = _KINDS.get(type(exc), ProblemType.MALFORMED_REQUEST)
        internal = kind is ProblemType.INTERNAL_ERROR
        req = req or getattr(exc, "req", None)
        sent = dict(getattr(req, "headers", None) or ()).get("X-REQUEST-ID")
        problem = Problem(kind, "An unexpected error." if internal else f"{exc}.")
        self._refuse(client, problem, request_id_from(sent), addr, exc)

    def refuse_slow(self, client: socket.socket) -> None:
        """See :class:`BufferedWorker`."""
        detail = f"The request has not come within {REQUEST_SECONDS:.0f} seconds."
        self._refuse(client, Problem(ProblemType.TOO_SLOW, detail), request_id_from(None))

    def _refuse(
        self,
        client: socket.socket,
        problem: Problem,
        request_id: str,
        addr: Any = None,
        exc: Exception | None = None,
    ) -> None:
        kind = problem.problem_type
        metrics.problem(kind.type)
        internal = kind is ProblemType.INTERNAL_ERROR
        _log.log(
            logging.ERROR if internal else logging.INFO,
            "Refused what came from a connection: %s",
            type(exc).__name__ if exc else problem.detail,
            exc_info=exc if internal else None,
            extra={
                "request_id": request_id,
                "remote": addr[0] if addr else None,
                "status": kind.status,
                "problem": kind.type,
            },
        )
        body = problem_body(problem, request_id)
        head = (
            f"HTTP/1.1 {kind.status} {HTTPStatus(kind.status).phrase}\r\n"
            "Connection: close\r\n"
            f"Content-Type: {CONTENT_TYPE}\r\n"
            f"Content-Length: {len(body)}\r\n"
            f"X-Request-Id: {request_id}\r\n"
            "X-Content-Type-Options: nosniff\r\n\r\n"
        )
        try:
            client.sendall(head.encode("ascii") + body)
        except OSError:
            _log.debug("The caller has gone before it was answered.")


def _closing(application: _Application) -> _Application:
    """Make the header field ``Connection: close``, which gunicorn ignores, mean what it says."""

    def wrapped(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            if ("Connection", "close") in headers:
                start_response.__self__.force_close()
            return start_response(status, headers, *more)

        return application(environ, start)

    return wrapped


class Log(glogging.Logger):  # type: ignore[misc]
    """Hands gunicorn's messages to our logs. Requests are logged by the application."""

    def setup(self, cfg: Any) -> None:
        """Called once in the arbiter, before there are workers, and again on SIGHUP."""
        self.cfg = cfg
        configure_logs(cfg.loglevel.upper())
        self.error_log.propagate = True

    def access(self, *_: Any) -> None:
        """Nothing: see :mod:`service.api.request_hooks`."""
