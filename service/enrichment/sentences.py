"""Sentences, by syntok's rules."""

from __future__ import annotations

import regex
from syntok import segmenter
from syntok.tokenizer import Tokenizer

from service.enrichment.words import Span

# A blank line ends a sentence whatever stands before it; a single line break may be a hard wrap.
_PARAGRAPH_BREAK = regex.compile(r"\R[^\S\r\n]*\R\s*|[\u2029\f]\s*")
_LINE = regex.compile(r"[^\r\n\v\f\x85\u2028\u2029]+")
_ITEM = regex.compile(r"\s*(?:[*•‣▪◦·]|(?P<dash>\p{Pd}))\s")
_DATELINE = regex.compile(
    r"\p{Lu}{2}[\p{Lu}.,'’ ]{1,40}(?:[\p{L}\d.]{1,12} ){0,3}"  # "NEW YORK, Nov 24 "
    r"(?P<agency>\([^()\r\n]{2,40}\) )?\p{Pd}{1,2} "
)
_DASH = regex.compile(r"\p{Pd}")
_ENDS = regex.compile(r"[.!?…][\p{Pe}\p{Pf}\"']*\s*$")
_TAIL = 40
"""Code points at the end of a sentence in which its last mark is looked for."""

# Words that neither begin a sentence nor stand beside a mark that may end one, nor in brackets, are
# nothing to syntok, and two in three: what it is given has spaces in their place.
_BRACKET = regex.compile(r"[\p{Ps}\p{Pe}]")
_WORD = r"[\p{L}\p{Nd}][\p{L}\p{Nd},'’\"”\p{Pd}]*+"
_SPACE = r"[\s\u200b]"
_ROW = regex.compile(
    rf"(?:^|(?<={_SPACE}))({_WORD}{_SPACE}++)((?:{_WORD}{_SPACE}++)+)(?={_WORD}(?:{_SPACE}|$))"
)

_TOKENIZER = Tokenizer(replace_not_contraction=False)  # "n't" stays what it is in the text


def split_sentences(text: str) -> list[Span]:
    """Cut ``text`` into sentences.

    Returns:
        Spans in order. Each begins and ends with a visible character, and every character outside
        them is white space. A line of its own (a headline) that a blank line follows is a sentence
        too, and so is an item of a list.
    """
    starts = [
        start
        for paragraph in paragraphs(text)
        for stretch in _stretches(text, *paragraph)
        for start in _starts(text, *stretch)
    ]
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


def _stretches(text: str, begin: int, end: int) -> list[Span]:
    """One paragraph, cut before each of its lines that is an item of a list or a dateline."""
    bounds = [begin]
    before = ""
    for line in _LINE.finditer(text, begin, end):
        if before and _begins(before, line[0]):
            bounds.append(line.start())
        before = line[0]
    return list(zip(bounds, [*bounds[1:], end], strict=True))


def _begins(before: str, line: str) -> bool:
    item = _ITEM.match(line)
    if item:
        # A dash may as well go on with a sentence.
        return not item["dash"] or bool(_ITEM.match(before)) or before.rstrip()[-1:] in ".:;!?"
    if dateline := _DATELINE.match(line):
        return bool(dateline["agency"]) or before.startswith("By ")
    return False


def _starts(text: str, begin: int, end: int) -> list[int]:
    """Where the sentences of one stretch begin. Its first visible character is always one."""
    paragraph = text[begin:end]
    lead = len(paragraph) - len(paragraph.lstrip())
    if lead == len(paragraph):
        return []
    starts = [begin + lead]
    after_semicolon = True
    for tokens in segmenter.segment(_TOKENIZER.tokenize(_thinned(paragraph))):
        # syntok ends a sentence at a semicolon, which news does not.
        start = begin + tokens[0].offset
        # Nor is a dateline a sentence: "PARIS (Reuters) - The president …".
        if not after_semicolon and (
            not _DASH.match(text, start, end)
            or _ENDS.search(text, max(starts[-1], start - _TAIL), start)
        ):
            starts.append(start)
        after_semicolon = tokens[-1].value == ";"
    return starts


def _thinned(paragraph: str) -> str:
    if _BRACKET.search(paragraph):
        return paragraph
    return _ROW.sub(lambda row: row[1] + " " * len(row[2]), paragraph)
