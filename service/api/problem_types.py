"""The kinds of problems that there are: one row each, which the documents are made of as well."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ProblemType:
    """A kind of problem.

    Attributes:
        name: the last part of its ``type``.
        status: HTTP status.
        title: what it is, in a few words, the same each time.
        remedy: what a caller can do about it; shown where its ``type`` points to.
    """

    name: str
    status: int
    title: str
    remedy: str

    @property
    def type(self) -> str:
        """The URI reference by which programs tell the kind."""
        return f"/problems/{self.name}" if self.name else "about:blank"


MALFORMED_REQUEST = ProblemType(
    "malformed-request",
    400,
    "Malformed request",
    "Send a complete HTTP/1.1 message. `detail` says what is wrong with it.",
)
TOO_SLOW = ProblemType(
    "too-slow",
    408,
    "Too slow",
    "The request did not come within the time it was given. Send it again, on a better connection.",
)
MALFORMED_JSON = ProblemType(
    "malformed-json",
    400,
    "Malformed JSON",
    "Send one JSON text in UTF-8, without duplicate names, NaN or Infinity.",
)
NOT_FOUND = ProblemType(
    "not-found",
    404,
    "Not found",
    "The paths are listed in /openapi.json and at /docs.",
)
METHOD_NOT_ALLOWED = ProblemType(
    "method-not-allowed",
    405,
    "Method not allowed",
    "The header `Allow` lists the methods that this path has.",
)
OTHER_MODEL = ProblemType(
    "other-model",
    409,
    "Another model is running",
    "The parameter `pin` names the digest of another model than the one that would answer. Leave "
    "it out, or take the digest from /v1/model.",
)
BODY_TOO_LARGE = ProblemType(
    "body-too-large",
    413,
    "Body too large",
    "Send a smaller body, or raise the server's setting MAX_BODY_BYTES.",
)
LINE_TOO_LARGE = ProblemType(
    "line-too-large",
    413,
    "Line too large",
    "Send this article on a shorter line, or raise the server's setting MAX_BODY_BYTES.",
)
URI_TOO_LONG = ProblemType(
    "uri-too-long",
    414,
    "Request line too long",
    "Send the article in the body, not in the address.",
)
UNSUPPORTED_MEDIA_TYPE = ProblemType(
    "unsupported-media-type",
    415,
    "Unsupported media type",
    "Name the type of the body in `Content-Type`; the header `Accept-Post` lists those that are "
    "read. A body may have the `Content-Encoding` gzip or zstd.",
)
EXPECTATION_FAILED = ProblemType(
    "expectation-failed",
    417,
    "Expectation failed",
    "The only `Expect` that is met is `100-continue`.",
)
INVALID_ARTICLE = ProblemType(
    "invalid-article",
    422,
    "Invalid article",
    "Each of `errors` has a JSON Pointer to the member that is wrong, and says what is. With "
    "text/plain the body is the member /text.",
)
INVALID_BATCH = ProblemType(
    "invalid-batch",
    422,
    "Invalid batch",
    "Send an object whose one member, `articles`, is an array of no more articles than the "
    "server's setting MAX_BATCH allows. For more, send application/x-ndjson: a line an article.",
)
INVALID_PARAMETER = ProblemType(
    "invalid-parameter",
    422,
    "Invalid parameter",
    "Each of `errors` names a query parameter, or header field, and says what is wrong with it.",
)
UNSUPPORTED_LANGUAGE = ProblemType(
    "unsupported-language",
    422,
    "Unsupported language",
    "The model was not trained for the language of this article. /v1/model lists those it knows. "
    "Where the language was detected wrongly, name the right one: in the query parameter "
    "`language` with any content type, or in /language of a JSON body.",
)
HEADERS_TOO_LARGE = ProblemType(
    "headers-too-large",
    431,
    "Header fields too large",
    "Send fewer or shorter header fields.",
)
INTERNAL_ERROR = ProblemType(
    "internal-error",
    500,
    "Internal error",
    "The fault is on this side. The logs have more under the `request_id`.",
)
UNSUPPORTED_TRANSFER_CODING = ProblemType(
    "unsupported-transfer-coding",
    501,
    "Unsupported transfer coding",
    "The only transfer coding that is read is `chunked`.",
)
BROKEN_OFF = ProblemType(
    "broken-off",
    503,
    "Broken off",
    "The server had to end before the lines did. `detail` says how many have been answered; send "
    "the rest again.",
)
NOT_READY = ProblemType(
    "not-ready",
    503,
    "Not ready",
    "The model is being loaded. Try again in a moment.",
)
OVERLOADED = ProblemType(
    "overloaded",
    503,
    "Overloaded",
    "More is waiting than can be done in time. Try again after as many seconds as the header "
    "`Retry-After` says.",
)
MODEL_UNAVAILABLE = ProblemType(
    "model-unavailable",
    503,
    "Model unavailable",
    "The model that the parameter `model` names could not be loaded; the logs have why. The next "
    "request for it tries again.",
)
OUT_OF_TIME = ProblemType(
    "out-of-time",
    504,
    "Out of time",
    "The article was not ready within the server's setting REQUEST_TIMEOUT, or the seconds that "
    "the request gave it in the header `X-Request-Timeout`. Work on it has stopped.",
)

KINDS = (
    MALFORMED_REQUEST,
    MALFORMED_JSON,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    TOO_SLOW,
    OTHER_MODEL,
    BODY_TOO_LARGE,
    LINE_TOO_LARGE,
    URI_TOO_LONG,
    UNSUPPORTED_MEDIA_TYPE,
    EXPECTATION_FAILED,
    INVALID_ARTICLE,
    INVALID_BATCH,
    INVALID_PARAMETER,
    UNSUPPORTED_LANGUAGE,
    HEADERS_TOO_LARGE,
    INTERNAL_ERROR,
    UNSUPPORTED_TRANSFER_CODING,
    BROKEN_OFF,
    NOT_READY,
    OVERLOADED,
    MODEL_UNAVAILABLE,
    OUT_OF_TIME,
)
