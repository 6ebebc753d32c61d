"""Line breaks inside a paragraph: which are hard wraps, and which end a sentence."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import regex

from service.enrichment.bounds import Check, no_check
from service.enrichment.hard_wraps import Line, Wrap, find_lines, find_wrapped
from service.enrichment.sentence_borders import word_lists
from service.enrichment.words import Span

_BULLET = regex.compile(r"(?:[*•‣▪◦·●○■□◆►▶➢➤→✓✔✗✘»]|[(\[][a-z\d]{1,3}[)\]]|[a-z]\))\s")
_DATELINE = regex.compile(
    r"\p{Lu}{2}[\p{Lu}.,'’ ]{1,40}(?:[\p{L}\d.]{1,12} ){0,3}"  # "NEW YORK, Nov 24 "
    r"(?P<agency>\([^()\r\n]{2,40}\) )?\p{Pd}{1,2} "
)
# "MISHAL OKAFOR: Good morning.", "Q: Who won?", "A. Ghana."
_SPEAKER_LABEL = regex.compile(r"(?:[QA][:.]|\p{Lu}[\p{Lu}\p{M}.'’\- ]{1,40}:)\s")
_RULE = regex.compile(r"[\p{Pd}=_*#~•. ]{2,}")  # "* * *", "-----"

# What may as well stand at the beginning of a line in the middle of a sentence, by kind.
_NUMBER = regex.compile(r"(?:\d{1,3}|[ivx]{1,4})[.)]\s")
_DASH = regex.compile(r"\p{Pd}{1,2}\s|\p{Pd}(?=\p{Lu})")
# "14:05 GMT", "[2:05 p.m.]", "90+2'", alone on a line or in front of what happened then.
_TIME_STAMP = regex.compile(
    r"[\[(]?(?:\d{1,2}[:.h]\d{2}(?::\d{2})?(?: ?[ap]\.?m\.?)?(?: [A-Z]{2,4}\b)?"
    r"|\d{1,3}(?:\+\d{1,2})?(?:['’′]| min\b))[\])]?(?=\s*(?:$|\p{Pd}|[:|]|\p{Lu}))"
)
_PERHAPS_ITEMS = (_NUMBER, _DASH, _TIME_STAMP)

_OPEN = regex.compile(r"[,–—\-&/(]$")
_DASH_AHEAD = regex.compile(r"\p{Pd}")
_I = regex.compile(r"I\b(?!['’:])")
_PRONOUN = regex.compile(r"(?:He|She|It|They)\s")  # hardly a headline begins with these
_LAST_WORD = regex.compile(r"[\p{L}\p{M}]+\.?$")


def split_lines(text: str, paragraph: Span, wrap: Wrap, check: Check = no_check) -> list[Span]:
    """Cut one paragraph at those of its line breaks that end a sentence.

    Items of lists, datelines, time stamps of live blogs and speaker labels of transcripts begin a
    sentence. So does each line that no hard wrap precedes, such as a headline or a name in a list,
    unless the line before is unfinished.

    Args:
        text: the article.
        paragraph: its span in ``text``, in code points.
        wrap: how the article is wrapped, from :func:`hard_wraps.find_wrap`.
        check: called for each line. Its exceptions propagate.

    Returns:
        Spans of ``text``, in order, that together are the paragraph.
    """
    begin, end = paragraph
    lines = list(find_lines(text, begin, end, check))
    wrapped = find_wrapped(lines, wrap, check)
    bounds = [begin]
    kinds = [_kind(line) for line in lines]
    counts = Counter(kinds)
    listed = set(kinds[:1])
    item = lines[0] if lines and (_BULLET.match(lines[0].text) or kinds[0] is not None) else None
    for (before, line), kind, hard in zip(pairwise(lines), kinds[1:], wrapped, strict=True):
        check()
        if kind is None:
            begins = _begins_item(before, line)
        else:
            begins = kind in listed or before.terminated or (counts[kind] > 1 and not hard)
            goes_on = hard or _PERHAPS_ITEMS[kind] is _DASH or _is_unfinished(before)
            begins = begins or not goes_on
        hangs = item is not None and line.indent > item.indent
        if begins or not (hard or hangs or not _ends(before, line)):
            bounds.append(line.start)
            listed.add(kind)
            item = line if begins else None
    return list(zip(bounds, [*bounds[1:], end], strict=True))


def _begins_item(before: Line, line: Line) -> bool:
    """Whether ``line`` hardly ever is part of the sentence of the line before."""
    if _BULLET.match(line.text) or _SPEAKER_LABEL.match(line.text):
        return True
    if dateline := _DATELINE.match(line.text):
        return bool(dateline["agency"]) or before.text.startswith("By ")
    if any(_RULE.fullmatch(text) for text in (before.text, line.text)):
        return True
    stamp = _TIME_STAMP.match(before.text)
    return stamp is not None and stamp.end() == len(before.text)


def _kind(line: Line) -> int | None:
    """Which of the items that a line may begin with it begins with."""
    found = (at for at, pattern in enumerate(_PERHAPS_ITEMS) if pattern.match(line.text))
    return next(found, None)


def _ends(before: Line, after: Line) -> bool:
    """Whether a sentence ends between two lines, if no hard wrap stands between them."""
    continues = after.lower or _DASH_AHEAD.match(after.text) or _I.match(after.text)
    return not (continues or _is_unfinished(before) or _PRONOUN.match(before.text))


def _is_unfinished(line: Line) -> bool:
    """Whether a line ends with a word or a mark that no sentence ends with."""
    if _OPEN.search(line.text):
        return True
    word = _LAST_WORD.search(line.text)
    if word is None or (len(word[0]) == 1 and word[0].isupper()):  # "Group A"
        return False
    lists = word_lists()
    if word[0].endswith("."):
        return word[0][:-1] in lists["titles"]
    return word[0].lower() in lists["unfinished"] or word[0] in lists["titles"]
