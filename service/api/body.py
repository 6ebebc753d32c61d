"""The body of a request, whole and no larger than allowed."""

from __future__ import annotations

from flask import Request, g
from gunicorn.http.errors import ParseException

from service.api.kinds import BODY_TOO_LARGE, MALFORMED_REQUEST, UNSUPPORTED_MEDIA_TYPE
from service.api.problems import Problem

_PIECE = 64 * 1024


def read_body(request: Request, limit: int) -> bytes:
    """All of the request's body.

    Werkzeug's own limit is not used: it cuts a chunked body off at the limit without a word. Nor do
    WSGI servers say when a caller hangs up before the whole of ``Content-Length`` has come.

    Args:
        request: whose body has not been read yet.
        limit: most bytes that it may have.

    Raises:
        Problem: it has more, is not all there, is compressed, or its chunks make no sense.
    """
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise Problem(
            UNSUPPORTED_MEDIA_TYPE,
            "Compressed bodies are not read; send it without Content-Encoding.",
            headers={"Accept-Encoding": "identity"},
        )
    announced = request.content_length
    if announced is not None and announced > limit:
        raise _too_large(limit)
    body = bytearray()
    try:
        while piece := request.stream.read(_PIECE):
            body += piece
            g.body_bytes = len(body)
            if len(body) > limit:
                raise _too_large(limit)
    except ParseException as error:  # gunicorn reads chunks while the application reads the body
        raise _incomplete(f"{error}.") from None
    except OSError:
        raise _incomplete("The connection ended inside the body.") from None
    if announced is not None and len(body) < announced:
        raise _incomplete(f"Only {len(body)} of {announced} bytes of the body have come.")
    return bytes(body)


def _too_large(limit: int) -> Problem:
    detail = f"The body has more than {limit} bytes, the most that are read."
    return Problem(BODY_TOO_LARGE, detail, headers={"Connection": "close"})


def _incomplete(detail: str) -> Problem:
    return Problem(MALFORMED_REQUEST, detail, headers={"Connection": "close"})
