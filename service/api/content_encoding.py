"""Content codings of request and response bodies: gzip and zstd."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import Any, Protocol

from flask import Flask, Request, Response, request

from service.api.errors import DecodingError
from service.api.problem_types import ProblemType
from service.api.problems import Problem
from service.execution.zstd import zstd

ZSTD, GZIP = "zstd", "gzip"
CODINGS = (ZSTD, GZIP)
"""The supported codings, the preferred one first."""

PIECE_BYTES = 64 * 1024
"""Most bytes that are decoded at once."""

MOST_SMALL_FRAMES = 1000
"""Most zstd frames, or gzip members, of a body, plus one for every 16 decoded bytes."""

_BYTES_PER_FRAME = 16
_SLICE_BYTES = 4096

WINDOW_LOG = 23
"""Of zstd: windows of 8 MiB, the maximum of RFC 9659."""

_ALIASES = {"x-gzip": GZIP}
_MIN_BYTES = 1024  # smaller responses are not worth the time
_GZIP_LEVEL, _ZSTD_LEVEL = 4, 3
_GZIP_WINDOW_BITS = 16 + zlib.MAX_WBITS
_COMPRESSIBLE = (
    *("text/", "application/json", "application/problem+json", "application/x-ndjson"),
    "application/openmetrics-text",
)


class _Decompressor(Protocol):
    """The interface of Python's decompressors, except zlib's."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _GzipDecompressor:
    """Decompresses one member of a gzip file; adapts zlib to :class:`_Decompressor`."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(_GZIP_WINDOW_BITS)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        decoded = self._zlib.decompress(self._zlib.unconsumed_tail + data, max_length)
        self.needs_input = not self._zlib.unconsumed_tail and len(decoded) < max_length
        return decoded


_DECOMPRESSORS: dict[str, Callable[[], _Decompressor]] = {
    GZIP: _GzipDecompressor,
    ZSTD: lambda: zstd.ZstdDecompressor(
        options={zstd.DecompressionParameter.window_log_max: WINDOW_LOG}
    ),
}

# Each compressor with the flush mode that makes all input so far decodable.
_COMPRESSORS: dict[str, Callable[[], tuple[Any, int]]] = {
    GZIP: lambda: (zlib.compressobj(_GZIP_LEVEL, wbits=_GZIP_WINDOW_BITS), zlib.Z_SYNC_FLUSH),
    ZSTD: lambda: (zstd.ZstdCompressor(_ZSTD_LEVEL), zstd.ZstdCompressor.FLUSH_BLOCK),
}


def request_coding(request: Request) -> str | None:
    """The coding of a request's body, one of :data:`CODINGS`; ``None`` for none.

    Raises:
        Problem: the coding is not supported.
    """
    sent = request.headers.get("Content-Encoding", "").strip().lower()
    coding = _ALIASES.get(sent, sent)
    if coding in ("", "identity"):
        return None
    if coding not in CODINGS:
        raise Problem(
            ProblemType.UNSUPPORTED_MEDIA_TYPE,
            f"Content-Encoding {sent} is not supported; send {GZIP}, {ZSTD} or none.",
            headers={"Accept-Encoding": ", ".join(CODINGS)},
        )
    return coding


def decode(pieces: Iterable[bytes], coding: str | None) -> Iterator[bytes]:
    """Remove the coding of a body piece by piece.

    Args:
        pieces: the body as sent; it may consist of several gzip members or zstd frames.
        coding: one of :data:`CODINGS`, or ``None``.

    Yields:
        At most :data:`PIECE_BYTES` of decoded bytes at a time; without a coding, the pieces.

    Raises:
        DecodingError: the body has too many frames for its size, or another coding, or is damaged
            or truncated.
    """
    if coding is None:
        yield from pieces
        return
    decompressor: _Decompressor | None = None
    frames = size = 0
    try:
        for piece in _slices(pieces):
            while piece or (decompressor and not decompressor.needs_input):
                if decompressor is None:
                    frames += 1
                    if frames > MOST_SMALL_FRAMES + size // _BYTES_PER_FRAME:
                        raise DecodingError(
                            f"The body has more than {MOST_SMALL_FRAMES} {coding} frames that "
                            "decode to next to nothing, the maximum."
                        )
                    decompressor = _DECOMPRESSORS[coding]()
                if decoded := decompressor.decompress(piece, PIECE_BYTES):
                    size += len(decoded)
                    yield decoded
                piece = b""
                if decompressor.eof:
                    piece, decompressor = decompressor.unused_data, None
    except (zlib.error, zstd.ZstdError) as error:
        raise DecodingError(f"The body is not valid {coding}: {error}.") from None
    if decompressor:
        raise DecodingError(f"The body ended inside its {coding}.")


def _slices(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces in slices so short that copying the rest of one for each frame costs little."""
    for piece in pieces:
        for begin in range(0, len(piece), _SLICE_BYTES):
            yield piece[begin : begin + _SLICE_BYTES]


def compress_responses(app: Flask) -> None:
    """Make ``app`` compress responses with the coding that the client prefers."""
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if not (response.mimetype or "").startswith(_COMPRESSIBLE) or response.direct_passthrough:
        return response
    response.vary.add("Accept-Encoding")
    accepted = request.accept_encodings
    coding = accepted.best_match(CODINGS)
    if coding is None or accepted.quality(coding) < accepted.quality("identity"):
        return response
    if response.is_streamed:
        response.response = _compress_lines(response.response, coding)
    elif len(body := response.get_data()) >= _MIN_BYTES:
        compressor, _ = _COMPRESSORS[coding]()
        response.set_data(compressor.compress(body) + compressor.flush())
    else:
        return response
    response.headers["Content-Encoding"] = coding
    return response


def _compress_lines(lines: Any, coding: str) -> Iterator[bytes]:
    """Compress a stream so that each line can be decoded before the next one arrives."""
    compressor, flush_block = _COMPRESSORS[coding]()
    with closing(lines):
        for line in lines:
            yield compressor.compress(line) + compressor.flush(flush_block)
    yield compressor.flush()
