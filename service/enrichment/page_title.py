"""The headline of a web page's article, by agreement of the places that may hold it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from service.enrichment.page_metadata import PageMetadata

_SEPARATOR = re.compile(
    r"\s+(?:[-–—|│·•»«›‹:/~⋆★]|::|>)\s+|\s*[|│]\s*|(?<=[\w!?]):\s+|\s+[-–—]{2}\s+"
)
_WORD = re.compile(r"\w+")
_BY = re.compile(r"^(?:by|von|par|por|di|door)\s+", re.IGNORECASE)
_PERSON = re.compile(r"^(?:[^\W\d_][\w.'’-]*)(?: [^\W\d_][\w.'’-]*){1,3}$")
_DOMAIN = re.compile(r"^(?:[a-z\d-]+\.)+[a-z]{2,}$", re.IGNORECASE)
_CUT_OFF = ("…", "...")
_SAME = 0.6
"""Share of words from which on two texts are taken for the same headline."""

_BARS = frozenset("|│»›•·")
_SMALL = frozenset({"of", "the", "and", "&", "in"})
_LONGEST_SITE_NAME = 4
_FEWEST_BEFORE_SITE = 3
_LIKE_A_NAME = 0.5
"""What a text loses that may be the name of the site."""

_LONGEST = 300
_EXACTLY = 0.25
"""What another place with the very same text adds."""

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
    candidates = _without_beginnings(candidates)
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
    if best == 1.0 and not _is_name(candidate):
        return best + _EXACTLY
    return best if best >= _SAME else best / 4


def _without_beginnings(candidates: list[list[str]]) -> list[list[str]]:
    """The candidates less those that are cut off where another goes on."""
    whole = [text.casefold() for place in candidates for text in place]

    def is_cut_off(text: str) -> bool:
        start = text.casefold().rstrip("….").rstrip()
        rests = [other[len(start) :].lstrip() for other in whole if other.startswith(start)]
        # A quotation mark ends an attribute that is not escaped.
        return any(
            rest.strip("….") and (text.endswith(_CUT_OFF) or rest[0] == '"') for rest in rests
        )

    return [[text for text in place if not is_cut_off(text)] for place in candidates]


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
    for author in page.authors:
        by = f" by {_BY.sub('', author)}".casefold()
        if text.casefold().endswith(by) and len(text) == len(text.casefold()):
            yield text[: -len(by)].rstrip(" ,;|·•-–—")
    cuts = list(_SEPARATOR.finditer(text))
    in_heading = any(_words(heading) == _words(text) for heading in page.headings)
    for cut in reversed(cuts):
        rest, last = text[: cut.start()].strip(), text[cut.end() :].strip()
        if not rest or not last or cut[0].startswith(":"):
            continue
        alone = any(other != raw and _words(other) == _words(rest) for other in everything)
        shaped = cut is cuts[-1] and not in_heading and "/" not in cut[0]
        if alone or _is_affix(last, page) or (shaped and _looks_like_site(rest, cut[0], last)):
            yield rest
    for cut in cuts:
        first, rest = text[: cut.start()].strip(), text[cut.end() :].strip()
        if not first or not rest:
            continue
        alone = any(other != raw and _words(other) == _words(rest) for other in everything)
        bar = cut is cuts[0] and cut[0].strip() in _BARS and not in_heading
        shaped = bar and _looks_like_site(rest, cut[0], first)
        if _is_affix(first, page) or shaped or (alone and not cut[0].startswith(":")):
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


def _looks_like_site(rest: str, separator: str, last: str) -> bool:
    """Whether ``last``, beside what reads like a headline, may name a site or an author."""
    if _DOMAIN.match(last) or (_BY.match(last) and _is_person(_BY.sub("", last))):
        return True
    words, before = last.split(), rest.split()
    if len(words) > _LONGEST_SITE_NAME or last.endswith((".", "?", "!", "…")):
        return False
    if len(before) < max(_FEWEST_BEFORE_SITE, len(words) + 1):
        return False
    if not any(word.islower() for word in before):
        return False
    capitalised = words[0][0].isupper() and all(
        word[0].isupper() or word[0].isdigit() or word in _SMALL for word in words
    )
    if separator.strip() in _BARS:  # no headline has these inside
        return len(words) == 1 or capitalised
    return capitalised and not rest[-1].isdigit() and not any(map(str.isdigit, words))


def _is_person(text: str) -> bool:
    words = text.split()
    return bool(_PERSON.match(text)) and words[0][0].isupper() and words[-1][0].isupper()
