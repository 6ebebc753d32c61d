"""Definitions: full names that a tagger finds in part before or after their abbreviation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import regex

from service.enrichment.coreference.abbreviations import abbreviates, in_brackets, is_abbreviation
from service.enrichment.coreference.names import NameT
from service.enrichment.types import EntityType

_REACH = 160
"""Code points of the longest full name."""
_WORD_START = regex.compile(r"(?<![\p{L}\p{M}\p{N}'’&-])\p{Lu}")
_BORDER = regex.compile(r"[.;:!?()\[\]\"“”]|\R")
# The words of an organisation's name: capitalised ones, and others that join them.
_NAME = regex.compile(r"(?:(?:\p{Lu}[\p{L}\p{M}\p{N}'’.&-]*|and|for|in|of|on|the|to|&),?\s+)+")
_FEW_WORDS = 10


def complete_definitions(names: Sequence[NameT], text: str) -> list[NameT]:
    """Give the names that an abbreviation in brackets defines their first words back.

    "the Advisory, [Conciliation and Arbitration Service] ([Acas])", and the whole bracket in
    "[UNHCR] ([United Nations] High Commissioner for Refugees)". The full name is the shortest that
    has all letters of the abbreviation, the first one at the beginning of a word (Schwartz & Hearst
    2003).

    Args:
        names: mentions in order of appearance.
        text: the whole text.

    Returns:
        Mentions in order of appearance. A completed one is an organisation and takes the place of
        those inside of it.
    """
    if "(" not in text:
        return list(names)
    completed: list[NameT] = []
    for i, name in enumerate(names):
        if completed and name.start < completed[-1].end:
            continue
        following = names[i + 1] if i + 1 < len(names) else None
        before = completed[-1] if completed else None
        if before and is_abbreviation(name.text) and in_brackets(before, name, text):
            start = _first_word(before, name.text, text)
            if start < before.start:
                while completed and completed[-1].start >= start:
                    before = completed.pop()
                completed.append(_stretched(before, start, names[i - 1].end, text))
        completed.append(name)
        if following and is_abbreviation(name.text) and _opens_bracket(name, following, text):
            end = text.find(")", following.end, following.start + _REACH)
            inner = text[following.start : max(0, end)]
            if (
                end > following.end
                and not _BORDER.search(inner)
                and (" " in inner and abbreviates(name.text, inner))
            ):
                end = following.start + len(inner.rstrip())
                completed.append(_stretched(following, following.start, end, text))
    return completed


def _first_word(full: NameT, short: str, text: str) -> int:
    """Where the full name of an abbreviation begins: at ``full`` or some words before it."""
    inside = _WORD_START.finditer(text, full.start, full.end)
    if any(abbreviates(short, text[word.start() : full.end]) for word in inside):
        return full.start
    begin = max(0, full.start - _REACH)
    before = text[begin : full.start]
    borders = [border.end() for border in _BORDER.finditer(before)]
    words = list(_WORD_START.finditer(before, borders[-1] if borders else 0))
    for word in reversed(words[-_FEW_WORDS:]):
        if not _NAME.fullmatch(before, word.start()):
            break
        if abbreviates(short, text[begin + word.start() : full.end]):
            return begin + word.start()
    return full.start


def _opens_bracket(short: NameT, full: NameT, text: str) -> bool:
    return text[short.end : full.start].strip() == "("


def _stretched(name: NameT, start: int, end: int, text: str) -> NameT:
    return replace(name, start=start, end=end, text=text[start:end], type=EntityType.ORGANIZATION)
