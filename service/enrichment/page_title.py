"""The headline of a web page's article, by agreement of the places that may hold it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from service.enrichment.page_metadata import PageMetadata

_SEPARATOR = re.compile(r"\s+(?:[-–—|·•»«:/]|::|>)\s+|\s*\|\s*|(?<=\w):\s+|\s+[-–—]{2}\s+")
_WORD = re.compile(r"\w+")
_BY = re.compile(r"^(?:by|von|par|por|di|door)\s+", re.IGNORECASE)
_SAME = 0.6
"""Share of words from which on two texts are taken for the same headline."""

_LONGEST_SITE_NAME = 4
_FEWEST_BEFORE_SITE = 3
_LIKE_A_NAME = 0.5
"""What a text loses that may be the name of the site."""

_LONGEST = 300
_PREFERENCE = 0.05
"""What a place is worth more than the next in the order h1, JSON-LD, Open Graph, title."""


def choose_title(page: PageMetadata, text: str) -> str | None:
    """The headline; ``None`` if the page has none.

    Each place's text, without the names of site and authors at its ends, is scored by how well it
    agrees with the other places and with the words of the article.

    Args:
        page: what the page declares.
        text: the article, without its headline.
    """
    places = [
        list(page.headings),
        list(page.headlines),
        list(page.shared_titles),
        [page.document_title] if page.document_title else [],
    ]
    places = [[raw for raw in place if len(raw) <= _LONGEST] for place in places]
    everything = [raw for place in places for raw in place]
    candidates = [
        [t for raw in place if (t := _without_affixes(raw, page, everything))] for place in places
    ]
    body = _content_words(text)
    best, best_score = None, 0.0
    for i, place in enumerate(candidates):
        for candidate in place:
            others = [_agreement(candidate, other) for j, other in enumerate(candidates) if j != i]
            score = 1 + sum(others) + _support(candidate, body) - i * _PREFERENCE
            score -= _LIKE_A_NAME * _is_name(candidate)
            if score > best_score:
                best, best_score = candidate, score
    return best


def _is_name(text: str) -> bool:
    """Whether a text may be a name, such as that of the site, rather than a headline."""
    words = text.split()
    return len(words) <= _LONGEST_SITE_NAME and not any(word[0].islower() for word in words)


def is_same_headline(first: str, second: str) -> bool:
    """Whether two texts are one headline, give or take a few words."""
    return _similarity(first, second) >= _SAME


def _agreement(candidate: str, others: Sequence[str]) -> float:
    best = max((_similarity(candidate, other) for other in others), default=0.0)
    return best if best >= _SAME else best / 4


def _similarity(first: str, second: str) -> float:
    a, b = _words(first), _words(second)
    return len(a & b) / len(a | b) if a and b else 0.0


def _support(candidate: str, body: frozenset[str]) -> float:
    """Share of the candidate's content words that the article has, 0–1."""
    words = _content_words(candidate)
    return len(words & body) / len(words) if words and body else 0.0


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold()))


def _content_words(text: str) -> frozenset[str]:
    # Without endings, so that "closes" in a headline is "close" in the article.
    return frozenset(word[:5] for word in _words(text) if len(word) > 3)


def _without_affixes(raw: str, page: PageMetadata, everything: Sequence[str]) -> str:
    """``raw`` without site and authors at its ends; empty if it is nothing but those."""
    text = raw
    while True:
        if _is_site(text, page) or (_is_author(text, page) and len(everything) > 1):
            return ""
        shorter = next(_shortened(text, raw, page, everything), None)
        if shorter is None:
            return text
        text = shorter


def _shortened(text: str, raw: str, page: PageMetadata, everything: Sequence[str]) -> Iterator[str]:
    """``text`` less one affix at an end, for each that is one."""
    cuts = list(_SEPARATOR.finditer(text))
    for cut in reversed(cuts):
        rest, last = text[: cut.start()].strip(), text[cut.end() :].strip()
        if not rest or not last or ":" in cut[0]:
            continue
        alone = any(other != raw and _words(other) == _words(rest) for other in everything)
        if alone or _is_affix(last, page) or (cut is cuts[-1] and _looks_like_site(rest, last)):
            yield rest
    for cut in cuts:
        first, rest = text[: cut.start()].strip(), text[cut.end() :].strip()
        if not first or not rest:
            continue
        alone = any(other != raw and _words(other) == _words(rest) for other in everything)
        if _is_affix(first, page) or (alone and ":" not in cut[0]):
            yield rest


def _is_affix(text: str, page: PageMetadata) -> bool:
    return _is_site(text, page) or _is_author(_BY.sub("", text), page)


def _is_site(text: str, page: PageMetadata) -> bool:
    joined = _joined(text)
    return bool(joined) and any(
        joined in (name := _joined(site), name.removeprefix("the"), f"the{name}")
        for site in page.site_names
    )


def _is_author(text: str, page: PageMetadata) -> bool:
    return any(_joined(_BY.sub("", text)) == _joined(_BY.sub("", name)) for name in page.authors)


def _joined(text: str) -> str:
    return "".join(_WORD.findall(text.casefold()))


def _looks_like_site(rest: str, last: str) -> bool:
    """Whether a short run of capitalised words follows what reads like a headline."""
    words, before = last.split(), rest.split()
    return (
        len(words) <= _LONGEST_SITE_NAME
        and len(before) >= max(_FEWEST_BEFORE_SITE, len(words) + 1)
        and any(word.islower() for word in before)
        and not any(char.isdigit() for char in rest[-1] + last)
        and all(word[0].isupper() or word in {"of", "the", "and", "&", "in"} for word in words)
        and not last.endswith((".", "?", "!", "…"))
    )
