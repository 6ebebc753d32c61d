"""Offsets: conversion to the units in which programming languages index strings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import accumulate
from typing import Literal

from service.enrichment.article import Article
from service.enrichment.types import Enrichment, Section

Unit = Literal["codepoint", "utf16", "utf8"]


def convert_offsets(enrichment: Enrichment, article: Article, unit: Unit) -> Enrichment:
    """Convert the offsets of an enrichment.

    Args:
        enrichment: with offsets in code points.
        article: the enriched article.
        unit: code points (Python, Rust ``chars``), UTF-16 code units (JavaScript, Java, C#) or
            UTF-8 bytes (Go, C, Rust ``str``).

    Returns:
        The same enrichment with offsets in ``unit``.
    """
    if unit == "codepoint":
        return enrichment
    offsets: dict[Section, list[int]] = {
        "title": _offsets(article.title or "", unit),
        "text": _offsets(article.text, unit),
    }
    return replace(
        enrichment,
        entities=tuple(
            replace(
                entity,
                mentions=tuple(
                    replace(m, start=offsets[m.section][m.start], end=offsets[m.section][m.end])
                    for m in entity.mentions
                ),
            )
            for entity in enrichment.entities
        ),
        sentences=tuple(
            replace(s, start=offsets[s.section][s.start], end=offsets[s.section][s.end])
            for s in enrichment.sentences
        ),
        values=tuple(
            replace(v, start=offsets[v.section][v.start], end=offsets[v.section][v.end])
            for v in enrichment.values
        ),
    )


def _offsets(text: str, unit: Unit) -> list[int]:
    """Offset of each code point, and of the end of the text: ``len(text) + 1`` offsets."""
    width: Callable[[str], int] = _utf16_width if unit == "utf16" else _utf8_width
    return list(accumulate(map(width, text), initial=0))


def _utf16_width(character: str) -> int:
    return 2 if character > "\uffff" else 1


def _utf8_width(character: str) -> int:
    return len(character.encode())
