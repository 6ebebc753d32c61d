"""When a web page's article appeared, as its metadata state it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from lxml.html import HtmlElement

# Of Open Graph, schema.org, Dublin Core and the larger analytics products.
_NAMES = (
    "article:published_time",
    "og:article:published_time",
    "og:published_time",
    "datepublished",
    "dc.date.issued",
    "dcterms.issued",
    "parsely-pub-date",
    "sailthru.date",
    "cxenseparse:recs:publishtime",
    "article.published",
    "published_time",
    "publication_date",
    "publish-date",
    "publishdate",
    "pubdate",
)
_VAGUE_NAMES = ("dc.date", "dcterms.date", "dcterms.created", "date")
_EARLIEST = 1600
_DAYS = ("%Y-%m-%d", "%Y%m%d", "%d %B %Y", "%B %d, %Y", "%d %b %Y", "%b %d, %Y")
_TIME = "//time[@datetime][@pubdate or contains(@itemprop, 'datePublished')]"


def published_at(
    tree: HtmlElement, metas: Mapping[str, str], articles: Sequence[Mapping[str, Any]]
) -> str | None:
    """The date, or the date and time, of publication; never guessed from text or address.

    Args:
        tree: the page.
        metas: lower-case name or property of ``meta`` elements → content.
        articles: the articles in the page's JSON-LD.

    Returns:
        ISO 8601, with the offset from UTC if there is one; ``None`` where no valid date is stated.
    """
    declared = list(filter(None, (_iso(item.get("datePublished")) for item in articles)))
    # Where JSON-LD describes other articles, too, the rest of the page describes its own.
    own = declared[:1] if len(set(declared)) == 1 else []
    stated = [metas.get(name) for name in _NAMES] + own
    stated += [metas.get(name) for name in _VAGUE_NAMES]
    stated += [time.get("datetime") for time in tree.xpath(_TIME)] + declared[:1]
    return next(filter(None, map(_iso, stated)), None)


def _iso(value: Any) -> str | None:
    text = value.strip() if isinstance(value, str) else ""
    for form in _DAYS:
        if form == "%Y%m%d" and len(text) != len("20261103"):
            continue
        try:
            day = datetime.strptime(text, form).date()
        except ValueError:
            continue
        return day.isoformat() if day.year >= _EARLIEST else None
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            time = read(text)
        except (ValueError, IndexError, OverflowError):
            continue
        return time.isoformat() if time.year >= _EARLIEST else None
    return None
