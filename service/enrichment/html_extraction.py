"""Web pages: extraction of the article, without navigation, advertisements and comments."""

from __future__ import annotations

import logging
import re

from lxml.html import HtmlElement
from trafilatura import bare_extraction, load_html

# The warnings of these libraries quote the page.
for _name in ("trafilatura", "htmldate", "courlan", "justext"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)

_TAG = re.compile(r"<[a-zA-Z][^>]*>?")
_SEPARATOR = re.compile(r"[\s/\"']+")
MOST_SEPARATORS = 2000
"""Most separators in one tag; a tag with more is removed. The parser's time grows with the square
of the number of attributes, and such a tag is an embedded picture or an attack."""

_BLOCKS = frozenset({"p", "head", "item", "quote", "code", "row"})
_LINE_BREAK = "\v"
"""Placeholder for a ``br`` until white space is normalized; :data:`_MEANT` drops it from pages."""
_SPACE = re.compile(r"[^\S\v]+")
_AROUND_BREAK = re.compile(r" ?\v[ \v]*")
_REFERENCE = re.compile(r"&#(?:x([0-9a-f]{1,6})|([0-9]{1,7}))(?![0-9a-f]);?", re.IGNORECASE)
# Characters that XML forbids, which make trafilatura fail; and C1 controls, whose references stand
# for characters of Windows-1252 (HTML, 13.2.5.80).
_MEANT: dict[int, str | None] = {
    **dict.fromkeys((*range(9), 11, *range(14, 32), 127, 0xFFFE, 0xFFFF)),
    **{i: bytes([i]).decode("cp1252", "ignore") or None for i in range(0x80, 0xA0)},
}


def extract_article(page: str) -> tuple[str | None, str]:
    """The headline and the text of the article in a page of HTML.

    Paragraphs, headings, list items, quotations and table rows keep their order, separated by
    empty lines. If the text begins with the headline, it is removed from the text. External
    resources are not fetched.

    Args:
        page: a page of HTML; may be malformed.

    Returns:
        The headline, ``None`` when there is none, and the text, empty when no article is found.
    """
    page = _TAG.sub(_bounded, _REFERENCE.sub(_meant, page.translate(_MEANT)))
    tree = load_html(page)
    if tree is None or tree.find("body") is None:
        tree = load_html(f"<html><body>{page}</body></html>")
    if tree is None:
        return None, ""
    title = _headline(tree)
    found = bare_extraction(tree, include_comments=False)
    body = getattr(found, "body", None)
    paragraphs = [] if body is None else _paragraphs(body)
    if title and paragraphs and paragraphs[0].casefold() == title.casefold():
        del paragraphs[0]
    return title, "\n\n".join(paragraphs)


def _bounded(tag: re.Match[str]) -> str:
    few = len(tag[0]) <= MOST_SEPARATORS or len(_SEPARATOR.findall(tag[0])) <= MOST_SEPARATORS
    return tag[0] if few else " "


def _meant(reference: re.Match[str]) -> str:
    code = int(reference[1], 16) if reference[1] else int(reference[2])
    return _MEANT.get(code, reference[0]) or ""


def _headline(tree: HtmlElement) -> str | None:
    """The only ``h1``, else the title in the Open Graph metadata, else ``<title>``."""
    headings = [text for h1 in tree.iter("h1") if (text := _clean(h1.text_content()))]
    if len(headings) == 1:
        return headings[0]
    shared = tree.xpath("//meta[@property='og:title']/@content")
    titles = [title.text_content() for title in tree.iter("title")]
    return next((text for raw in (*shared, *titles) if (text := _clean(raw))), None)


def _paragraphs(body: HtmlElement) -> list[str]:
    found: list[str] = []
    pieces: list[str] = []

    def end() -> None:
        if text := _clean("".join(pieces)):
            found.append(text)
        pieces.clear()

    # Without recursion: a page may nest deeper than Python's stack.
    stack: list[tuple[HtmlElement, bool]] = [(body, False)]
    while stack:
        element, left = stack.pop()
        if left:
            if element.tag in _BLOCKS:
                end()
            pieces.append(element.tail or "")
            continue
        if element.tag in _BLOCKS:
            end()
        elif element.tag == "lb":
            pieces.append(_LINE_BREAK)
        elif element.tag == "cell":
            pieces.append(" ")
        pieces.append(element.text or "")
        stack.append((element, True))
        stack.extend((child, False) for child in reversed(element))
    end()
    return found


def _clean(text: str) -> str:
    """Collapse white space as a browser does."""
    return _AROUND_BREAK.sub("\n", _SPACE.sub(" ", text).strip(" \v"))
