"""The result of :mod:`service.enrichment.html_extraction`, without the libraries that it needs."""

from __future__ import annotations

from dataclasses import dataclass

from service.enrichment.types import ArticleWarning


@dataclass(frozen=True)
class PageArticle:
    """The article in a web page.

    Attributes:
        title: its headline; ``None`` when there is none.
        text: its text, empty when no article is found.
        language: of the page, as it declares it; a primary subtag.
        published: when it appeared, as the page's metadata state it, in ISO 8601.
        warnings: what is wrong with the text, of the code ``extraction``.
    """

    title: str | None
    text: str
    language: str | None
    published: str | None
    warnings: tuple[ArticleWarning, ...]
