"""What a web page declares about its article: JSON-LD, Open Graph and ``meta`` elements."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from lxml.etree import iterwalk
from lxml.html import HtmlElement

from service.enrichment.page_date import published_at

_ARTICLE_TYPE = re.compile(r"(?:Article|Posting|Report|Opinion|Review)$|^Article|NewsArticle")
_TAG = re.compile(r"</?[a-zA-Z][^>]*>")
_BREAK = re.compile(r"<(?:/?p|br|/?div|/?li|/?h\d)\b[^>]*>", re.IGNORECASE)
_AROUND_JSON = " \t\r\n/*;"
_MOST_JSON = 2_000_000
"""Code points of JSON-LD that are parsed; longer JSON-LD does not describe an article."""

_MOST = 20
"""Headings, titles and articles of a page that are looked at."""

_DEEPEST = 12
_SITE_TYPES = frozenset({"WebSite", "NewsMediaOrganization"})
_HOME_WORDS = re.compile(
    r"^(?:(?:go|back|return) to |visit )|\b(?:home ?page|home|logo|front ?page)$", re.IGNORECASE
)
_MOST_HOME_LINKS = 10
_LONGEST_NAME = 60
_FEWEST_WORDS = 4
_FEWEST_LOWER = 2
_LONG_WORD = 4

_GLUED = re.compile(
    r"(?<=[a-z]{2}[.!?])(?=[A-Z][a-z])|(?<=\w[.!?])(?=[“\"][A-Z])|(?<=[.!?][”\"])(?=[A-Z][a-z])"
)
"""Where publishers' systems leave out the white space between paragraphs."""

_LINE_BREAK = "\v"
_BETWEEN = {
    "br": _LINE_BREAK,
    **dict.fromkeys(("p", "div", "li", "td", "h1", "h2", "h3", "small", "section"), " "),
}
_NOT_SHOWN = frozenset({"script", "style", "template"})
_LANGUAGE = re.compile(r"\s*([A-Za-z]{2,3})(?:[-_][\w-]*)?\s*\Z")


@dataclass(frozen=True)
class PageMetadata:
    """What a page declares.

    Attributes:
        headings: texts of the ``h1`` elements, and of an ``h2`` that is part of a title.
        shared_titles: ``og:title``, ``twitter:title``.
        document_title: of ``<title>``.
        headlines: JSON-LD ``headline`` of articles.
        site_names: names of the site and its publisher, and of its domain.
        authors: names of the article's authors.
        bodies: JSON-LD ``headline`` and ``articleBody`` of articles that have the latter, with a
            line for each paragraph.
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
    bodies: tuple[tuple[str, str], ...]
    description: str
    language: str | None
    published: str | None


def read_metadata(tree: HtmlElement) -> PageMetadata:
    """Read what the page declares; what is malformed is left out."""
    metas = _metas(tree)
    items = list(_json_ld(tree))
    articles = list(islice(filter(_is_article, items), _MOST))
    titles = _distinct(
        _unescaped(item.text_content()) for item in islice(tree.iter("title"), _MOST)
    )
    shared = _distinct(_unescaped(metas.get(name, "")) for name in ("og:title", "twitter:title"))
    headings = [squeeze(shown_text(h1)) for h1 in islice(tree.iter("h1"), _MOST)]
    whole = " ".join((*titles[:1], *shared)).casefold()
    for h2 in islice(tree.iter("h2"), _MOST):
        text = squeeze(shown_text(h2))
        if len(text.split()) >= _FEWEST_WORDS and text.casefold() in whole:
            headings.append(text)
    own = metas.get("og:url", "") or next(_canonical(tree), "")
    sites = [metas.get(name, "") for name in ("og:site_name", "application-name")]
    sites.append(metas.get("twitter:site", "").removeprefix("@"))
    sites += [name for item in articles for name in _names(item.get("publisher"))]
    sites += [name for item in items if _types(item) & _SITE_TYPES for name in _names(item)]
    sites += [*_domain(own), *_home_links(tree, own)]
    authors = [metas.get(name, "") for name in ("author", "article:author", "parsely-author")]
    authors += [name for item in articles for name in _names(item.get("author"))]
    return PageMetadata(
        headings=_distinct(headings),
        shared_titles=shared,
        document_title=titles[0] if titles else None,
        headlines=_distinct(_text(item.get("headline")) for item in articles),
        site_names=_distinct(filter(_may_be_name, sites)),
        authors=_distinct(name for name in authors if "://" not in name),
        bodies=tuple(
            (_text(item.get("headline")), text)
            for item in articles
            if (text := _paragraphs(item.get("articleBody")))
        ),
        description=metas.get("og:description", "") or metas.get("description", ""),
        language=primary_language(tree.get("lang") or tree.get("xml:lang") or ""),
        published=published_at(tree, metas, articles),
    )


def primary_language(tag: str) -> str | None:
    """The lower-case primary subtag of a BCP 47 language tag; ``None`` if it is malformed."""
    found = _LANGUAGE.match(tag)
    return found[1].lower() if found else None


def squeeze(text: str) -> str:
    """The text in one line, with single spaces and without soft hyphens."""
    return " ".join(text.replace("\xad", "").split())


def shown_text(element: HtmlElement) -> str:
    """The text of an element as a browser shows it: ``br`` starts a line, blocks are apart."""
    pieces: list[str] = []
    for event, item in iterwalk(element, events=("start", "end", "comment", "pi")):
        if event == "start":
            pieces.append(_BETWEEN.get(item.tag, ""))
            pieces.append("" if item.tag in _NOT_SHOWN else item.text or "")
        elif item is not element:
            following = item.getnext()
            apart = item.tag == "span" and not item.tail and getattr(following, "tag", "") == "span"
            pieces.append(" " if apart else _BETWEEN.get(item.tag, ""))
            pieces.append(item.tail or "")
    lines = map(squeeze, "".join(pieces).split(_LINE_BREAK))
    return "\n".join(filter(None, lines))


def _metas(tree: HtmlElement) -> dict[str, str]:
    """Lower-case ``name`` or ``property`` → the first content that is not blank."""
    found: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = (
            (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").strip().lower()
        )
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


def _may_be_name(text: str) -> bool:
    """Whether a text may name a site; some pages state their headline there."""
    lower = [word for word in text.split() if word.islower() and len(word) >= _LONG_WORD]
    return len(text) <= _LONGEST_NAME and len(lower) < _FEWEST_LOWER


def _home_links(tree: HtmlElement, own: str) -> Iterator[str]:
    """Names that links to the site's front page bear: in a logo, in the bar at the top."""
    host = urlsplit(own).netloc if _domain(own) else ""
    root = re.compile(rf"(?:https?:)?//{re.escape(host) if host else '[^/]+'}/?|/")
    links = (link for link in tree.iter("a") if root.fullmatch((link.get("href") or "").strip()))
    for link in islice(links, _MOST_HOME_LINKS):
        names = [shown_text(link), link.get("title") or "", link.get("aria-label") or ""]
        names += [image.get("alt") or "" for image in islice(link.iter("img"), 2)]
        for name in names:
            if len(name) <= _LONGEST_NAME:
                yield _HOME_WORDS.sub("", squeeze(name)).strip(" -–|:,")


