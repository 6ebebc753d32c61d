"""Buffers a request until a thread can read it without waiting for a slow client."""

from __future__ import annotations

import re

BUFFER_BYTES = 64 * 1024
"""Bytes of a request that are buffered before a thread reads the rest."""

HEAD_BYTES = 32 * 1024
"""Size limit of the head of a request: the request line and all header fields."""

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_CONTENT_LENGTH = re.compile(rb"\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r?\n", re.IGNORECASE)
_BODY = re.compile(rb"\n(content-length|transfer-encoding|expect)[ \t]*:", re.IGNORECASE)
_INTERACTIVE_BODY = re.compile(
    rb"\n(expect:|transfer-encoding:|content-type:[ \t]*application/x-ndjson)", re.IGNORECASE
)
_REQUEST_LINE = re.compile(rb"[!-~]+ [^\r\n]+ HTTP/1\.[01]\r?\n")
_PROBE = re.compile(rb"(GET|HEAD) /(healthz|readyz|metrics)[ ?]")
_END = b"\r\n\r\n"


class RequestBuffer:
    """The bytes received of one request.

    Args:
        max_body_bytes: A longer body is not buffered: the application rejects it by its length.

    Attributes:
        data: The bytes received.
        complete: Whether ``data`` is the complete request once :meth:`append` returned ``True``.
        head_too_large: Whether the head exceeds :data:`HEAD_BYTES`; no thread must read it.
        probe: Whether this is a complete request for the health or the metrics of the server.
    """

    def __init__(self, max_body_bytes: int) -> None:
        self.data = bytearray()
        self.complete = True
        self.head_too_large = False
        self.probe = False
        self._max_body_bytes = max_body_bytes
        self._required_bytes: int | None = None  # known when the head is complete

    @property
    def head_complete(self) -> bool:
        """Whether all of the head has arrived."""
        return self._required_bytes is not None

    def append(self, piece: bytes) -> bool:
        """Append ``piece`` and return whether the request can be read or rejected.

        Bytes that are not HTTP are ready at once: the parser rejects them. They end like a head, so
        that the parser never waits for more.
        """
        if not self.data:
            piece = piece.lstrip(b"\r\n")  # RFC 9112, 2.2: ignore empty lines before a request
        search_start = max(0, len(self.data) - 3)
        self.data += piece
        if not self.data:
            return False
        if self._required_bytes is not None:
            return len(self.data) >= min(BUFFER_BYTES, self._required_bytes)
        head_end = _HEAD_END.search(self.data, search_start)
        if head_end is not None and head_end.end() <= HEAD_BYTES:
            if head_end[0] != _END:  # a bare LF, which the parser rejects
                self.data += _END
            self._required_bytes = self._count_required_bytes(head_end.end())
            return len(self.data) >= min(BUFFER_BYTES, self._required_bytes)
        if not b"!" <= self.data[:1] <= b"~" or (
            b"\n" in piece and not _REQUEST_LINE.match(self.data)
        ):
            self.data += _END
            return True
        if len(self.data) >= HEAD_BYTES:
            if b"\n" in self.data:
                self.head_too_large = True
            else:
                self.data += _END  # the parser rejects the long request line
            return True
        return False

    def _count_required_bytes(self, head_bytes: int) -> int:
        """Return the bytes to buffer: the head, and the body unless the application controls it."""
        if _INTERACTIVE_BODY.search(self.data, 0, head_bytes):
            self.complete = False
            return head_bytes
        if _PROBE.match(self.data) and not _BODY.search(self.data, 0, head_bytes):
            self.probe = True
        match = _CONTENT_LENGTH.search(self.data, 0, head_bytes)
        body_bytes = int(match[1]) if match else 0
        if body_bytes > self._max_body_bytes:
            return head_bytes
        self.complete = head_bytes + body_bytes <= BUFFER_BYTES
        return head_bytes + body_bytes
