"""The body of a request, whole and no larger than allowed."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Request, g
from gunicorn.http.errors import ParseException

from service.api.codings import PIECE, BadCoding, coding_of, unpacked
from service.api.kinds import BODY_TOO_LARGE, MALFORMED_REQUEST
from service.api.problems import Problem


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
    except BadCoding as error:
        raise _incomplete(str(error)) from None
    return bytes(body)


def _sent(request: Request, limit: int) -> Iterator[bytes]:
    """The body as it is sent, in pieces."""
    announced = request.content_length
    if announced is not None and announced > limit:
        raise _too_large(limit)
    try:
        while piece := request.stream.read(PIECE):
            g.body_bytes += len(piece)
            if g.body_bytes > limit:
                raise _too_large(limit)
            yield piece
    except ParseException as error:  # gunicorn reads chunks while the application reads the body
        raise _incomplete(f"{error}.") from None
    except OSError:
        raise _incomplete("The connection ended inside the body.") from None
    if announced is not None and g.body_bytes < announced:
        raise _incomplete(f"Only {g.body_bytes} of {announced} bytes of the body have come.")


def _too_large(limit: int) -> Problem:
    detail = f"The body has more than {limit} bytes, the most that are read."
    return Problem(BODY_TOO_LARGE, detail, headers={"Connection": "close"})


def _incomplete(detail: str) -> Problem:
    return Problem(MALFORMED_REQUEST, detail, headers={"Connection": "close"})
