"""Errors of this package.

``ApiError``
    ``Problem`` (in :mod:`service.api.problems`): ends a request with an error response.
    ``DecodingError``: a body does not match its ``Content-Encoding``.
    ``StreamIdle``: a stream has to make room for another.
    ``StreamInterrupted``: the server stops before the end of a stream.
"""

from __future__ import annotations


class ApiError(Exception):
    """The server cannot fulfil a request."""


class DecodingError(ApiError):
    """A body does not match its ``Content-Encoding``; the message is a sentence for the client."""


class StreamIdle(ApiError):
    """No line of a stream has arrived for a long time, and another stream waits for its slot."""


class StreamInterrupted(ApiError):
    """The server stops before the end of a stream.

    Attributes:
        answered: lines that have been answered.
    """

    def __init__(self, answered: int) -> None:
        super().__init__(answered)
        self.answered = answered
