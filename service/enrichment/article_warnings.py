"""Warnings about properties of an article's text that impair its enrichment."""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.enrichment.article import Article
from service.enrichment.types import ArticleWarning

# NEL is white space; the other C1 controls are rarely intended.
_MOJIBAKE = re.compile("[\x80-\x84\x86-\x9f]")


def find_warnings(article: Article) -> Iterator[ArticleWarning]:
    """Return warnings about properties that impair the enrichment, at most one of each kind."""
    for section, text in (("title", article.title or ""), ("text", article.text)):
        if found := [match.start() for match in _MOJIBAKE.finditer(text)]:
            yield ArticleWarning(
                "mojibake",
                f"The {section} has {len(found)} C1 control characters, the first at code point "
                f"{found[0]}: most likely UTF-8 or Windows-1252 that was read as Latin-1. "
                "Names and quotation marks beside them may be missed.",
            )
            return
