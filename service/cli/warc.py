"""WARC and WET files: the pages of web archives, and the text extracted from them."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

import click

from service.cli.columns import Columns, Document

_PAGE_TYPES = ("text/html", "application/xhtml+xml")
_SENDABLE = re.compile(r"[\x20-\x7e]+")  # as the value of a header field


class Located(NamedTuple):
    """An article, and where its record is.

    Attributes:
        offset: bytes of the file before the record.
        number: of the record in the file, from 1 on.
        document: the article.
    """

    offset: int
    number: int
    document: Document


def read_warc(stream: BinaryIO, source: str, columns: Columns) -> Iterator[Document]:
    """Read the pages of a WARC file, or the texts of a WET file.

    Args:
        stream: a binary file, compressed record by record or not at all.
        source: the file.
        columns: only ``carried``, the names of WARC headers, matters.

    Raises:
        click.UsageError: warcio is not installed.
    """
    for located in locate_pages(stream, source, columns):
        yield located.document


def locate_pages(
    stream: BinaryIO, source: str, columns: Columns, first_record: int = 1
) -> Iterator[Located]:
    """Like :func:`read_warc`, from the stream's position on.

    Args:
        stream: as above, at the beginning of a record.
        source: the file.
        columns: as above.
        first_record: number of the record at the stream's position.
    """
    try:
        from warcio.archiveiterator import ArchiveIterator
        from warcio.exceptions import ArchiveLoadFailed
        from warcio.statusandheaders import StatusAndHeadersParserException
    except ImportError:
        raise click.UsageError(
            f"{source}: reading WARC requires warcio, which is not installed: pip install warcio"
        ) from None
    records = ArchiveIterator(stream)
    offset, number = records.offset, first_record - 1
    try:
        for record in records:
            offset, number = records.offset, number + 1
            media_type = _article_type(record)
            if media_type is not None:
                document = _document(record, f"{source}:{number}", media_type, columns)
                yield Located(offset, number, document)
    except (ArchiveLoadFailed, StatusAndHeadersParserException, ValueError, zlib.error) as error:
        reason = " ".join(str(error).split()).rstrip(".")
        where = f"{source}:{number + 1}"
        yield Located(offset, number + 1, Document(where, read_error=f"Invalid WARC: {reason}."))


def _article_type(record: Any) -> str | None:
    """The media type of a record that holds an article; ``None`` for all other records."""
    if record.rec_type == "conversion":
        declared = record.rec_headers.get_header("Content-Type") or ""
        return "text/plain" if _essence(declared) == "text/plain" else None
    if record.rec_type == "response" and record.http_headers is not None:
        if record.http_headers.get_statuscode() != "200":
            return None
        declared = record.http_headers.get_header("Content-Type") or ""
    elif record.rec_type == "resource":
        declared = record.rec_headers.get_header("Content-Type") or ""
    else:
        return None
    if _essence(declared) not in _PAGE_TYPES:
        return None
    return declared if _SENDABLE.fullmatch(declared) else _essence(declared)


def _essence(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def _document(record: Any, source: str, media_type: str, columns: Columns) -> Document:
    body = record.content_stream().read()
    header = record.rec_headers.get_header
    carried = {name: header(name) for name in columns.carried}
    return Document(
        source, body, media_type, len(body), id=header("WARC-Target-URI"), carried=carried
    )
