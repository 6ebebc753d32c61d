"""Sentences: syntok's rules, with corrections for the layout of news articles."""

from __future__ import annotations

import regex
from syntok import segmenter
from syntok.tokenizer import Tokenizer

from service.enrichment.words import Span

# A blank line always ends a sentence; a single line break may be a hard wrap.
_PARAGRAPH_BREAK = regex.compile(r"\R[^\S\r\n]*\R\s*|[\u2029\f]\s*")
_LINE = regex.compile(r"[^\r\n\v\f\x85\u2028\u2029]+")
_LIST_ITEM = regex.compile(r"\s*(?:[*•‣▪◦·]|(?P<dash>\p{Pd}))\s")
_DATELINE = regex.compile(
    r"\p{Lu}{2}[\p{Lu}.,'’ ]{1,40}(?:[\p{L}\d.]{1,12} ){0,3}"  # "NEW YORK, Nov 24 "
    r"(?P<agency>\([^()\r\n]{2,40}\) )?\p{Pd}{1,2} "
)
_DASH = regex.compile(r"\p{Pd}")
_SENTENCE_END = regex.compile(r"[.!?…][\p{Pe}\p{Pf}\"']*\s*$")
_TAIL = 40
"""Code points at the end of a sentence that are searched for its final punctuation."""

# syntok's rules ignore words that neither begin a sentence nor stand in brackets or beside
# punctuation. These are two in three: replacing them with spaces saves most of the time.
_BRACKET = regex.compile(r"[\p{Ps}\p{Pe}]")
_WORD = r"[\p{L}\p{Nd}][\p{L}\p{Nd},'’\"”\p{Pd}]*+"
_SPACE = r"[\s\u200b]"
_INNER_WORDS = regex.compile(
    rf"(?:^|(?<={_SPACE}))({_WORD}{_SPACE}++)((?:{_WORD}{_SPACE}++)+)(?={_WORD}(?:{_SPACE}|$))"
)

_TOKENIZER = Tokenizer(replace_not_contraction=False)  # keeps "n't" as it is


def split_sentences(text: str) -> list[Span]:
    """Split ``text`` into sentences.

    A line before a blank line (a headline) is a sentence, and so is an item of a list.

    Returns:
        Spans in order. Each begins and ends with a visible character. Every character outside of
        them is white space.
    """
    starts = [
        start
        for paragraph in paragraphs(text)
        for stretch in _split_at_items(text, *paragraph)
        for start in _sentence_starts(text, *stretch)
    ]
    spans: list[Span] = []
    for start, limit in zip(starts, [*starts[1:], len(text)], strict=True):
        spans.append((start, start + len(text[start:limit].rstrip())))
    return spans


def paragraphs(text: str) -> list[Span]:
    """The stretches of ``text`` between blank lines. Some may be blank themselves."""
    spans: list[Span] = []
    begin = 0
    for match in _PARAGRAPH_BREAK.finditer(text):
        spans.append((begin, match.start()))
        begin = match.end()
    return [*spans, (begin, len(text))]


def _split_at_items(text: str, begin: int, end: int) -> list[Span]:
    """Split a paragraph before each line that is an item of a list or a dateline."""
    bounds = [begin]
    previous = ""
    for line in _LINE.finditer(text, begin, end):
        if previous and _begins_sentence(line[0], previous):
            bounds.append(line.start())
        previous = line[0]
    return list(zip(bounds, [*bounds[1:], end], strict=True))


def _begins_sentence(line: str, previous: str) -> bool:
    item = _LIST_ITEM.match(line)
    if item:
        # A dash may also continue a sentence.
        return (
            not item["dash"]
            or bool(_LIST_ITEM.match(previous))
            or previous.rstrip()[-1:] in ".:;!?"
        )
    if dateline := _DATELINE.match(line):
        return bool(dateline["agency"]) or previous.startswith("By ")
    return False


def _sentence_starts(text: str, begin: int, end: int) -> list[int]:
    """The first code point of each sentence of one stretch."""
    stretch = text[begin:end]
    indent = len(stretch) - len(stretch.lstrip())
    if indent == len(stretch):
        return []
    starts = [begin + indent]
    continues = True
    for tokens in segmenter.segment(_TOKENIZER.tokenize(_blank_inner_words(stretch))):
        start = begin + tokens[0].offset
        # A dateline is part of its sentence: "PARIS (Reuters) - The president …".
        if not continues and (
            not _DASH.match(text, start, end)
            or _SENTENCE_END.search(text, max(starts[-1], start - _TAIL), start)
        ):
            starts.append(start)
        # syntok ends a sentence at a semicolon; news articles do not.
        continues = tokens[-1].value == ";"
    return starts


def _blank_inner_words(stretch: str) -> str:
    """``stretch`` with spaces in place of the words that syntok's rules ignore."""
    if _BRACKET.search(stretch):
        return stretch
    return _INNER_WORDS.sub(lambda words: words[1] + " " * len(words[2]), stretch)
