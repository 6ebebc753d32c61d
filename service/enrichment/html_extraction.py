"""Web pages: the article in one, without what stands around it."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from lxml.html import HtmlElement
from trafilatura import bare_extraction, load_html

from service.enrichment.page_article import PageArticle
from service.enrichment.page_cleaning import (
    letters_of,
    plain_paragraphs,
    remove_menus,
    remove_surroundings,
    visible_text,
)
from service.enrichment.page_metadata import PageMetadata, read_metadata, squeeze
from service.enrichment.page_phrases import is_consent, is_error, is_pointer, is_prompt
from service.enrichment.page_text import (
    Flaw,
    find_flaw,
    link_texts,
    linked_headings,
    teaser_texts,
    without_stream,
)
from service.enrichment.page_title import choose_title, is_same_headline
from service.enrichment.types import ArticleWarning

# Their warnings quote the page.
for _name in ("trafilatura", "htmldate", "courlan", "justext"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)

_TAG = re.compile(r"<[a-zA-Z][^>]*>?")
_SEPARATOR = re.compile(r"[\s/\"']+")
MOST_SEPARATORS = 2000
"""In one tag. The parser's time grows with the square of a tag's attributes; what is beyond this is
an embedded picture or an attack, and is left out."""

_FAR_SHORTER = 0.5
"""Share of another source's length below which a text is taken for a part of the article."""

_LONG_WORD = 3
_ABOUT = 0.3

_END = 40
"""Code points by which the end of a declared text is looked for in the page."""

_EVERYTHING: Flaw = "all text of the page"
_NO_CONTENT = ("navigation", "consent text", "a prompt", _EVERYTHING)
_LONGEST_MENU = 400
"""Code points of what looks like navigation from which on it is kept, with a warning."""

_SHORT = "The text in the page is far shorter than the articleBody that it declares"

_BLOCKS = frozenset({"p", "head", "item", "quote", "code", "row"})
_LINE_BREAK = "\v"
"""A ``br`` until the white space around it is known; no page can hold one (:data:`_MEANT`)."""
_SPACE = re.compile(r"[^\S\v]+")
_AROUND_BREAK = re.compile(r" ?\v[ \v]*")
_REFERENCE = re.compile(r"&#(?:x([0-9a-f]{1,6})|([0-9]{1,7}))(?![0-9a-f]);?", re.IGNORECASE)
# Characters that no XML holds, at which trafilatura gives up; C1 controls, of which references mean
# Windows-1252 (HTML, 13.2.5.80).
_MEANT: dict[int, str | None] = {
    **dict.fromkeys((*range(9), 11, *range(14, 32), 127, 0xFFFE, 0xFFFF)),
    **{i: bytes([i]).decode("cp1252", "ignore") or None for i in range(0x80, 0xA0)},
}
_ODD = re.compile("[" + "".join(map(chr, _MEANT)) + "]")


def extract_article(page: str) -> PageArticle:
    """The headline and the text of the article in a page of HTML.

    Paragraphs, headings, list items, quotations and rows of tables come in their order with an
    empty line between them. A headline that the text begins with is not repeated in it. Nothing
    that the page refers to is fetched.

    Where the text that stands out looks like navigation, consent text or an index page, or is far
    shorter than the page's own metadata have it, the best of the other sources is taken.

    Args:
        page: a page of HTML, however broken.
    """
    tree = _tree(page)
    if tree is None:
        return PageArticle(None, "", None, None, ())
    metadata = read_metadata(tree)
    titles = [*metadata.shared_titles, metadata.document_title or "", *metadata.headings]
    own = [*titles, *metadata.headlines]
    links = link_texts(tree)
    headings = frozenset(
        heading
        for heading in linked_headings(tree)
        if not any(is_same_headline(heading, title) or heading in title.casefold() for title in own)
    )
    teasers = teaser_texts(tree, headings)
    menus = remove_surroundings(tree, headings)
    visible = visible_text(tree) if metadata.bodies else ""
    body = getattr(bare_extraction(tree, include_comments=False), "body", None)
    menu_texts = remove_menus(menus)
    paragraphs = [] if body is None else _paragraphs(body)
    paragraphs = [
        text for text in paragraphs if not _is_aside(text, links, menu_texts)
    ] or paragraphs
    paragraphs = without_stream(paragraphs, links, headings)
    flaw = _EVERYTHING if _is_everything(body) else find_flaw(paragraphs, links, teasers)
    if is_error(paragraphs, own):
        flaw = "an error page"
    known = letters_of(" ".join((*titles, *paragraphs)))
    bodies = [text.split("\n") for headline, text in metadata.bodies if _belongs(headline, known)]
    declared = _Declared(max(bodies, key=_length, default=[]), visible)
    source = _best_source(paragraphs, flaw, plain_paragraphs(tree), declared, teasers)
    title = choose_title(metadata, "\n".join(source.paragraphs))
    return _article(metadata, title, source, find_flaw(source.paragraphs, links))