def _json_ld(tree: HtmlElement) -> Iterator[Mapping[str, Any]]:
    """Every JSON object in the page's JSON-LD, the outer ones first."""
    for script in tree.iter("script"):
        text = script.text or ""
        if "ld+json" not in (script.get("type") or "").lower() or len(text) > _MOST_JSON:
            continue
        try:
            # Publishers put raw line breaks into strings.
            value = json.loads(_unwrapped(text), strict=False)
        except (ValueError, RecursionError):
            continue
        yield from _objects(value, 0)


def _unwrapped(text: str) -> str:
    """JSON without the comment or CDATA section that hides it from other parsers."""
    text = text.strip(_AROUND_JSON)
    for start, end in (("<![CDATA[", "]]>"), ("<!--", "-->")):
        text = text.removeprefix(start).removesuffix(end)
    return text.strip(_AROUND_JSON)


def _objects(value: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for member in value:
            yield from _objects(member, depth + 1)


def _types(item: Mapping[str, Any]) -> set[str]:
    declared = item.get("@type")
    types = declared if isinstance(declared, list) else [declared]
    return {name for name in types if isinstance(name, str)}


def _is_article(item: Mapping[str, Any]) -> bool:
    return any(map(_ARTICLE_TYPE.search, _types(item)))


def _names(value: Any) -> Iterator[str]:
    """The names in a JSON-LD person or organisation, or a list of them."""
    for item in value if isinstance(value, list) else [value]:
        yield from _distinct([_text(item.get("name") if isinstance(item, dict) else item)])


def _text(value: Any) -> str:
    return _unescaped(_TAG.sub("", html.unescape(value))) if isinstance(value, str) else ""


def _unescaped(text: str) -> str:
    """The text without references, which some publishers escape once more."""
    return squeeze(html.unescape(html.unescape(text)))


def _paragraphs(value: Any) -> str:
    if not isinstance(value, str):
        return ""
    text = _TAG.sub("", _BREAK.sub("\n", html.unescape(value)))
    lines = (text if "\n" in text.strip() else _GLUED.sub("\n", text)).splitlines()
    return "\n".join(filter(None, map(squeeze, lines)))


def _distinct(texts: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, texts)))
