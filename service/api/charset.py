"""Text in the character encoding that its media type, or the text itself, names."""

from __future__ import annotations

import re
from collections.abc import Iterator

import webencodings
from chardetng_py import detect

from service.api.problem_types import ProblemType
from service.api.problems import Fault, Problem
from service.enrichment.types import ArticleWarning

_BYTE_ORDER_MARK = "\ufeff"
_UTF16LE, _UTF16BE, _WESTERN = (
    webencodings.Encoding(label, webencodings.lookup(label).codec_info)  # type: ignore[union-attr]
    for label in ("utf-16le", "utf-16be", "windows-1252")
)
_MARKS = (
    (b"\xef\xbb\xbf", webencodings.UTF8),
    (b"\xff\xfe", _UTF16LE),
    (b"\xfe\xff", _UTF16BE),
)
_MARKUP = re.compile(
    rb"""(?:<meta[^>]{0,500}?charset|<\?xml[^>]{0,100}?encoding)\s*=\s*["']?\s*([\w:.-]+)"""
    rb"|(<!--)|<(script|style)\b",
    re.IGNORECASE,
)
_DECLARED_WITHIN = 256 * 1024
"""Bytes searched for a declaration. Browsers, too, use one that comes after the first 1,024."""

_PATTERN_WITHIN = 1024
"""Bytes in which the zeros of UTF-16 are looked for."""

_MOST_ZEROS, _FEWEST_ZEROS = 0.02, 0.4

_REPLACEMENT = "\ufffd"
_CODECS = {"utf-16le": "utf-16-le", "utf-16be": "utf-16-be"}
_UTF8_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


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
        detail = f"Content-Type names an unknown charset: {charset!r}."
        raise Problem(ProblemType.UNSUPPORTED_MEDIA_TYPE, detail)
    try:
        text: str = encoding.codec_info.decode(body, "strict")[0]
    except UnicodeDecodeError as error:
        byte = f"byte {error.start} (0x{body[error.start]:02X})"
        detail = f"The text is not in {encoding.name}: {byte} is invalid."
        if encoding.name == "utf-8":
            detail += " Convert it, or name its charset in Content-Type."
        fault = Fault(detail, "/text")
        raise Problem(ProblemType.INVALID_ARTICLE, fault.detail, [fault]) from None
    return text.removeprefix(_BYTE_ORDER_MARK)


def decode_page(body: bytes, charset: str | None) -> tuple[str, tuple[ArticleWarning, ...]]:
    """The page that ``body`` holds, read as browsers read it.

    The encoding is that of a byte order mark, of the media type, or of the page's own declaration,
    whichever is known, in this order. Without any, it is detected. Bytes that are invalid in it
    become U+FFFD.

    Args:
        body: as it was sent.
        charset: the label in the media type, if there is one.

    Returns:
        The page, and a warning ``encoding`` if bytes were replaced.
    """
    encoding = _encoding_of(body, charset)
    text: str = encoding.codec_info.decode(body, "replace")[0]
    text = text.removeprefix(_BYTE_ORDER_MARK)
    replaced = text.count(_REPLACEMENT)
    if replaced and encoding.name.startswith("utf-"):
        replaced -= body.count(_REPLACEMENT.encode(_CODECS.get(encoding.name, "utf-8")))
    if replaced <= 0:
        return text, ()
    sequences = "1 byte sequence" if replaced == 1 else f"{replaced} byte sequences"
    detail = f"U+FFFD replaces {sequences} without meaning in {encoding.name}."
    return text, (ArticleWarning("encoding", detail),)


def _encoding_of(body: bytes, charset: str | None) -> webencodings.Encoding:
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return encoding
    if charset is not None and (known := webencodings.lookup(charset)):
        return known
    if unmarked := _utf16_by_zeros(body[:_PATTERN_WITHIN]):
        return unmarked
    for label in _declared(body[:_DECLARED_WITHIN].lower()):
        if known := webencodings.lookup(label):
            # HTML, 13.2.3.2: a declaration in ASCII is not in UTF-16, whatever it names.
            if known.name.startswith("utf-16"):
                return webencodings.UTF8
            return _WESTERN if known.name == "x-user-defined" else known
    return _detect(body)


def _utf16_by_zeros(start: bytes) -> webencodings.Encoding | None:
    """UTF-16 where every other byte is zero, as it is in markup."""
    half = len(start) // 2
    if not half:
        return None
    even, odd = (start[i::2].count(0) / half for i in (0, 1))
    if odd >= _FEWEST_ZEROS and even <= _MOST_ZEROS:
        return _UTF16LE
    return _UTF16BE if even >= _FEWEST_ZEROS and odd <= _MOST_ZEROS else None


def _declared(head: bytes) -> Iterator[str]:
    """The labels that a page in lower case declares outside of comments, scripts and styles."""
    position = 0
    while found := _MARKUP.search(head, position):
        position = found.end()
        label, comment, raw = found.groups()
        if label:
            yield label.decode("ascii", "replace")
            continue
        # "<!-->" is a whole comment. Everything is inside of what is never closed.
        end = head.find(b"-->", position - 2) if comment else head.find(b"</" + raw, position)
        if end < 0:
            return
        position = end


def _detect(body: bytes) -> webencodings.Encoding:
    """UTF-8 if most of what is not ASCII is UTF-8; otherwise what Firefox would detect."""
    multibyte = len(_UTF8_SEQUENCE.findall(body))
    wrong = body.decode("utf-8", "replace").count(_REPLACEMENT)
    if multibyte >= wrong:
        return webencodings.UTF8
    text = _WESTERN.codec_info.decode(body, "replace")[0]
    # Currency signs and quotation marks alone show no language to detect the encoding by.
    if not any(map(str.isalpha, _NOT_ASCII.findall(text))):
        return _WESTERN
    return webencodings.lookup(detect(body)) or _WESTERN
