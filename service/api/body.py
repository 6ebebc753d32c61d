"""Request bodies: read in pieces as they arrive, or whole, within limits of size and time."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator, Mapping
from socket import SO_RCVTIMEO, SO_SNDTIMEO, SOL_SOCKET, socket
from typing import Any

from flask import Request
from gunicorn.http.errors import ParseException

from service.api.content_encoding import decode, request_coding
from service.api.context import get_request_context
from service.api.errors import DecodingError
from service.api.problem_types import ProblemType
from service.api.problems import Problem

BASE_SECONDS = 20.0
"""Time for a body to arrive, plus one second for each :data:`BYTES_PER_SECOND`."""

BYTES_PER_SECOND = 32 * 1024

_PIECE_BYTES = 64 * 1024


def read_body(request: Request, limit: int) -> bytes:
    """The whole body of a request, decoded.

    This replaces Werkzeug's own limit, which silently truncates a chunked body, and detects a
    client that disconnects before all bytes of ``Content-Length`` have arrived, which WSGI servers
    do not report.

    Args:
        request: one whose body has not been read yet.
        limit: most bytes, both as sent and decoded.

    Raises:
        Problem: the body is too large, too slow or incomplete, has an unsupported coding or does
            not match it, or its chunks are malformed.
    """
    coding = request_coding(request)
    body = bytearray()
    try:
        for piece in decode(_sent_pieces(request, limit), coding):
            body += piece
            if len(body) > limit:
                raise _too_large(limit)
    except DecodingError as error:
        raise _malformed(str(error)) from None
    return bytes(body)


def available_pieces(stream: Any) -> Iterator[bytes]:
    """The body of a request as sent, in pieces as they arrive.

    gunicorn's ``read`` blocks until it has as many bytes as requested. A client that sends a line
    only after the response to the previous one would wait forever.

    Args:
        stream: ``wsgi.input``.
    """
    reader = getattr(stream, "reader", None)
    if reader is None:  # not gunicorn's, as in tests
        while piece := stream.read(_PIECE_BYTES):
            yield piece
        return
    while first := reader.read(1):
        buffer = reader.buf if hasattr(reader, "buf") else reader.unreader.buf
        rest = reader.read(buffer.tell()) if buffer.tell() else b""
        yield first + rest


def set_socket_timeout(connection: socket, seconds: int) -> None:
    """Limit how long the client may stall while it sends or receives; 0 for no limit."""
    for option in (SO_RCVTIMEO, SO_SNDTIMEO):
        connection.setsockopt(SOL_SOCKET, option, struct.pack("@ll", seconds, 0))


def remove_socket_timeout(environ: Mapping[str, Any]) -> None:
    """Let the client of a request stall for any length of time."""
    connection = environ.get("gunicorn.socket")
    if connection is not None:
        set_socket_timeout(connection, 0)
        connection.allows_pauses = True


def _sent_pieces(request: Request, limit: int) -> Iterator[bytes]:
    """The body as sent, in pieces; counts its bytes in the request context."""
    context = get_request_context()
    announced = request.content_length
    if announced is not None and announced > limit:
        raise _too_large(limit)
    deadline = time.monotonic() + BASE_SECONDS
    try:
        for piece in available_pieces(request.environ["wsgi.input"]):
            context.body_bytes += len(piece)
            if context.body_bytes > limit:
                raise _too_large(limit)
            if time.monotonic() > deadline + context.body_bytes / BYTES_PER_SECOND:
                raise _too_slow(context.body_bytes)
            yield piece
    except ParseException as error:  # gunicorn parses chunks while the body is read
        raise _malformed(f"{error}.") from None
    except BlockingIOError:
        raise _too_slow(context.body_bytes) from None
    except OSError:
        raise _malformed("The connection ended inside the body.") from None
    if announced is not None and context.body_bytes < announced:
        raise _malformed(f"Only {context.body_bytes} of {announced} bytes of the body arrived.")


def _too_large(limit: int) -> Problem:
    detail = f"The body has more than {limit} bytes, the maximum."
    return Problem(ProblemType.BODY_TOO_LARGE, detail, headers={"Connection": "close"})


def _too_slow(received: int) -> Problem:
    detail = f"Only {received} bytes of the body arrived in time."
    return Problem(ProblemType.TOO_SLOW, detail, headers={"Connection": "close"})


def _malformed(detail: str) -> Problem:
    return Problem(ProblemType.MALFORMED_REQUEST, detail, headers={"Connection": "close"})
