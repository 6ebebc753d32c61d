"""Quotations: which stretches of a text stand between quotation marks."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import regex

from service.enrichment.model_protocol import WordRange
from service.enrichment.sentences import paragraphs
from service.enrichment.words import Span

_MARK = regex.compile(r"""["“”„«»‘’']""")
_CLOSERS = {'"': '"”', "“": '”"', "„": "“”", "«": "»"}
_SINGLE = "‘'"
_SENTENCE_ENDS = ".!?…:;"
_SINGLE_OPENING = regex.compile(r"[\s(][‘'](?=\w)")
# Apostrophes that begin a word.
_CLIPPED = regex.compile(
    r"['’‘](?:\d\d|(?:tis|twas|em|til|cause|cos|bout|round|n|tween|neath)\b)", regex.IGNORECASE
)


def find_quotations(text: str) -> list[Span]:
    """The quotations in ``text``: straight, curly and angled marks, double and single.

    A quotation within a quotation is part of it. One that goes on after a sentence or paragraph
    with a new opening mark, but no closing mark before it, is two. Any other mark without its
    counterpart in the same paragraph quotes nothing, nor do apostrophes.

    Returns:
        Spans in order, with their marks, none overlapping another. The time grows linearly with the
        text.
    """
    found: list[Span] = []
    bounds = paragraphs(text)
    followers = [*bounds[1:], (len(text), len(text))]
    for (begin, end), (after, _) in zip(bounds, followers, strict=True):
        goes_on = text[after : after + 1] in ('"', "“", "«")
        found += _in_paragraph(text, begin, end, goes_on)
    return found


def _in_paragraph(text: str, begin: int, end: int, goes_on: bool) -> list[Span]:
    marks = [match.start() for match in _MARK.finditer(text, begin, end)]
    closers = [at for at in marks if text[at] in "’'" and _closes(text, begin, at, end)]
    openings = [match.start() for match in _SINGLE_OPENING.finditer(text, begin, end)]
    found: list[Span] = []
    opened = -1
    until = -1  # the end of a single quotation, known when it begins
    for at in marks:
        if at < until:
            continue
        mark = text[at]
        if opened >= 0:
            if mark in _CLOSERS[text[opened]] and not (
                mark == '"' and _opens(text, begin, at, end)
            ):
                if at > opened + 1:
                    found.append((opened, at + 1))
                opened = -1
            elif mark == text[opened]:
                # A paragraph's end that did not survive, or a mark that was never closed.
                before = text[opened:at].rstrip()
                if before[-1] in _SENTENCE_ENDS:
                    found.append((opened, opened + len(before)))
                opened = at
        elif mark in _SINGLE:
            last = _single(text, begin, at, end, closers, openings)
            if last is not None:
                found.append((at, last + 1))
                until = last + 1
        elif mark in "“„«" or (mark == '"' and (_opens(text, begin, at, end) or at == begin)):
            opened = at
    if opened >= 0 and goes_on:
        found.append((opened, opened + len(text[opened:end].rstrip())))
    return found


def _neighbours(text: str, begin: int, at: int, end: int) -> tuple[str, str]:
    return text[at - 1] if at > begin else " ", text[at + 1] if at + 1 < end else " "


def _opens(text: str, begin: int, at: int, end: int) -> bool:
    """Whether a straight mark stands before a word, not after one."""
    before, after = _neighbours(text, begin, at, end)
    return not after.isspace() and (before.isspace() or before in "([{-–—/‘'“:")


def _closes(text: str, begin: int, at: int, end: int) -> bool:
    before, after = _neighbours(text, begin, at, end)
    return not before.isspace() and not after.isalnum()


def _single(
    text: str, begin: int, at: int, end: int, closers: list[int], openings: list[int]
) -> int | None:
    """Where the single quotation that begins at ``at`` ends; ``None`` if it is an apostrophe."""
    if not _opens(text, begin, at, end) or _CLIPPED.match(text, at):
        return None
    first = bisect_left(closers, at + 2)
    for k, closer in enumerate(closers[first : first + 3], first):
        # "the workers' pay": a plural's apostrophe, if another mark may still close.
        plural = text[closer - 1] in "sS" and text[closer + 1 : closer + 2].isspace()
        if not plural or closer == closers[-1]:
            return closer
        opening = bisect_left(openings, closer)
        if opening < len(openings) and openings[opening] + 2 < closers[k + 1]:
            return closer
    return None


def quoted_words(quotations: Sequence[Span], words: Sequence[Span]) -> list[WordRange]:
    """The words that each quotation holds, marks included."""
    starts = [start for start, _ in words]
    return [(bisect_left(starts, a), bisect_left(starts, b)) for a, b in quotations]


def same_voice(sentence: WordRange, word: int, quoted: Sequence[WordRange]) -> WordRange:
    """The part of a sentence that is in the same voice as one of its words.

    Args:
        sentence: a range of words.
        word: one of them.
        quoted: as :func:`quoted_words` gives them.

    Returns:
        The words of the sentence within the quotation that holds the word; for one in none, those
        around it up to the quotations before and after.
    """
    first, last = sentence
    after = bisect_right(quoted, (word, len(quoted) and quoted[-1][1]))
    if after and quoted[after - 1][1] > word:
        begin, end = quoted[after - 1]
        return max(first, begin), min(last, end)
    begin = quoted[after - 1][1] if after else first
    end = quoted[after][0] if after < len(quoted) else last
    return max(first, begin), min(last, end)
