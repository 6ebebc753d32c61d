"""Quotations: the stretches of a text between quotation marks."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import regex

from service.enrichment.sentences import paragraphs
from service.enrichment.speech import SPEECH_VERBS
from service.enrichment.words import Span, WordRange

_MARK = regex.compile(r"""["“”„«»‹›‘’']""")
_CLOSING_MARKS = {'"': '"”', "“": '”"', "„": "“”", "«": "»", "»": "«", "”": "”", "‹": "›"}
_OPENING_MARKS = "“„«‹"
_EITHER_MARKS = '"»”'
"""Marks that open in some languages or typefaces and close in others."""
_SINGLE_MARKS = "‘'"
# Typewriters and TeX: ``We won,'' she said.
_DOUBLED_OPENING = regex.compile(r"(?<![^\s(\[])(?:``|'')(?=\w)")
_DOUBLED_CLOSING = regex.compile(r"(?<=\S)''(?!\w)")
_FILLER = "\u2060"
_CONTINUATION_MARKS = ('"', "“", "«", "»", "”")
_SENTENCE_END = ".!?…:;"
_SINGLE_OPENING = regex.compile(r"[\s(][‘'](?=\w)")
# Words that begin with an apostrophe.
_ELISION = regex.compile(
    r"['’‘](?:\d\d|[st][\s\p{Pd}]+(?=\p{Lu})|(?:tis|twas|em|til|cause|cos|bout|round|n|tween|neath)\b)",
    regex.IGNORECASE,
)
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}'’-]+")
# What ends the words of a speaker where the closing mark is forgotten: ``"We won, said Ann``.
_ATTRIBUTION = regex.compile(
    r"[,?!]\s+(?:(?:he|she|they|\p{Lu}[\p{L}\p{M}'’-]+)\s+){0,3}(?P<verb>\p{Ll}+)\b"
)
_ATTRIBUTED = regex.compile(
    r"\s+(?:(?:he|she|they|\p{Lu}[\p{L}\p{M}'’-]+)\s+){0,3}(?P<verb>\p{Ll}+)\b"
)
_FIRST_SENTENCE = regex.compile(r"[.!?](?=\s+\p{Lu})")
_MAX_LABEL_WORDS = 2
"""Most words between single marks that may be a name or an ironic word."""

_VERB_REACH = 60
"""Code points before and after a short quotation in which a verb of speech counts."""

_MAX_CLOSERS = 3
"""Possible ends of a single quotation that are considered, which bounds the time."""


def find_quotations(text: str) -> list[Span]:
    """The quotations in ``text``: straight, curly, angled and doubled marks, double and single.

    A quotation inside of another belongs to the outer one. If a
    quotation continues after a sentence or a paragraph with another opening mark, and without a
    closing mark before it, it counts as two. Other marks without a counterpart in the same
    paragraph, and apostrophes, are ignored.

    The time is linear in the length of the text.

    Returns:
        Spans in order, marks included, without overlap.
    """
    if "''" in text:
        text = _DOUBLED_OPENING.sub("“" + _FILLER, text)
        text = _DOUBLED_CLOSING.sub(_FILLER + "”", text)
    quotations: list[Span] = []
    bounds = paragraphs(text)
    followers = [*bounds[1:], (len(text), len(text))]
    for (begin, end), (next_begin, _) in zip(bounds, followers, strict=True):
        continues = text[next_begin : next_begin + 1] in _CONTINUATION_MARKS
        quotations += _in_paragraph(text, begin, end, continues)
    return quotations


def _in_paragraph(text: str, begin: int, end: int, continues: bool) -> list[Span]:
    """The quotations of one paragraph.

    Args:
        text: the whole text.
        begin: first code point of the paragraph.
        end: one past its last code point.
        continues: whether the next paragraph begins with an opening mark.
    """
    marks = [match.start() for match in _MARK.finditer(text, begin, end)]
    single_closers = [at for at in marks if text[at] in "’'" and _closes(text, begin, at, end)]
    single_openers = [match.start() for match in _SINGLE_OPENING.finditer(text, begin, end)]
    quotations: list[Span] = []
    opened: int | None = None  # where the current double quotation begins
    single_end = begin  # where the latest single quotation ends
    for at in marks:
        if at < single_end:
            continue
        mark = text[at]
        if opened is not None:
            if mark in _CLOSING_MARKS[text[opened]] and not (
                mark == '"' and _opens(text, begin, at, end)
            ):
                if at > opened + 1:
                    quotations.append((opened, at + 1))
                opened = None
            elif mark == text[opened]:
                # The paragraph break is lost, or the first mark was never closed.
                if stop := _end_of_unclosed(text, opened, at):
                    quotations.append((opened, stop))
                opened = at
        elif mark in _SINGLE_MARKS:
            closer = _single_closer(text, begin, at, end, single_closers, single_openers)
            if closer is not None:
                single_end = closer + 1
                if _is_speech(text, begin, (at, single_end), end):
                    quotations.append((at, single_end))
        elif mark in _OPENING_MARKS or (
            mark in _EITHER_MARKS and (at == begin or _opens(text, begin, at, end))
        ):
            opened = at
        elif mark in _EITHER_MARKS and _is_attributed(text, begin, at, end):
            after = max(begin, quotations[-1][1] if quotations else begin, single_end)
            quotations.append((_sentence_start(text, after, at), at + 1))
    if opened is not None and continues:
        quotations.append((opened, opened + len(text[opened:end].rstrip())))
    elif opened is not None and (attribution := _attribution(text, opened, end)):
        quotations.append((opened, attribution))
    return quotations


