"""``Content-Language``: a hint at the language of the articles in a request."""

from __future__ import annotations

from flask import Request

from service.enrichment.page_metadata import primary_language

HEADER = {
    "name": "Content-Language",
    "in": "header",
    "schema": {"type": "string", "example": "en"},
    "description": "Language of the body. Evidence where the language is detected: clear text in "
    "another language outweighs it. To override detection, use the query parameter `language`.",
}


def content_language(request: Request) -> tuple[str, ...]:
    """Primary subtags of the header field's language tags; malformed tags are left out."""
    tags = request.headers.get("Content-Language", "").split(",")
    return tuple(dict.fromkeys(code for tag in tags if (code := primary_language(tag))))
