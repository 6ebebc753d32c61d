"""Whether extracted text is an article, and where it ends."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import accumulate, islice
from typing import Literal

from lxml.html import HtmlElement

from service.enrichment.page_metadata import squeeze
from service.enrichment.page_phrases import is_consent, is_prompt

Flaw = Literal[
    "navigation",
    "consent text",
    "a prompt",
    "an index page",
    "an error page",
    "all text of the page",
]

_SENTENCE = re.compile(
    r"[^\W\d_][.!?…][\"'”’»)\]]*(?:\s|$)|[.!?…][\"'”’»)\]]+(?:\s|$)|\d[.!?](?:\s|$)"
)
_FEWEST_WORDS = 5
_MOSTLY = 0.5
_STREAM_HEADING = re.compile(
    r"^(?:related|read (?:more|next|also)|more (?:from|on|stories|news|in)|most (?:read|popular)"
    r"|(?:you )?(?:may|might) also like|recommended|trending|also (?:in|on|read)|up next"
    r"|(?:top|other|latest|further|more) (?:stories|news|headlines)|in other news|don't miss"
    r"|editor'?s'? picks?|popular (?:now|stories)|sponsored)\b",
    re.IGNORECASE,
)
_LONGEST_STREAM_HEADING = 60
_SHORTEST_LINK = 3
_NEAREST = 3
_LEAST_BEFORE_STREAM = 0.25
"""Share of the text that comes before other stories where there is an article at all."""

_TEASER = 3
"""Most paragraphs of a story in a stream: its heading, a summary, a date."""

_LONGEST_TEASER = 240
"""Code points of such a summary, on average; half where summaries are most of the text."""

_TEASERS = 2
"""Most paragraphs below a heading that belong to the story it links to."""

_HEADINGS = ("h2", "h3", "h4", "h5")


def find_flaw(
    paragraphs: Sequence[str], links: Collection[str], teasers: Collection[str] = ()
) -> Flaw | None:
    """What the paragraphs are instead of an article; ``None`` if they look like one.

    Args:
        paragraphs: of the text.
        links: texts of the page's links, squeezed and case-folded.
        teasers: texts of paragraphs that introduce other stories, squeezed and case-folded.
    """
    length = sum(map(len, paragraphs))
    if not length:
        return None
    if sum(len(p) for p in paragraphs if is_consent(p)) > _MOSTLY * length:
        return "consent text"
    if all(map(is_prompt, paragraphs)):
        return "a prompt"
    keys = [squeeze(p).casefold() for p in paragraphs]
    inside = [key for key in keys if key in links or key in teasers]
    enough = len(inside) > 2 or len(keys) - len(inside) <= len(inside) // 2
    if enough and sum(map(len, inside)) > _MOSTLY * length:
        return "an index page"
    if sum(len(p) for p in paragraphs if is_sentence(p)) < _MOSTLY * length:
        return "navigation"
    return None


def is_sentence(paragraph: str) -> bool:
    """Whether a paragraph has a sentence, in any script."""
    if re.search(r"[。！？؟।]", paragraph):
        return True
    if _SENTENCE.search(paragraph):
        return len(paragraph.split()) >= _FEWEST_WORDS
    # Captions and list items have no full stop, menus no lower-case words to speak of.
    lower = [word for word in paragraph.split() if word[0].islower()]
    return len(lower) >= 2 * _FEWEST_WORDS


def link_texts(tree: HtmlElement) -> frozenset[str]:
    """Texts of the links of a page, squeezed and case-folded."""
    return frozenset(
        text for link in tree.iter("a") if (text := squeeze(link.text_content()).casefold())
    )


def linked_headings(tree: HtmlElement) -> frozenset[str]:
    """Texts of headings below ``h1`` that are links to other stories, squeezed and case-folded."""
    found = set()
    for heading in tree.iter(*_HEADINGS):
        text = squeeze(heading.text_content()).casefold()
        if len(text.split()) < _SHORTEST_LINK:
            continue
        inner = " ".join(squeeze(a.text_content()) for a in heading.iter("a") if _leaves(a))
        around = islice(heading.iterancestors(), _NEAREST)
        outer = any(parent.tag == "a" and _leaves(parent) for parent in around)
        if len(inner) > 0.8 * len(text) or outer:
            found.add(text)
    return frozenset(found)


def teaser_texts(tree: HtmlElement, headings: Collection[str]) -> frozenset[str]:
    """Texts of the paragraphs right below headings that link to other stories, as those."""
    found: set[str] = set()
    left = 0
    for element in tree.iter("p", "h1", *_HEADINGS):
        text = squeeze(element.text_content()).casefold()
        if element.tag != "p":
            left = _TEASERS if text in headings else 0
        elif left and text:
            found.add(text)
            left -= 1
    return frozenset(found)


def _leaves(link: HtmlElement) -> bool:
    """Whether a link leads to another page, not to a place in this one."""
    return bool((target := link.get("href")) and not target.startswith("#"))


def without_stream(
    paragraphs: list[str], links: Collection[str], headings: Collection[str]
) -> list[str]:
    """The paragraphs up to where other stories begin.

    Args:
        paragraphs: of the text.
        links: as :func:`link_texts`.
        headings: as :func:`linked_headings`.
    """
    keys = [squeeze(paragraph).casefold() for paragraph in paragraphs]
    kept = len(paragraphs)
    first = next((i for i, text in enumerate(paragraphs) if is_sentence(text)), kept)
    other = [key in headings or key in links for key in keys]
    others = list(accumulate(reversed(other), initial=0))[::-1]  # from each paragraph on
    before = list(accumulate(map(len, paragraphs), initial=0))
    for i in range(first + 1, len(paragraphs)):
        if before[i] < _LEAST_BEFORE_STREAM * before[-1]:
            continue
        if others[first] - others[i] > 1:  # a round-up, whose parts link to their sources
            break
        introduced, rest = _introduces_stream(keys[i]), len(paragraphs) - i
        if not introduced and keys[i] not in headings:
            continue
        enough = others[i] > 1 or (others[i] and (introduced or rest <= _TEASER))
        prose = before[-1] - before[i] - sum(len(keys[j]) for j in range(i, len(keys)) if other[j])
        most = _LONGEST_TEASER if 2 * before[i] >= before[-1] else _LONGEST_TEASER / 2
        if prose > most * others[i]:
            continue
        if enough and rest <= _TEASER * others[i] + introduced:
            kept = i
            break
    while kept > 1 and (
        keys[kept - 1] in headings
        or _introduces_stream(keys[kept - 1])
        or (
            keys[kept - 1] in links
            and len(keys[kept - 1].split()) >= _SHORTEST_LINK
            and not is_sentence(paragraphs[kept - 1])
        )
    ):
        kept -= 1
    return paragraphs[:kept]


def _introduces_stream(key: str) -> bool:
    short = len(key) <= _LONGEST_STREAM_HEADING and not key.endswith((".", "?", "!", "”", '"'))
    return short and bool(_STREAM_HEADING.search(key))
