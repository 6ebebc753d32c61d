"""The gunicorn worker of the service, which reports errors as RFC 9457 problems."""

from __future__ import annotations

import logging
import socket
import sys
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from threading import Event, Thread
from typing import Any, cast

from flask import Flask
from gunicorn.arbiter import Arbiter
from gunicorn.http import errors
from gunicorn.http.body import ChunkedReader, LengthReader

from service.api.context import get_app_context
from service.api.draining import DRAINING, ENDING
from service.api.ndjson_stream import STOPPING
from service.api.problem_types import ProblemType
from service.api.problems import CONTENT_TYPE, Problem, problem_body
from service.api.request_hooks import request_id_from
from service.api.security_headers import SECURITY_HEADERS
from service.config.settings import read_settings
from service.inference.errors import ModelError
from service.observability import metrics
from service.server.buffered_worker import RECEIVE_SECONDS, BufferedWorker
from service.server.client_socket import ClientSocket
from service.server.head_check import check_head
from service.server.request_buffer import HEAD_BYTES
from service.server.tls_socket import TlsSocket, tls_context

_log = logging.getLogger(__name__)

_PROBLEM_TYPES = {
    errors.LimitRequestLine: ProblemType.URI_TOO_LONG,
    errors.LimitRequestHeaders: ProblemType.HEADERS_TOO_LARGE,
    errors.ExpectationFailed: ProblemType.EXPECTATION_FAILED,
    errors.UnsupportedTransferCoding: ProblemType.UNSUPPORTED_TRANSFER_CODING,
    errors.ConfigurationProblem: ProblemType.INTERNAL_ERROR,
    errors.InvalidResponseHeader: ProblemType.INTERNAL_ERROR,
    errors.InvalidResponseHeaderName: ProblemType.INTERNAL_ERROR,
}
_Application = Callable[..., Iterable[bytes]]

_DISCARDED_BYTES = 60 * 1024
"""Unread bytes of a body up to which a connection is kept; gunicorn discards less than 64 KiB."""

_BOOT_SECONDS = 300.0  # after which a worker that still loads its model counts as hung


