"""Problem types (RFC 9457): the source of error responses and of their documentation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique


@unique
class ProblemType(Enum):
    """A problem type that has a page under ``/problems/``, in the order of the documentation.

    Attributes:
        slug: last segment of :attr:`type`.
        status: HTTP status code.
        title: short summary, the same for every occurrence.
        remedy: what the client can do about it.
    """

    MALFORMED_REQUEST = (
        400,
        "Malformed request",
        "Send a complete HTTP/1.1 message. `detail` names what is wrong with it.",
    )
    MALFORMED_JSON = (
        400,
        "Malformed JSON",
        "Send one JSON text in UTF-8, without duplicate names, NaN or Infinity.",
    )
    INVALID_KEY = (
        401,
        "No valid API key",
        "Send a valid API key, in `Authorization: Bearer` or in `X-API-Key`. The operator of the "
        "server issues keys.",
    )
    MISSING_SCOPE = (
        403,
        "Missing scope",
        "The API key lacks the scope for this path, which `detail` names. Use "
        "another key, or ask the operator of the server to extend this one.",
    )
    FOREIGN_ORIGIN = (
        403,
        "Foreign origin",
        "A page of another site sent this request through a browser. Send it from a page of this "
        "server, or from outside a browser.",
    )
    NOT_FOUND = (
        404,
        "Not found",
        "The paths are listed in /openapi.json and at /docs.",
    )
    METHOD_NOT_ALLOWED = (
        405,
        "Method not allowed",
        "Use one of the methods in the header `Allow`.",
    )
    TOO_SLOW = (
        408,
        "Too slow",
        "The request did not arrive in time. Send it again over a faster connection.",
    )
    OTHER_MODEL = (
        409,
        "Another model is running",
        "The parameter `pin` has a different digest from that of the running model. "
        "Leave it out, or take the digest from /v1/model.",
    )
    BODY_TOO_LARGE = (
        413,
        "Body too large",
        "Send a smaller body, or raise the server's setting MAX_BODY_BYTES.",
    )
    LINE_TOO_LARGE = (
        413,
        "Line too large",
        "Send this article on a shorter line, or raise the server's setting MAX_BODY_BYTES.",
    )
    URI_TOO_LONG = (
        414,
        "Request line too long",
        "Send the article in the body, not in the address.",
    )
    UNSUPPORTED_MEDIA_TYPE = (
        415,
        "Unsupported media type",
        "Name the type of the body in `Content-Type`; the header `Accept-Post` lists the supported "
        "ones. A body may have the `Content-Encoding` gzip or zstd.",
    )
    EXPECTATION_FAILED = (
        417,
        "Expectation failed",
        "Send no `Expect` other than `100-continue`.",
    )
    INVALID_ARTICLE = (
        422,
        "Invalid article",
        "Each of `errors` has a JSON Pointer to the invalid member and the reason. With text/plain "
        "the body is the member /text.",
    )
    INVALID_BATCH = (
        422,
        "Invalid batch",
        "Send an object whose one member, `articles`, is an array of no more articles than the "
        "server's setting MAX_BATCH allows. For more, send application/x-ndjson: one article a "
        "line.",
    )
    INVALID_PARAMETER = (
        422,
        "Invalid parameter",
        "Each of `errors` names a query parameter, or header field, and what is wrong with it.",
    )
    TOO_MUCH_WORK = (
        422,
        "Too much work",
        "The article, or the results of a batch, hold more than the service processes at once; "
        "`detail` names the bound and its value. Send it in several parts, or the text of a page "
        "instead of the page.",
    )
    UNSUPPORTED_LANGUAGE = (
        422,
        "Unsupported language",
        "The model does not support the language of this article. /v1/model lists the supported "
        "ones. If the language was detected wrongly, name the right one: in the query parameter "
        "`language`, or in /language of a JSON body.",
    )
    LIMIT_EXCEEDED = (
        429,
        "Limit exceeded",
        "The API key or, on a server without keys, the address has used up the limit that `detail` "
        "names. Try again after the number of seconds in the header `Retry-After`; `RateLimit` has "
        "what is left.",
    )
    HEADERS_TOO_LARGE = (
        431,
        "Header fields too large",
        "Send fewer or shorter header fields.",
    )
    INTERNAL_ERROR = (
        500,
        "Internal error",
        "The service is at fault. Its logs have the details under the `request_id`.",
    )
    UNSUPPORTED_TRANSFER_CODING = (
        501,
        "Unsupported transfer coding",
        "Use no transfer coding other than `chunked`.",
    )
    BROKEN_OFF = (
        503,
        "Broken off",
        "The server stopped before the end of the request. Of a stream, `detail` has the number of "
        "answered lines. Send the rest again.",
    )
    NOT_READY = (
        503,
        "Not ready",
        "The model is still loading, or the server is stopping. Try again in a moment.",
    )
    OVERLOADED = (
        503,
        "Overloaded",
        "The queue is longer than the service can process in time. Try again after the number of "
        "seconds in the header `Retry-After`.",
    )
    MODEL_UNAVAILABLE = (
        503,
        "Model unavailable",
        "The model that the parameter `model` names failed to load; the logs have the reason. The "
        "next request for it tries again.",
    )
    OUT_OF_TIME = (
        504,
        "Out of time",
        "The article was not ready within the server's setting REQUEST_TIMEOUT, or the seconds in "
        "the request's header `X-Request-Timeout`. Work on it has stopped.",
    )

    def __init__(self, status: int, title: str, remedy: str) -> None:
        self.slug = self.name.lower().replace("_", "-")
        self.status = status
        self.title = title
        self.remedy = remedy

    @property
    def type(self) -> str:
        """The URI reference that identifies the problem type."""
        return f"/problems/{self.slug}"


@dataclass(frozen=True)
class BlankProblemType:
    """The type ``about:blank`` of RFC 9457: the status code is the whole explanation.

    Attributes:
        status: HTTP status code.
        title: the phrase of the status.
    """

    status: int
    title: str
    type: str = "about:blank"


CLIENT_CLOSED_REQUEST = BlankProblemType(499, "Client closed request")
"""For logs and metrics only: the client has disconnected before it could receive the response."""