def _tree(page: str) -> HtmlElement | None:
    page = _ODD.sub(lambda found: _MEANT[ord(found[0])] or "", page)
    page = _TAG.sub(_bounded, _REFERENCE.sub(_meant, page))
    tree = load_html(page)
    if tree is None or tree.find("body") is None:
        tree = load_html(f"<html><body>{page}</body></html>")
    return tree


def _article(
    metadata: PageMetadata, title: str | None, source: _Source, flaw: Flaw | None
) -> PageArticle:
    """The article, without its headline in the text; the headline where there is no text."""
    paragraphs, warning = list(source.paragraphs), source.warning
    while title and paragraphs and _repeats(title, paragraphs[0], metadata.headings):
        del paragraphs[0]
    useless = (source.flaw or flaw) in _NO_CONTENT and _length(paragraphs) <= _LONGEST_MENU
    if title and (not paragraphs or useless):
        warning = "No text of the page looks like an article; its headline is read instead."
        paragraphs = [metadata.description or title]
        title = title if metadata.description else None
    notices = (ArticleWarning("extraction", warning),) if warning and paragraphs else ()
    text = "\n\n".join(paragraphs)
    return PageArticle(title, text, metadata.language, metadata.published, notices)


def _belongs(headline: str, known: str) -> bool:
    """Whether a page with the letters ``known`` is about what a headline is about."""
    words = [word for word in map(letters_of, headline.split()) if len(word) > _LONG_WORD]
    return not words or sum(word[:5] in known for word in words) > _ABOUT * len(words)


def _is_aside(paragraph: str, links: Collection[str], menus: Collection[str]) -> bool:
    if letters_of(paragraph) in menus:
        return True
    return is_consent(paragraph) or is_prompt(paragraph) or is_pointer(paragraph, links)


def _is_everything(body: HtmlElement | None) -> bool:
    """Whether this is the last resort of extraction: all text of a page in one paragraph."""
    return body is not None and len(body) == 1 and not len(body[0]) and "\n" in (body[0].text or "")


class _Declared(NamedTuple):
    """The paragraphs of ``articleBody``, and all text that the page shows, in one line."""

    paragraphs: Sequence[str]
    visible: str

    @property
    def is_hidden(self) -> bool:
        """Whether the page does not show how the declared text ends."""
        return bool(self.paragraphs) and self.paragraphs[-1][:_END] not in self.visible


class _Source(NamedTuple):
    """Paragraphs, a warning about them or those they replace, and their flaw if none do better."""

    paragraphs: Sequence[str]
    warning: str | None = None
    flaw: Flaw | None = None


def _best_source(
    paragraphs: Sequence[str],
    flaw: Flaw | None,
    plain: Sequence[str],
    declared: _Declared,
    teasers: Collection[str],
) -> _Source:
    """The best of three sources of the article.

    Args:
        paragraphs: what extraction finds.
        flaw: what they look like instead of an article.
        plain: the paragraphs of the page that hold running text.
        declared: ``articleBody`` of the metadata.
        teasers: as :func:`teaser_texts`.
    """
    length, whole = _length(paragraphs), _length(declared.paragraphs)
    if flaw is None and (not whole or length >= _FAR_SHORTER * whole):
        if declared.is_hidden and length > _FAR_SHORTER * whole > _length(plain):
            return _Source(declared.paragraphs, f"{_SHORT}; the articleBody is read instead.")
        return _Source(paragraphs)
    reason = f"The text found looks like {flaw}" if flaw else _SHORT
    if whole > _length(plain):
        return _Source(declared.paragraphs, f"{reason}; the articleBody is read instead.")
    # Long lists of results or ingredients look like navigation, too.
    enough = flaw != "navigation" or _FAR_SHORTER * length <= _length(plain) <= _LONGEST_MENU
    if plain and enough and find_flaw(plain, (), teasers) is None:
        return _Source(plain, f"{reason}; the page's paragraphs are read instead.")
    return _Source(paragraphs, f"{reason}.", flaw)


def _length(paragraphs: Sequence[str]) -> int:
    return sum(map(len, paragraphs))


def _repeats(title: str, paragraph: str, headings: Sequence[str]) -> bool:
    known = {squeeze(text).casefold() for text in (title, *headings)}
    return squeeze(paragraph).casefold() in known


def _bounded(tag: re.Match[str]) -> str:
    few = len(tag[0]) <= MOST_SEPARATORS or len(_SEPARATOR.findall(tag[0])) <= MOST_SEPARATORS
    return tag[0] if few else " "


def _meant(reference: re.Match[str]) -> str:
    code = int(reference[1], 16) if reference[1] else int(reference[2])
    return _MEANT.get(code, reference[0]) or ""


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
    """White space as a browser shows it, without soft hyphens."""
    text = text.replace("\xad", "")
    return _AROUND_BREAK.sub("\n", _SPACE.sub(" ", text).strip(" \v"))
