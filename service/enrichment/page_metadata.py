"""What a web page declares about its article: JSON-LD, Open Graph and ``meta`` elements."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from service.enrichment.publication import parse_published

_ARTICLE_TYPE = re.compile(r"(?:Article|Posting|Report|Opinion|Review)$|^Article|NewsArticle")
_TAG = re.compile(r"</?[a-zA-Z][^>]*>")
_BREAK = re.compile(r"<(?:/?p|br|/?div|/?li|/?h\d)\b[^>]*>", re.IGNORECASE)
_MOST_JSON = 2_000_000
"""Code points of JSON-LD that are parsed; more is no description of an article."""

_MOST = 20
"""Headings, titles and articles of a page that are looked at."""

_DEEPEST = 12
_PUBLISHED_METAS = ("article:published_time", "datepublished", "parsely-pub-date", "date")
_LANGUAGE = re.compile(r"\s*([A-Za-z]{2,3})(?:[-_][\w-]*)?\s*\Z")


@dataclass(frozen=True)
class PageMetadata:
    """What a page declares.

    Attributes:
        headings: texts of the ``h1`` elements.
        shared_titles: ``og:title``, ``twitter:title``.
        document_title: of ``<title>``.
        headlines: JSON-LD ``headline`` of articles.
        site_names: names of the site and its publisher, and of its domain.
        authors: names of the article's authors.
        bodies: JSON-LD ``articleBody`` of articles, with a line for each paragraph.
        description: summary of the article; empty where there is none.
        language: primary subtag of ``<html lang>``.
        published: when the article appeared, in ISO 8601; ``None`` where no metadata state it.
    """

    headings: tuple[str, ...]
    shared_titles: tuple[str, ...]
    document_title: str | None
    headlines: tuple[str, ...]
    site_names: tuple[str, ...]
    authors: tuple[str, ...]
    bodies: tuple[str, ...]
    description: str
    language: str | None
    published: str | None


def read_metadata(tree: HtmlElement) -> PageMetadata:
    """Read what the page declares; what is malformed is left out."""
    metas = _metas(tree)
    articles = list(islice(filter(_is_article, _json_ld(tree)), _MOST))
    titles = _distinct(squeeze(title.text_content()) for title in islice(tree.iter("title"), _MOST))
    headings = _distinct(squeeze(h1.text_content()) for h1 in islice(tree.iter("h1"), _MOST))
    sites = [metas.get(name, "") for name in ("og:site_name", "application-name")]
    sites += [name for item in articles for name in _names(item.get("publisher"))]
    sites += _domain(metas.get("og:url", "") or next(iter(_canonical(tree)), ""))
    authors = [metas.get(name, "") for name in ("author", "article:author", "parsely-author")]
    authors += [name for item in articles for name in _names(item.get("author"))]
    return PageMetadata(
        headings=headings,
        shared_titles=_distinct(metas.get(name, "") for name in ("og:title", "twitter:title")),
        document_title=titles[0] if titles else None,
        headlines=_distinct(_text(item.get("headline")) for item in articles),
        site_names=_distinct(sites),
        authors=_distinct(name for name in authors if "://" not in name),
        bodies=tuple(filter(None, (_paragraphs(item.get("articleBody")) for item in articles))),
        description=metas.get("og:description", "") or metas.get("description", ""),
        language=primary_language(tree.get("lang") or tree.get("{xml}lang") or ""),
        published=_published(metas, articles),
    )


def _published(metas: Mapping[str, str], articles: Iterable[Mapping[str, Any]]) -> str | None:
    """The first date or date-time of publication that the page declares."""
    declared = [metas.get(name, "") for name in _PUBLISHED_METAS]
    declared += [_text(item.get("datePublished")) for item in articles]
    return next(filter(parse_published, declared), None)


def primary_language(tag: str) -> str | None:
    """The lower-case primary subtag of a BCP 47 language tag; ``None`` for what is none."""
    found = _LANGUAGE.match(tag)
    return found[1].lower() if found else None


def squeeze(text: str) -> str:
    """The text in one line, with single spaces and without soft hyphens."""
    return " ".join(text.replace("\xad", "").split())


def _metas(tree: HtmlElement) -> Mapping[str, str]:
    """Lower-case ``name`` or ``property`` → the first content that is not blank."""
    found: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = (meta.get("property") or meta.get("name") or "").strip().lower()
        content = squeeze(meta.get("content") or "")
        if name and content:
            found.setdefault(name, content)
    return found


def _canonical(tree: HtmlElement) -> Iterator[str]:
    for link in tree.iter("link"):
        if (link.get("rel") or "").lower() == "canonical":
            yield link.get("href") or ""


def _domain(url: str) -> list[str]:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return []
    labels = [label for label in host.split(".") if label != "www"]
    return [".".join(labels), *labels[:-1]] if len(labels) > 1 else []


def _json_ld(tree: HtmlElement) -> Iterator[Mapping[str, Any]]:
    """Every JSON object in the page's JSON-LD, the outer ones first."""
    for script in tree.iter("script"):
        text = script.text or ""
        if "ld+json" not in (script.get("type") or "").lower() or len(text) > _MOST_JSON:
            continue
        try:
            # Publishers put raw line breaks into strings.
            value = json.loads(text.strip().strip(";"), strict=False)
        except (ValueError, RecursionError):
            continue
        yield from _objects(value, 0)


def _objects(value: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for member in value:
            yield from _objects(member, depth + 1)


def _is_article(item: Mapping[str, Any]) -> bool:
    declared = item.get("@type")
    types = declared if isinstance(declared, list) else [declared]
    return any(isinstance(name, str) and _ARTICLE_TYPE.search(name) for name in types)


def _names(value: Any) -> Iterator[str]:
    """The names in a JSON-LD person or organisation, or a list of them."""
    for item in value if isinstance(value, list) else [value]:
        yield from _distinct([_text(item.get("name") if isinstance(item, dict) else item)])


def _text(value: Any) -> str:
    return squeeze(html.unescape(_TAG.sub("", value))) if isinstance(value, str) else ""


def _paragraphs(value: Any) -> str:
    if not isinstance(value, str):
        return ""
    lines = _BREAK.sub("\n", html.unescape(value)).splitlines()
    return "\n".join(filter(None, (squeeze(_TAG.sub("", line)) for line in lines)))


def _distinct(texts: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, texts)))
