"""Sentences, by syntok's rules."""

from __future__ import annotations

import regex
from syntok import segmenter
from syntok.tokenizer import Tokenizer

from service.enrichment.words import Span

# A blank line ends a sentence whatever stands before it; a single line break may be a hard wrap,
# but not before an item of a list or a dateline ("NEW YORK (AP) -").
_PARAGRAPH_BREAK = regex.compile(
    r"""
    \R [^\S\r\n]* \R \s*
    | [\u2029\f] \s*
    | \R (?= [^\S\r\n]* [\p{Pd}*•‣▪◦·] [^\S\r\n] )
    | \R (?= \p{Lu}{2} [\p{Lu}.,'’\ ]{1,40} (?:\([^()\r\n]{2,40}\)\ )? (?:\p{Pd}|--)\ )
    """,
    regex.VERBOSE,
)
_DASH = regex.compile(r"\p{Pd}")
_ENDS = regex.compile(r"[.!?…][\p{Pe}\p{Pf}\"']*\s*$")

_TOKENIZER = Tokenizer(replace_not_contraction=False)  # "n't" stays what it is in the text


def split_sentences(text: str) -> list[Span]:
    """Cut ``text`` into sentences.

    Returns:
        Spans in order. Each begins and ends with a visible character, and every character outside
        them is white space. A line of its own (a headline, a list item) that a blank line follows
        is a sentence too.
    """
    starts = [start for paragraph in paragraphs(text) for start in _starts(text, *paragraph)]
    spans: list[Span] = []
    for start, limit in zip(starts, [*starts[1:], len(text)], strict=True):
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


def _starts(text: str, begin: int, end: int) -> list[int]:
    """Where the sentences of one paragraph begin. Its first visible character is always one."""
    paragraph = text[begin:end]
    lead = len(paragraph) - len(paragraph.lstrip())
    if lead == len(paragraph):
        return []
    starts = [begin + lead]
    after_semicolon = True
    for tokens in segmenter.segment(_TOKENIZER.tokenize(paragraph)):
        # syntok ends a sentence at a semicolon, which news does not.
        start = begin + tokens[0].offset
        # Nor is a dateline a sentence: "PARIS (Reuters) - The president …".
        dateline = _DASH.match(text, start, end) and not _ENDS.search(text, starts[-1], start)
        if not after_semicolon and not dateline:
            starts.append(start)
        after_semicolon = tokens[-1].value == ";"
    return starts
