"""Sentences: a text cut at its paragraphs, its lines and its marks."""

from __future__ import annotations

import regex

from service.enrichment.bounds import Check, no_check
from service.enrichment.line_breaks import split_lines, wrap_width
from service.enrichment.sentence_borders import sentence_starts
from service.enrichment.words import Span

# A blank line ends a sentence whatever stands before it; a single line break may be a hard wrap.
_PARAGRAPH_BREAK = regex.compile(r"\R[^\S\r\n]*\R\s*|[\u2029\f]\s*")


def split_sentences(text: str, check: Check = no_check) -> list[Span]:
    """Cut ``text`` into sentences, in time that grows with its length alone.

    Args:
        text: of any length.
        check: called for each line and each mark. Its exceptions propagate.

    Returns:
        Spans in order, in code points. Each begins and ends with a visible character, and every
        character outside them is white space. A headline, an item of a list and a line of its own
        are sentences as well.
    """
    width = wrap_width(text, check)
    starts = [
        start
        for paragraph in paragraphs(text)
        for stretch in split_lines(text, paragraph, width, check)
        for start in _starts(text, *stretch, check)
    ]
    spans: list[Span] = []
    for start, limit in zip(starts, [*starts[1:], len(text)], strict=True):
        check()
        spans.append((start, start + len(text[start:limit].rstrip())))
    return spans


def paragraphs(text: str) -> list[Span]:
    """The stretches of ``text`` with blank lines between them; some may be blank themselves."""
    spans: list[Span] = []
    begin = 0
    for match in _PARAGRAPH_BREAK.finditer(text):
        spans.append((begin, match.start()))
        begin = match.end()
    return [*spans, (begin, len(text))]


def _starts(text: str, begin: int, end: int, check: Check) -> list[int]:
    """Where the sentences of a stretch begin: at its first visible character, and behind marks."""
    stretch = text[begin:end]
    first = begin + len(stretch) - len(stretch.lstrip())
    return [] if first == end else [first, *sentence_starts(text, first, end, check)]
