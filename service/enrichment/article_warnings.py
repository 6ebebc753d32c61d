"""What a reader of an enrichment should know about the article's text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.enrichment.types import Article, ArticleWarning

# NEL is white space; the rest of C1 hardly ever stands in a text on purpose.
_MOJIBAKE = re.compile("[\x80-\x84\x86-\x9f]")


def find_warnings(article: Article) -> Iterator[ArticleWarning]:
    """Oddities that make for a poorer enrichment, at most one of each kind."""
    for section, text in (("title", article.title or ""), ("text", article.text)):
        if found := [match.start() for match in _MOJIBAKE.finditer(text)]:
            yield ArticleWarning(
                "mojibake",
                f"The {section} has {len(found)} C1 control characters, the first at code point "
                f"{found[0]}: most likely UTF-8 or Windows-1252 that was read as Latin-1. "
                "Names and quotation marks beside them may be missed.",
            )
            return
