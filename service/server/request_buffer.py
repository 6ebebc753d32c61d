"""Buffers a request until a thread can read it without waiting for a slow client."""

from __future__ import annotations

import re

BUFFER_BYTES = 64 * 1024
"""Bytes of a request that are buffered before a thread reads the rest."""

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_CONTENT_LENGTH = re.compile(rb"\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r?\n", re.IGNORECASE)
_INTERACTIVE_BODY = re.compile(
    rb"\n(expect:|transfer-encoding:|content-type:[ \t]*application/x-ndjson)", re.IGNORECASE
)
_REQUEST_LINE = re.compile(rb"[!-~]+ [^\r\n]+ HTTP/1\.[01]\r?\n")


class RequestBuffer:
    """The bytes received of one request.

    Args:
        max_body_bytes: A longer body is not buffered: the application rejects it by its length.

    Attributes:
        data: The bytes received.
        complete: Whether ``data`` is the complete request once :meth:`append` returned ``True``.
    """

    def __init__(self, max_body_bytes: int) -> None:
        self.data = bytearray()
        self.complete = True
        self._max_body_bytes = max_body_bytes
        self._required_bytes: int | None = None  # known when the head is complete

    def append(self, piece: bytes) -> bool:
        """Append ``piece`` and return whether a thread can start to read the request.

        Bytes that are not HTTP are ready at once: the parser rejects them.
        """
        if not self.data:
            piece = piece.lstrip(b"\r\n")  # RFC 9112, 2.2: ignore empty lines before a request
        search_start = max(0, len(self.data) - 3)
        self.data += piece
        if not self.data:
            return False
        if self._required_bytes is None:
            head_end = _HEAD_END.search(self.data, search_start)
            if head_end is not None:
                self._required_bytes = self._count_required_bytes(head_end.end())
            elif not b"!" <= self.data[:1] <= b"~":
                self.data += b"\r\n\r\n"  # TLS, for example: the parser waits for the end of a line
                return True
            elif b"\n" in piece and not _REQUEST_LINE.match(self.data):
                return True
        required = BUFFER_BYTES if self._required_bytes is None else self._required_bytes
        return len(self.data) >= min(BUFFER_BYTES, required)

    def _count_required_bytes(self, head_bytes: int) -> int:
        """Return the bytes to buffer: the head, and the body unless the application controls it."""
        if _INTERACTIVE_BODY.search(self.data, 0, head_bytes):
            self.complete = False
            return head_bytes
        match = _CONTENT_LENGTH.search(self.data, 0, head_bytes)
        body_bytes = int(match[1]) if match else 0
        if body_bytes > self._max_body_bytes:
            return head_bytes
        self.complete = head_bytes + body_bytes <= BUFFER_BYTES
        return head_bytes + body_bytes
