"""Transcripts: texts in which a label at the beginning of a line names who speaks."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import regex

from service.enrichment.mention_index import IndexedMention, MentionIndex
from service.enrichment.types import EntityType
from service.enrichment.words import Span

_LABEL = regex.compile(
    r"^[ \t]*(?:[*_•–—-]+[ \t]*)?(?P<label>"
    r"[QA]\d{0,3}|Question|Answer|QUESTION|ANSWER"
    r"|\p{Lu}[\p{Lu}\p{M}\p{N}.'’\-]*(?:[ \t]+[\p{Lu}\p{N}][\p{Lu}\p{M}\p{N}.'’\-]*){0,6}"
    r"|\p{Lu}[\p{L}\p{M}.'’\-]*(?:[ \t]+[\p{L}\p{M}.'’\-]+){0,5}"
    r")(?:[ \t]*[(\[][^()\[\]\r\n]{1,60}[)\]])?(?:[*_]+)?"
    r"(?::|(?P<stop>(?<=\b[QA])\.))(?:[*_]+)?(?=[ \t]*(?:\R|$)|[ \t]+\S)",
    regex.MULTILINE,
)
_QUESTION = regex.compile(r"(?i:q\d{0,3}|question)")
_ANSWER = regex.compile(r"(?i:a\d{0,3}|answer)")
_ROLE = regex.compile(
    r"(?i:(?:the )?(?:interviewer|interviewee|host|moderator|presenter|anchor|reporter|speaker|"
    r"chair|operator|journalist|correspondent|narrator|caller|announcer|prosecutor|defen[cs]e|court|"
    r"witness|clerk|male|female|man|woman|unidentified [\w ]+)(?: \d+)?)"
)
_BLANK_LINE = regex.compile(r"\R[ \t]*\R")
_LEAST_TURNS = 2


@dataclass(frozen=True)
class Turn:
    """What one speaker says until the next one speaks.

    Attributes:
        label: span of the label, without its colon.
        end: one past the last code point of the turn.
        answers: whether the label is only "A" or "Answer".
        asks: whether the label is only "Q" or "Question".
    """

    label: Span
    end: int
    answers: bool
    asks: bool


def find_turns(text: str, names: Sequence[Span]) -> list[Turn]:
    """The turns of a transcript; none if ``text`` is no transcript.

    A label is "Q" or "A", also with full stops where a text has both, a role ("INTERVIEWER"), a
    label that occurs twice, or one with a name. Two labelled lines make a transcript. A turn lasts
    until the next label, the last one until an empty line. The time is linear in the length of the
    text.

    Args:
        text: the whole text.
        names: spans of the persons' names in it, in order.
    """
    labels = list(_LABEL.finditer(text))
    if {label["label"] for label in labels if label["stop"]} != {"Q", "A"}:
        labels = [label for label in labels if not label["stop"]]  # "A. A. Milne"
    counts = Counter(label["label"] for label in labels)
    starts = {start for start, _ in names}
    ends = {end for _, end in names}
    kept = [
        label
        for label in labels
        if counts[label["label"]] > 1
        or _QUESTION.fullmatch(label["label"])
        or _ANSWER.fullmatch(label["label"])
        or _ROLE.fullmatch(label["label"])
        or label.start("label") in starts
        or label.end("label") in ends
    ]
    if len(kept) < _LEAST_TURNS:
        return []
    turns = []
    for label, following in zip(kept, [*kept[1:], None], strict=True):
        if following:
            end = following.start()
        else:
            blank = _BLANK_LINE.search(text, label.end())
            end = blank.start() if blank else len(text)
        turns.append(
            Turn(
                label.span("label"),
                end,
                answers=bool(_ANSWER.fullmatch(label["label"])),
                asks=bool(_QUESTION.fullmatch(label["label"])),
            )
        )
    return turns


def speakers_of_turns(index: MentionIndex) -> dict[int, int | None]:
    """The speaker of each sentence of a transcript.

    A label names its entity by a mention in it, or in another occurrence of the same label. "A" is
    the only person who is named before the first question, if there is just one.

    Args:
        index: mentions of the article.

    Returns:
        Index of a sentence → index of an entity, ``None`` for a label that names none. Sentences
        outside of turns are left out.
    """
    segmentation = index.segmentation
    text = segmentation.source
    every = index.all_mentions()
    starts = [segmentation.words[mention.first][0] for mention in every]
    spans = [segmentation.characters(mention.first, mention.last) for mention in every]
    turns = find_turns(
        text,
        [
            span
            for span, mention in zip(spans, every, strict=True)
            if mention.type == EntityType.PERSON
        ],
    )
    if not turns:
        return {}
    speakers: dict[str, int] = {}
    for turn in turns:
        start, end = turn.label
        last = bisect_right(starts, end) - 1
        if last >= 0 and starts[last] >= start and spans[last][1] <= end:
            speakers.setdefault(text[start:end], every[last].entity)
    introduced = _persons_before(turns[0].label[0], every, starts)
    interviewee = introduced.pop() if len(introduced) == 1 else None
    sentence_starts = [start for start, _ in segmentation.sentence_spans]
    quoted: dict[int, int | None] = {}
    for turn in turns:
        speaker = speakers.get(text[slice(*turn.label)])
        if turn.answers or turn.asks:
            speaker = interviewee if turn.answers else None
        first = max(0, bisect_right(sentence_starts, turn.label[0]) - 1)
        after = bisect_right(sentence_starts, turn.end - 1)
        quoted.update(dict.fromkeys(range(first, after), speaker))
    return quoted


def _persons_before(
    position: int, mentions: Sequence[IndexedMention], starts: Sequence[int]
) -> set[int]:
    return {
        mention.entity
        for mention in mentions[: bisect_right(starts, position - 1)]
        if mention.type == EntityType.PERSON
    }
