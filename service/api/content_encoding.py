"""Content codings: gzip and zstd, of request bodies and of responses."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import Any, Protocol

from flask import Flask, Request, Response, request

from service.api.problem_types import UNSUPPORTED_MEDIA_TYPE
from service.api.problems import Problem

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ZSTD, GZIP = "zstd", "gzip"
CODINGS = (ZSTD, GZIP)
"""What is read and written, the one we like best first."""

PIECE = 64 * 1024
"""Most bytes that are unpacked at once."""

WINDOW_LOG = 23
"""Of zstd: 8 MiB, the most that RFC 9659 lets a sender of HTTP look back."""

_ALIASES = {"x-gzip": GZIP}
_SMALL = 1024  # bytes of a response that are not worth it
_GZIP_LEVEL, _ZSTD_LEVEL = 4, 3
_GZIP_HEADER = 16 + zlib.MAX_WBITS
_PACKABLE = (
    *("text/", "application/json", "application/problem+json", "application/x-ndjson"),
    "application/openmetrics-text",
)


class DecodingError(Exception):
    """A body is not in the coding that it is said to be in; the message says why."""


class _Unpacker(Protocol):
    """What zstd's and our gzip's have in common: the ways of Python's own decompressors."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Gunzip:
    """One member of a gzip file, in the ways of Python's other decompressors."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(_GZIP_HEADER)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        found = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        self.needs_input = not self._inner.unconsumed_tail and len(found) < max_length
        return found


_UNPACKERS: dict[str, Callable[[], _Unpacker]] = {
    GZIP: _Gunzip,
    ZSTD: lambda: zstd.ZstdDecompressor(
        options={zstd.DecompressionParameter.window_log_max: WINDOW_LOG}
    ),
}

_PACKERS: dict[str, Callable[[], tuple[Any, int]]] = {  # with what ends a block, not the whole
    GZIP: lambda: (zlib.compressobj(_GZIP_LEVEL, wbits=_GZIP_HEADER), zlib.Z_SYNC_FLUSH),
    ZSTD: lambda: (zstd.ZstdCompressor(_ZSTD_LEVEL), zstd.ZstdCompressor.FLUSH_BLOCK),
}


def coding_of(request: Request) -> str | None:
    """The coding of a request's body; ``None`` if it has none.

    Raises:
        Problem: it is none that is read.
    """
    sent = request.headers.get("Content-Encoding", "").strip().lower()
    coding = _ALIASES.get(sent, sent)
    if coding in ("", "identity"):
        return None
    if coding not in CODINGS:
        raise Problem(
            UNSUPPORTED_MEDIA_TYPE,
            f"Content-Encoding {sent} is not read here; send {GZIP}, {ZSTD} or none.",
            headers={"Accept-Encoding": ", ".join(CODINGS)},
        )
    return coding


def unpacked(pieces: Iterable[bytes], coding: str | None) -> Iterator[bytes]:
    """A body without its coding, as it comes, never more than :data:`PIECE` of it at once.

    Args:
        pieces: the body as it was sent; gzip members, or zstd frames, may follow each other.
        coding: one of :data:`CODINGS`, or ``None``.

    Raises:
        DecodingError: the body is in another coding, damaged, or ends too early.
    """
    if coding is None:
        yield from pieces
        return
    unpacker: _Unpacker | None = None
    try:
        for piece in pieces:
            while piece or (unpacker and not unpacker.needs_input):
                unpacker = unpacker or _UNPACKERS[coding]()
                if found := unpacker.decompress(piece, PIECE):
                    yield found
                piece = b""
                if unpacker.eof:
                    piece, unpacker = unpacker.unused_data, None
    except (zlib.error, zstd.ZstdError) as error:
        raise DecodingError(
            f"The body is not what Content-Encoding {coding} means: {error}."
        ) from None
    if unpacker:
        raise DecodingError(f"The body ended inside its {coding}.")


def pack_responses(app: Flask) -> None:
    """Let ``app`` answer in the coding that the caller likes best, if it is one of ours."""
    app.after_request(_pack)


def _pack(response: Response) -> Response:
    if not (response.mimetype or "").startswith(_PACKABLE) or response.direct_passthrough:
        return response
    response.vary.add("Accept-Encoding")
    accepted = request.accept_encodings
    coding = accepted.best_match(CODINGS)
    if coding is None or accepted.quality(coding) < accepted.quality("identity"):
        return response
    if response.is_streamed:
        response.response = _packed_lines(response.response, coding)
    elif len(body := response.get_data()) >= _SMALL:
        packer, _ = _PACKERS[coding]()
        response.set_data(packer.compress(body) + packer.flush())
    else:
        return response
    response.headers["Content-Encoding"] = coding
    return response


def _packed_lines(lines: Any, coding: str) -> Iterator[bytes]:
    """Each line so that it can be unpacked before the next has come."""
    packer, after_each = _PACKERS[coding]()
    with closing(lines):
        for line in lines:
            yield packer.compress(line) + packer.flush(after_each)
    yield packer.flush()
