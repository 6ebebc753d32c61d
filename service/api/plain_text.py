"""Plain text in the character encoding that its media type names."""

from __future__ import annotations

import webencodings

from service.api.kinds import INVALID_ARTICLE, UNSUPPORTED_MEDIA_TYPE
from service.api.problems import Fault, Problem

_BYTE_ORDER_MARK = "\ufeff"


def decode_text(body: bytes, charset: str) -> str:
    """The text that ``body`` holds, without a byte order mark in front.

    Args:
        body: as it was sent.
        charset: a label of the WHATWG Encoding Standard, so that "ISO-8859-1" means Windows-1252,
            as it does to browsers and to whoever writes it.

    Raises:
        Problem: there is no such encoding, or the body is not in it.
    """
    encoding = webencodings.lookup(charset)
    if encoding is None:
        raise Problem(UNSUPPORTED_MEDIA_TYPE, "The charset in Content-Type is not a known one.")
    try:
        text: str = encoding.codec_info.decode(body, "strict")[0]
    except UnicodeDecodeError as error:
        detail = (
            f"Byte {error.start} (0x{body[error.start]:02X}) has no meaning in {encoding.name}."
        )
        if encoding.name == "utf-8":
            detail += " If the text is in another encoding, name it as charset in Content-Type."
        fault = Fault(detail, "/text")
        raise Problem(INVALID_ARTICLE, fault.detail, [fault]) from None
    return text.removeprefix(_BYTE_ORDER_MARK)
