"""Offsets in the unit that the caller's language counts in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import accumulate
from typing import Literal

from service.enrichment.types import Article, Enrichment, Section

Unit = Literal["codepoint", "utf16", "utf8"]


def convert_offsets(enrichment: Enrichment, article: Article, unit: Unit) -> Enrichment:
    """The same enrichment with its offsets counted in ``unit``.

    Args:
        enrichment: one whose offsets count code points.
        article: the article it is of.
        unit: code points (Python, Rust ``chars``), UTF-16 code units (JavaScript, Java, C#) or
            UTF-8 bytes (Go, C, Rust ``str``).
    """
    if unit == "codepoint":
        return enrichment
    tables: dict[Section, list[int]] = {
        "title": _positions(article.title or "", unit),
        "text": _positions(article.text, unit),
    }
    return replace(
        enrichment,
        entities=tuple(
            replace(
                entity,
                mentions=tuple(
                    replace(m, start=tables[m.section][m.start], end=tables[m.section][m.end])
                    for m in entity.mentions
                ),
            )
            for entity in enrichment.entities
        ),
        sentences=tuple(
            replace(s, start=tables[s.section][s.start], end=tables[s.section][s.end])
            for s in enrichment.sentences
        ),
    )


def _positions(text: str, unit: Unit) -> list[int]:
    """Where each code point begins, and where the last one ends: ``len(text) + 1`` positions."""
    width: Callable[[str], int] = _utf16_width if unit == "utf16" else _utf8_width
    return list(accumulate(map(width, text), initial=0))


def _utf16_width(character: str) -> int:
    return 2 if character > "\uffff" else 1


def _utf8_width(character: str) -> int:
    return len(character.encode())
