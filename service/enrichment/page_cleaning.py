"""Parts of a web page around its article, told apart by their markup."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from lxml.html import HtmlElement

from service.enrichment.page_metadata import shown_text, squeeze
from service.enrichment.page_phrases import is_consent
from service.enrichment.page_text import is_sentence

_CONSENT_NAME = re.compile(
    r"cookie|consent|gdpr|onetrust|didomi|quantcast|truste|usercentrics|\bcmp\b|sp_message"
    r"|privacy-(?:banner|notice|popup|manager)",
    re.IGNORECASE,
)
_LONGEST_CONSENT = 6000
_ARTICLE_LENGTH = 200
_FEWEST_LINKS = 3
_AROUND = frozenset({"nav", "header", "footer", "form", "aside", "button", "select", "menu"})
_NEVER_TEXT = frozenset({"script", "style", "noscript", "template", "svg", "figcaption"})
_NO_CONTAINERS = frozenset(
    {"html", "head", "body", "h1", "h2", "h3", "h4", "h5", "h6", "a", "label", "title"}
)
_FEWEST_WORDS = 5
_MOST_LINKED = 0.5
_MENU_TAGS = frozenset({"nav", "ul", "ol", "div", "p", "td", "tr", "header", "footer", "section"})
_MENU_LINKED = 0.9
_LONGEST_MENU_LINK = 20
"""Letters and digits of the links of a menu, on average; headlines are longer."""

_MOST_HIDDEN = 200
_HIDDEN = "body/descendant::*[@hidden or contains(translate(@style, ' N', 'n'), 'display:none')]"


_DESCRIPTION = "descendant::script[contains(@type, 'ld+json')][not(contains(., 'ForumPosting'))]"


def remove_surroundings(tree: HtmlElement, linked_headings: Collection[str]) -> list[HtmlElement]:
    """Take hidden elements, consent boxes and other stories out of ``tree``.

    An ``aside`` that has the article becomes a ``div``.

    Args:
        tree: the page.
        linked_headings: texts of headings that link to other stories, squeezed and case-folded.

    Returns:
        The menus that are still in the tree, for :func:`remove_menus`: without them, extraction
        would take what is left for most of the page.
    """
    _remove_hidden(tree)
    for script in tree.xpath(_DESCRIPTION):
        script.drop_tree()  # read already; it may describe another story
    for element in list(tree.iter("div", "section", "aside", "dialog", "form")):
        if element.getparent() is not None and _is_consent_box(element):
            element.drop_tree()
    menus = _menus(tree)
    for menu in menus:
        if menu.tag == "td":
            menu.drop_tree()  # or its row is one paragraph with the article
    _keep_aside(tree)
    _remove_other_stories(tree, linked_headings)
    return [menu for menu in menus if menu.getparent() is not None]


def _remove_hidden(tree: HtmlElement) -> None:
    hidden = tree.xpath(_HIDDEN)[:_MOST_HIDDEN]
    if not hidden:
        return
    known = frozenset(hidden)
    body = tree.find("body")
    everything = _prose(body if body is not None else tree)
    # Some pages hide the article until their scripts have run.
    for element in hidden:
        outermost = known.isdisjoint(element.iterancestors())
        if outermost and _prose(element) <= _MOST_LINKED * everything:
            element.drop_tree()


def remove_menus(menus: Sequence[HtmlElement]) -> frozenset[str]:
    """Take menus out of their tree; their texts as :func:`letters_of`."""
    texts = frozenset(letters_of(menu.text_content()) for menu in menus)
    for menu in menus:
        if menu.getparent() is not None:
            menu.drop_tree()
    return texts


def letters_of(text: str) -> str:
    """The letters and digits of a text, case-folded."""
    return "".join(filter(str.isalnum, text)).casefold()


def _menus(tree: HtmlElement) -> list[HtmlElement]:
    """The outermost elements outside of articles that hold nothing but short links."""
    # For each element: letters and digits, those in links, links; from the leaves up.
    counts: dict[HtmlElement, tuple[int, int, int]] = {}
    elements = [e for e in tree.iter() if isinstance(e.tag, str) and e.tag not in _NEVER_TEXT]
    for element in reversed(elements):
        letters = _letters(element.text)
        linked = links = 0
        for child in element:
            inner = counts.get(child, (0, 0, 0))
            letters += inner[0] + _letters(child.tail)
            linked += inner[1]
            links += inner[2]
        if element.tag == "a":
            linked, links = letters, 1 if letters else 0
        counts[element] = (letters, linked, links)
    found: list[HtmlElement] = []
    inside: set[HtmlElement] = set()
    for element in elements:
        parent = element.getparent()
        if parent in inside or element.tag == "article":
            inside.add(element)
            continue
        letters, linked, links = counts[element]
        if (
            element.tag in _MENU_TAGS
            and links >= (_FEWEST_LINKS if element.tag not in ("nav", "td") else 2)
            and linked >= _MENU_LINKED * letters
            and linked <= _LONGEST_MENU_LINK * links
            and parent is not None
        ):
            found.append(element)
            inside.add(element)
    return found


def _letters(text: str | None) -> int:
    return 0 if not text or text.isspace() else sum(map(str.isalnum, text))


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
    """Remove the articles after the first whole one that head their text with another story.

    The first whole one may be no ``article`` itself.
    """
    articles = []
    for article in list(tree.iter("article")):
        if next(article.iterancestors("article"), None) is None:
            articles.append(article)
        elif squeeze(article.text_content()).casefold() in linked_headings:
            article.drop_tree()
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
    if main is None:
        body = tree.find("body")
        outside = _prose(body if body is not None else tree) - sum(map(_prose, articles))
        for article in articles if outside >= _ARTICLE_LENGTH else ():
            headings = [h for h in article.iter("h1", "h2", "h3") if squeeze(h.text_content())]
            if headings and squeeze(headings[0].text_content()).casefold() in linked_headings:
                article.drop_tree()


def plain_paragraphs(tree: HtmlElement) -> list[str]:
    """Texts outside of navigation and the like that have sentences and are not mostly links.

    They are those of ``p`` elements and of others that hold running text themselves.
    """
    found: list[str] = []
    stack = [tree]
    while stack:
        element = stack.pop()
        if not isinstance(element.tag, str) or element.tag in _AROUND | _NEVER_TEXT:
            continue
        if element.tag == "p" or (element.tag not in _NO_CONTAINERS and _has_own_text(element)):
            text = shown_text(element)
            if is_sentence(text) and not is_consent(text) and not _is_linked(element, text):
                found.append(text)
            continue
        stack.extend(reversed(element))
    return found


def _has_own_text(element: HtmlElement) -> bool:
    texts = (element.text, *(child.tail for child in element))
    return any(text and len(text.split()) >= _FEWEST_WORDS for text in texts)


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
