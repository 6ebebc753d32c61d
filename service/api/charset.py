"""Decodes text in the encoding that its media type, a byte order mark or the page declares."""

from __future__ import annotations

import re

import webencodings

from service.api.problem_types import ProblemType
from service.api.problems import Fault, Problem

_BYTE_ORDER_MARK = "\ufeff"
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16le"), (b"\xfe\xff", "utf-16be"))
_DECLARED = re.compile(
    rb"""(?:<meta[^>]{0,200}?charset|<\?xml[^>]{0,100}?encoding)\s*=\s*["']?\s*([\w:.-]+)""", re.I
)
_DECLARED_WITHIN = 1024


def decode_text(body: bytes, charset: str) -> str:
    """Decode ``body``, without its byte order mark.

    Args:
        body: as it was sent.
        charset: a label of the WHATWG Encoding Standard, in which "ISO-8859-1" means Windows-1252,
            as in browsers.

    Raises:
        Problem: the encoding is unknown, or the body is not valid in it.
    """
    encoding = webencodings.lookup(charset)
    if encoding is None:
        raise Problem(
            ProblemType.UNSUPPORTED_MEDIA_TYPE, "The charset in Content-Type is not a known one."
        )
    try:
        text: str = encoding.codec_info.decode(body, "strict")[0]
    except UnicodeDecodeError as error:
        detail = (
            f"Byte {error.start} (0x{body[error.start]:02X}) has no meaning in {encoding.name}."
        )
        if encoding.name == "utf-8":
            detail += " If the text is in another encoding, name it as charset in Content-Type."
        fault = Fault(detail, "/text")
        raise Problem(ProblemType.INVALID_ARTICLE, fault.detail, [fault]) from None
    return text.removeprefix(_BYTE_ORDER_MARK)


def decode_page(body: bytes, charset: str | None) -> str:
    """Decode the page in ``body``.

    The encoding is that of the first of these, as in browsers: a byte order mark, the media type,
    a declaration in the first 1,024 bytes of the page, UTF-8.

    Args:
        body: as it was sent.
        charset: the label in the media type, if there is one.

    Raises:
        Problem: as :func:`decode_text`.
    """
    for mark, label in _MARKS:
        if body.startswith(mark):
            return decode_text(body, label)
    declared = _DECLARED.search(body[:_DECLARED_WITHIN])
    if charset is None and declared:
        label = declared[1].decode("ascii", "replace")
        # A declaration that is readable as ASCII cannot be in UTF-16, even if it names UTF-16.
        known = webencodings.lookup(label)
        charset = "utf-8" if known is None or known.name.startswith("utf-16") else label
    return decode_text(body, charset or "utf-8")