class Worker(BufferedWorker):
    """A buffered worker whose error responses equal those of the application."""

    def load_wsgi(self) -> None:
        """Load the application; stop the server if its default model cannot be loaded."""
        loaded = Event()
        Thread(target=self._notify_until, args=(loaded,), daemon=True).start()
        try:
            super().load_wsgi()
        except ModelError as error:
            _log.critical("cannot start: %s", error)
            # With any other exit code, the arbiter starts a new worker.
            sys.exit(Arbiter.WORKER_BOOT_ERROR)
        finally:
            loaded.set()
        self.max_body_bytes = get_app_context(cast(Flask, self.wsgi)).max_body_bytes
        settings = read_settings()
        self._tls = tls_context(settings) if settings.tls_certificate else None
        self.wsgi: _Application = _announce_close(self.wsgi)

    def wrap(self, client: socket.socket) -> ClientSocket:
        """The server's end of a new connection, with TLS if there is a certificate."""
        return TlsSocket(client, self._tls) if self._tls else ClientSocket(client)

    def _notify_until(self, loaded: Event) -> None:
        """Send heartbeats while the application is loaded, which takes longer than their limit."""
        deadline = time.monotonic() + _BOOT_SECONDS
        while not loaded.wait(1.0) and time.monotonic() < deadline:
            self.notify()

    def handle_exit(self, sig: Any, frame: Any) -> None:
        """Start a graceful shutdown; readiness fails first."""
        DRAINING.set()
        super().handle_exit(sig, frame)

    def stop_accepting(self) -> None:
        """End the drain state; streams end after the line that they are processing."""
        STOPPING.set()
        super().stop_accepting()

    def stop_working(self) -> None:
        """Stop the work for requests that have their error response, and end the streams."""
        ENDING.set()

    def handle_request(self, req: Any, conn: Any) -> bool:
        """Handle one request and return whether the connection stays open."""
        check_head(req)
        return bool(super().handle_request(req, conn))

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        """Respond to a request that gunicorn cannot parse or that raised an unexpected error."""
        problem_type = ProblemType.INTERNAL_ERROR
        if isinstance(exc, errors.ParseException):
            problem_type = _PROBLEM_TYPES.get(type(exc), ProblemType.MALFORMED_REQUEST)
        internal = problem_type is ProblemType.INTERNAL_ERROR
        req = req or getattr(exc, "req", None)
        request_id = dict(getattr(req, "headers", None) or ()).get("X-REQUEST-ID")
        detail = "An unexpected error." if internal else f"{exc}."
        if isinstance(exc, errors.LimitRequestHeaders):  # whose message does not name the limits
            detail = (
                f"There are more than {self.cfg.limit_request_fields} header fields, or one has "
                f"more than {self.cfg.limit_request_field_size} bytes."
            )
        problem = Problem(problem_type, detail)
        self._reject(client, problem, request_id_from(request_id), addr, exc)

    def reject_large_head(self, client: socket.socket) -> None:
        """Respond with status 431."""
        detail = f"The request line and header fields have more than {HEAD_BYTES} bytes."
        self._reject(client, Problem(ProblemType.HEADERS_TOO_LARGE, detail), request_id_from(None))

    def reject_unfinished_request(self, client: ClientSocket) -> None:
        """Respond with status 503, unless a response has begun."""
        request_id = request_id_from(None)
        detail = "The server is stopping and has not finished this request."
        problem = Problem(ProblemType.BROKEN_OFF, detail)
        if client.refuse_later_responses(_response(problem, request_id)):
            self._record(problem, request_id)

    def reject_slow_request(self, client: socket.socket) -> None:
        """Respond with status 408."""
        detail = f"The request did not arrive within {RECEIVE_SECONDS:.0f} seconds."
        self._reject(client, Problem(ProblemType.TOO_SLOW, detail), request_id_from(None))

    def _reject(
        self,
        client: socket.socket,
        problem: Problem,
        request_id: str,
        addr: Any = None,
        exc: Exception | None = None,
    ) -> None:
        self._record(problem, request_id, addr, exc)
        if getattr(client, "response_started", False):
            return  # a second response would be read as part of the first
        try:
            client.sendall(_response(problem, request_id))
        except OSError:
            _log.debug("The client disconnected before the response was sent.")

    @staticmethod
    def _record(
        problem: Problem, request_id: str, addr: Any = None, exc: Exception | None = None
    ) -> None:
        problem_type = problem.problem_type
        metrics.problem(problem_type.type)
        internal = problem_type is ProblemType.INTERNAL_ERROR
        _log.log(
            logging.ERROR if internal else logging.INFO,
            "Rejected a request: %s",
            type(exc).__name__ if exc else problem.detail,
            exc_info=exc if internal else None,
            extra={
                "request_id": request_id,
                "remote": addr[0] if addr else None,
                "status": problem_type.status,
                "problem": problem_type.type,
            },
        )


def _response(problem: Problem, request_id: str) -> bytes:
    """The bytes of a response with ``problem``, after which the connection closes."""
    status = problem.problem_type.status
    body = problem_body(problem, request_id)
    fields = "".join(f"{name}: {value}\r\n" for name, value in SECURITY_HEADERS.items())
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
        "Connection: close\r\n"
        f"Content-Type: {CONTENT_TYPE}\r\n"
        f"Content-Length: {len(body)}\r\n"
        f"X-Request-Id: {request_id}\r\n{fields}\r\n"
    )
    return head.encode("ascii") + body


def _announce_close(application: _Application) -> _Application:
    """Announce in the head of a response that the connection closes after it.

    This applies to responses with ``Connection: close``, which gunicorn ignores, while the worker
    drains, and to errors that leave more of the body unread than gunicorn discards. Otherwise a
    client would send its next request to a connection that is about to close.
    """

    def application_with_close(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            closes = DRAINING.is_set() or ("Connection", "close") in headers
            if closes or (status >= "4" and _leaves_body(environ)):
                start_response.__self__.force_close()
            return start_response(status, headers, *more)

        return application(environ, start)

    return application_with_close


def _leaves_body(environ: dict[str, Any]) -> bool:
    reader = environ["wsgi.input"].reader
    if isinstance(reader, LengthReader):
        return bool(reader.length > _DISCARDED_BYTES)
    return isinstance(reader, ChunkedReader) and reader.parser is not None
