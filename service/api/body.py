"""The body of a request, whole and no larger than allowed."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator, Mapping
from socket import SO_RCVTIMEO, SO_SNDTIMEO, SOL_SOCKET, socket
from typing import Any

from flask import Request, g
from gunicorn.http.errors import ParseException

from service.api.content_encoding import DecodingError, coding_of, unpacked
from service.api.ndjson_stream import available_pieces
from service.api.problem_types import BODY_TOO_LARGE, MALFORMED_REQUEST, TOO_SLOW
from service.api.problems import Problem

SECONDS = 20.0
"""That a body may take to come, and a second more for each :data:`BYTES_A_SECOND`."""

BYTES_A_SECOND = 32 * 1024


def read_body(request: Request, limit: int) -> bytes:
    """All of the request's body, unpacked.

    Werkzeug's own limit is not used: it cuts a chunked body off at the limit without a word. Nor do
    WSGI servers say when a caller hangs up before the whole of ``Content-Length`` has come.

    Args:
        request: whose body has not been read yet.
        limit: most bytes that it may have, as it is sent and unpacked.

    Raises:
        Problem: it has more, is not all there, is in a coding that is not read or not in the one
            named, or its chunks make no sense.
    """
    coding = coding_of(request)
    body = bytearray()
    try:
        for piece in unpacked(_sent(request, limit), coding):
            body += piece
            if len(body) > limit:
                raise _too_large(limit)
    except DecodingError as error:
        raise _incomplete(str(error)) from None
    return bytes(body)


def wait_for(connection: socket, seconds: int) -> None:
    """Let whoever is behind ``connection`` stall, in sending or taking, so long; 0 is for ever."""
    for option in (SO_RCVTIMEO, SO_SNDTIMEO):
        connection.setsockopt(SOL_SOCKET, option, struct.pack("@ll", seconds, 0))


def wait_for_ever(environ: Mapping[str, Any]) -> None:
    """Let the caller of a request be as slow as it likes."""
    connection = environ.get("gunicorn.socket")
    if connection is not None:
        wait_for(connection, 0)


def _sent(request: Request, limit: int) -> Iterator[bytes]:
    """The body as it is sent, in pieces."""
    announced = request.content_length
    if announced is not None and announced > limit:
        raise _too_large(limit)
    until = time.monotonic() + SECONDS
    try:
        for piece in available_pieces(request.environ["wsgi.input"]):
            g.body_bytes += len(piece)
            if g.body_bytes > limit:
                raise _too_large(limit)
            if time.monotonic() > until + g.body_bytes / BYTES_A_SECOND:
                raise _too_slow()
            yield piece
    except ParseException as error:  # gunicorn reads chunks while the application reads the body
        raise _incomplete(f"{error}.") from None
    except BlockingIOError:
        raise _too_slow() from None
    except OSError:
        raise _incomplete("The connection ended inside the body.") from None
    if announced is not None and g.body_bytes < announced:
        raise _incomplete(f"Only {g.body_bytes} of {announced} bytes of the body have come.")


def _too_large(limit: int) -> Problem:
    detail = f"The body has more than {limit} bytes, the most that are read."
    return Problem(BODY_TOO_LARGE, detail, headers={"Connection": "close"})


def _too_slow() -> Problem:
    detail = f"Only {g.body_bytes} bytes of the body have come in time."
    return Problem(TOO_SLOW, detail, headers={"Connection": "close"})


def _incomplete(detail: str) -> Problem:
    return Problem(MALFORMED_REQUEST, detail, headers={"Connection": "close"})
