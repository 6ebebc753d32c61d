"""Parts of a web page around its article, told apart by their markup."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import islice

from lxml.html import HtmlElement

from service.enrichment.page_metadata import squeeze
from service.enrichment.page_text import is_consent, is_sentence

_CONSENT_NAME = re.compile(
    r"cookie|consent|gdpr|onetrust|didomi|quantcast|truste|usercentrics|\bcmp\b|sp_message"
    r"|privacy-(?:banner|notice|popup|manager)",
    re.IGNORECASE,
)
_LONGEST_CONSENT = 6000
_ARTICLE_LENGTH = 200
_FEWEST_LINKS, _MOST_MENUS = 3, 100
_AROUND = frozenset({"nav", "header", "footer", "form", "aside", "button", "select", "menu"})
_NEVER_TEXT = frozenset({"script", "style", "noscript", "template", "svg", "figcaption"})
_MOST_LINKED = 0.5


def remove_surroundings(tree: HtmlElement, linked_headings: Collection[str]) -> None:
    """Take consent boxes and other stories out of ``tree``.

    An ``aside`` that has the article becomes a ``div``.

    Args:
        tree: the page.
        linked_headings: texts of headings that link to other stories, squeezed and case-folded.
    """
    for element in list(tree.iter("div", "section", "aside", "dialog", "form")):
        if element.getparent() is not None and _is_consent_box(element):
            element.drop_tree()
    _keep_aside(tree)
    _remove_other_stories(tree, linked_headings)


def menu_texts(tree: HtmlElement) -> list[str]:
    """Texts of lists of links, squeezed; no more than :data:`_MOST_MENUS`."""
    found = []
    for element in islice(tree.iter("nav", "ul", "header"), _MOST_MENUS):
        links = [text for a in element.iter("a") if (text := squeeze(a.text_content()))]
        text = squeeze(element.text_content())
        if len(links) >= _FEWEST_LINKS and len("".join(links)) > 0.7 * len(text):
            found.append(text)
    return found


def visible_text(tree: HtmlElement) -> str:
    """All text that a browser shows, in one line."""
    texts = tree.xpath("//body//text()[not(parent::script or parent::style or parent::template)]")
    return squeeze(" ".join(texts))


def _keep_aside(tree: HtmlElement) -> None:
    asides = [(_prose(aside), aside) for aside in tree.iter("aside")]
    if not asides:
        return
    longest, article = max(asides, key=lambda pair: pair[0])
    inside = sum(length for length, _ in asides)
    body = tree.find("body")
    elsewhere = _prose(body if body is not None else tree) - inside
    if longest >= _ARTICLE_LENGTH and longest > 2 * elsewhere:
        article.tag = "div"


def _remove_other_stories(tree: HtmlElement, linked_headings: Collection[str]) -> None:
    """Remove the articles after the first whole one that head their text with another story."""
    articles = [a for a in tree.iter("article") if next(a.iterancestors("article"), None) is None]
    if len(articles) < 2:
        return
    main: HtmlElement | None = None
    for article in articles:
        headings = [h for h in article.iter("h1", "h2", "h3") if squeeze(h.text_content())]
        heading = squeeze(headings[0].text_content()).casefold() if headings else ""
        if main is None:
            whole = _prose(article) >= _ARTICLE_LENGTH and heading not in linked_headings
            main = article if whole else None
        elif heading in linked_headings or (
            headings and headings[0].tag == "h1" and main.find(".//h1") is not None
        ):
            article.drop_tree()


def plain_paragraphs(tree: HtmlElement) -> list[str]:
    """Texts of the ``p`` elements outside of navigation and the like that are not mostly links."""
    found: list[str] = []
    stack = [tree]
    while stack:
        element = stack.pop()
        if not isinstance(element.tag, str) or element.tag in _AROUND | _NEVER_TEXT:
            continue
        if element.tag == "p":
            text = squeeze(element.text_content())
            if is_sentence(text) and not is_consent(text) and not _is_linked(element, text):
                found.append(text)
            continue
        stack.extend(reversed(element))
    return found


def _is_consent_box(element: HtmlElement) -> bool:
    names = f"{element.get('id') or ''} {element.get('class') or ''}"
    named = bool(_CONSENT_NAME.search(names)) or element.tag == "dialog"
    if not named or element.find(".//article") is not None or element.find(".//h1") is not None:
        return False
    text = element.text_content()
    return len(text) <= _LONGEST_CONSENT and is_consent(squeeze(text))


def _prose(element: HtmlElement) -> int:
    """Length of the paragraphs in ``element`` that have sentences and are not mostly links."""
    length = 0
    for paragraph in element.iter("p"):
        text = squeeze(paragraph.text_content())
        if is_sentence(text) and not is_consent(text) and not _is_linked(paragraph, text):
            length += len(text)
    return length


def _is_linked(element: HtmlElement, text: str) -> bool:
    linked = sum(len(squeeze(link.text_content())) for link in element.iter("a"))
    return linked > _MOST_LINKED * len(text)