def _end_of_unclosed(text: str, opened: int, following: int) -> int | None:
    """Where a quotation ends that has no closing mark before the next opening one.

    Before an attribution; else, if words introduce the next quotation, after its first sentence;
    else at the end of the sentence before the next one, if there is one.
    """
    if attribution := _attribution(text, opened, following):
        return attribution
    quoted = text[opened:following].rstrip()
    if quoted[-1] not in _SENTENCE_END + ",":
        return None
    if quoted[-1] in ":,":
        sentence = _FIRST_SENTENCE.search(text, opened, following)
        return sentence.end() if sentence else None
    return opened + len(quoted)


def _is_attributed(text: str, begin: int, at: int, end: int) -> bool:
    """Whether a closing mark without an opening one stands before an attribution."""
    if at == begin or text[at - 1] not in ",.?!":
        return False
    match = _ATTRIBUTED.match(text, at + 1, end)
    return match is not None and match["verb"] in SPEECH_VERBS


def _sentence_start(text: str, begin: int, at: int) -> int:
    """Where the sentence with ``at`` begins, at ``begin`` or later."""
    while begin < at and text[begin].isspace():
        begin += 1
    ends = [match.end() for match in _FIRST_SENTENCE.finditer(text, begin, at - 1)]
    start = ends[-1] if ends else begin
    while start < at and text[start].isspace():
        start += 1
    return start


def _attribution(text: str, begin: int, end: int) -> int | None:
    """The end of the words before the first ", said Ann" or ", she said" of a stretch."""
    for match in _ATTRIBUTION.finditer(text, begin, end):
        if match["verb"] in SPEECH_VERBS:
            return match.start() + 1
    return None


def _is_speech(text: str, begin: int, quotation: Span, end: int) -> bool:
    """Whether words between single marks are speech rather than a title or an ironic word.

    They are if they are three or more, end with a mark, make up the whole paragraph, or stand near
    a verb of speech: "Golden rule 'intact', says ex-aide", but not "the 'ghost' ship".
    """
    start, stop = quotation
    quoted = text[start + 1 : stop - 1]
    if len(_WORD.findall(quoted)) > _MAX_LABEL_WORDS or quoted[-1] in _SENTENCE_END + ",":
        return True
    before, after = text[max(begin, start - _VERB_REACH) : start], text[stop : stop + _VERB_REACH]
    if not before.strip() and not text[stop:end].strip():
        return True
    # The sentence of the quotation ends at the nearest full stops.
    nearby = [*_WORD.findall(before.rpartition(". ")[2]), *_WORD.findall(after.partition(". ")[0])]
    return not SPEECH_VERBS.isdisjoint(word.lower() for word in nearby)


def _neighbours(text: str, begin: int, at: int, end: int) -> tuple[str, str]:
    return text[at - 1] if at > begin else " ", text[at + 1] if at + 1 < end else " "


def _opens(text: str, begin: int, at: int, end: int) -> bool:
    """Whether a straight mark stands before a word and not after one."""
    before, after = _neighbours(text, begin, at, end)
    return not after.isspace() and (before.isspace() or before in "([{-–—/‘'“:")


def _closes(text: str, begin: int, at: int, end: int) -> bool:
    before, after = _neighbours(text, begin, at, end)
    return not before.isspace() and not after.isalnum()


def _single_closer(
    text: str, begin: int, at: int, end: int, closers: list[int], openers: list[int]
) -> int | None:
    """The closing mark of a single quotation that opens at ``at``; ``None`` for an apostrophe."""
    if not _opens(text, begin, at, end) or _ELISION.match(text, at):
        return None
    first = bisect_left(closers, at + 2)
    for k, closer in enumerate(closers[first : first + _MAX_CLOSERS], first):
        # "the workers' pay": the apostrophe of a plural, if another mark can still close.
        plural = text[closer - 1] in "sS" and text[closer + 1 : closer + 2].isspace()
        if not plural or closer == closers[-1]:
            return closer
        opener = bisect_left(openers, closer)
        if opener < len(openers) and openers[opener] + 2 < closers[k + 1]:
            return closer
    return None


def quoted_words(quotations: Sequence[Span], words: Sequence[Span]) -> list[WordRange]:
    """The words inside of each quotation, marks included."""
    starts = [start for start, _ in words]
    return [(bisect_left(starts, a), bisect_left(starts, b)) for a, b in quotations]


def same_voice(sentence: WordRange, word: int, quoted: Sequence[WordRange]) -> WordRange:
    """The part of a sentence that is in the same voice as one of its words.

    Args:
        sentence: a range of words.
        word: one of them.
        quoted: the words of each quotation, as :func:`quoted_words` returns them.

    Returns:
        The words of the sentence inside of the same quotation; for a word outside of quotations
        those around it, up to the quotations before and after.
    """
    first, last = sentence
    if not quoted:
        return sentence
    after = bisect_right(quoted, (word, quoted[-1][1]))
    if after and quoted[after - 1][1] > word:
        begin, end = quoted[after - 1]
    else:
        begin = quoted[after - 1][1] if after else first
        end = quoted[after][0] if after < len(quoted) else last
    return max(first, begin), min(last, end)
