"""Line breaks inside a paragraph: which are hard wraps, and which end a sentence."""

from __future__ import annotations

from itertools import pairwise

import regex

from service.enrichment.bounds import Check, checked, no_check
from service.enrichment.words import Span

LEAST_WRAP = 40
"""Shortest width, in code points, at which an editor wraps lines."""

_LINE = regex.compile(r"[^\r\n\v\f\x85\u2028\u2029]+")
_ITEM = regex.compile(r"\s*(?:[*•‣▪◦·]|\d{1,3}[.)]|(?P<dash>\p{Pd}))\s")
_DATELINE = regex.compile(
    r"\p{Lu}{2}[\p{Lu}.,'’ ]{1,40}(?:[\p{L}\d.]{1,12} ){0,3}"  # "NEW YORK, Nov 24 "
    r"(?P<agency>\([^()\r\n]{2,40}\) )?\p{Pd}{1,2} "
)
# "14:05 GMT", "[2:05 p.m.]", alone on a line or in front of what happened then.
_TIME_STAMP = regex.compile(
    r"\s*[\[(]?\d{1,2}[:.]\d{2}(?::\d{2})?(?: ?[ap]\.?m\.?)?(?: [A-Z]{2,4}\b)?[\])]?"
    r"(?=\s*(?:$|\p{Pd}|[:|]|\p{Lu}))"
)
# "MISHAL OKAFOR: Good morning.", "Q: Who won?"
_SPEAKER_LABEL = regex.compile(r"\s*(?:[QA]|\p{Lu}[\p{Lu}\p{M}.'’\- ]{1,40})[:.]\s")
_TERMINATED = regex.compile(r"[.!?…:;][\p{Pe}\p{Pf}\"']*\s*$")
_UNFINISHED = regex.compile(
    r"(?:[,–—\-&/(]|\b(?i:a|an|and|as|at|by|for|from|in|into|of|on|or|than|that|the|to|with|his|her|its|"
    r"their|is|are|was|were|has|have|had|will|would|but|who|which|when|while|after|before|new|mr|mrs|ms|dr))\s*$"
)
_PRONOUN = regex.compile(r"(?:He|She|It|They|We|I|You)\b")  # no headline begins with these
_DASH = regex.compile(r"\p{Pd}")


def wrap_width(text: str, check: Check = no_check) -> int:
    """Width, in code points, to which ``text`` is hard-wrapped; 0 if it cannot be wrapped.

    It is the length of the longest line that another one of its paragraph follows.

    Args:
        text: of any length.
        check: called for each line. Its exceptions propagate.
    """
    lines = [match.span() for match in checked(_LINE.finditer(text), check) if match[0].strip()]
    return max(
        (
            len(text[start:end].strip())
            for (start, end), (after, _) in checked(pairwise(lines), check)
            if not _has_blank_line(text[end:after])
        ),
        default=0,
    )


def split_lines(text: str, paragraph: Span, width: int, check: Check = no_check) -> list[Span]:
    """Cut one paragraph at those of its line breaks that end a sentence.

    Items of lists, datelines, time stamps of live blogs and speaker labels of transcripts begin a
    sentence. So does each line of a paragraph that is not hard-wrapped, such as a list of headlines
    or names. A paragraph is hard-wrapped if each break is where the first word of the next line
    would not have fitted any more, and if its lines go on with each other's sentences.

    Args:
        text: the article.
        paragraph: its span in ``text``, in code points.
        width: of the whole article, from :func:`wrap_width`.
        check: called for each line. Its exceptions propagate.

    Returns:
        Spans of ``text``, in order, that together are the paragraph.
    """
    begin, end = paragraph
    lines = [
        match for match in checked(_LINE.finditer(text, begin, end), check) if match[0].strip()
    ]
    if len(lines) < 2:
        return [(begin, end)]
    contents = [line[0].strip() for line in lines]
    wrapped = _is_wrapped(contents, width)
    bounds = [begin]
    for (before, after), line in zip(pairwise(contents), lines[1:], strict=True):
        check()
        if _begins_item(before, line[0]) or (not wrapped and _ends(before, after)):
            bounds.append(line.start())
    return list(zip(bounds, [*bounds[1:], end], strict=True))


def _has_blank_line(gap: str) -> bool:
    return len(gap.strip(" \t\xa0").splitlines()) > 1


def _is_wrapped(lines: list[str], width: int) -> bool:
    """Whether the breaks between ``lines`` are those of an editor that wraps at ``width``."""
    slack = 0.2 * width if len(lines) == 2 else 0
    if max(map(len, lines)) > width + slack:
        return False
    fits = [len(a) + 1 + len(b.split(maxsplit=1)[0]) > width for a, b in pairwise(lines)]
    if sum(fits) < 0.9 * len(fits):
        return False
    continues = any(line[0].islower() for line in lines)
    ends = bool(_TERMINATED.search(lines[-1]))
    return continues or (ends and (width >= LEAST_WRAP or len(lines) == 2))


def _ends(before: str, after: str) -> bool:
    """Whether a sentence ends between two lines of a paragraph that is not hard-wrapped."""
    continues = after[0].islower() or _DASH.match(after)
    return not (continues or _UNFINISHED.search(before) or _PRONOUN.match(before))


def _begins_item(before: str, line: str) -> bool:
    if item := _ITEM.match(line):
        # A dash may as well continue a sentence.
        return not item["dash"] or bool(_ITEM.match(before)) or before[-1:] in ".:;!?"
    if dateline := _DATELINE.match(line):
        return bool(dateline["agency"]) or before.startswith("By ")
    return bool(_TIME_STAMP.match(line) or _SPEAKER_LABEL.match(line)) or bool(
        _TIME_STAMP.fullmatch(before)
    )
