"""Checks of a request's head that gunicorn does not make."""

from __future__ import annotations

import re
from typing import Any

from gunicorn.http.errors import ParseException, UnsupportedTransferCoding

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]+)(:[0-9]{0,5})?")


class InvalidHost(ParseException):  # type: ignore[misc]
    """The header field ``Host`` is missing, repeated or malformed."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    def __str__(self) -> str:
        return self.detail


def check_head(request: Any) -> None:
    """Reject what RFC 9112 requires to reject, and keep the path as it was sent.

    gunicorn drops the first slash of a path that begins with two, which leads around the rules of a
    proxy for a path.

    Raises:
        InvalidHost: RFC 9112, 3.2.
        UnsupportedTransferCoding: a coding other than ``chunked``; RFC 9112, 6.1.
    """
    hosts = [value for name, value in request.headers if name == "HOST"]
    if len(hosts) > 1:
        raise InvalidHost("The request has more than one Host header field")
    if not hosts and request.version >= (1, 1):
        raise InvalidHost("The request has no Host header field")
    if hosts and not _HOST.fullmatch(hosts[0]):
        raise InvalidHost("The Host header field is invalid")
    for name, value in request.headers:
        if name == "TRANSFER-ENCODING" and value.strip(" \t").lower() != "chunked":
            raise UnsupportedTransferCoding(value)
    if request.uri.startswith("//"):
        request.path = request.uri.partition("?")[0]
