"""Transcripts: texts in which a label at the beginning of a line names who speaks."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import regex

from service.enrichment.mention_index import IndexedMention, MentionIndex
from service.enrichment.newsroom import CREDIT_LABELS, NO_NAMES
from service.enrichment.speech import SPEECH_VERBS
from service.enrichment.types import EntityType
from service.enrichment.words import Span

_LINE_START = r"^[ \t]*(?:[*_•>–—-]+[ \t]*)?\[?"
_INVITATIONS = frozenset({"listen", "new", "read"})
"""Labels of headlines: "NEW: Lammy to justice"."""
_LABEL = regex.compile(
    _LINE_START + r"(?P<label>"
    r"[QA]\d{0,3}|Question|Answer|QUESTION|ANSWER"
    r"|\p{Lu}[\p{Lu}\p{M}\p{N}.'’\-]*(?:[ \t]+[\p{Lu}\p{N}][\p{Lu}\p{M}\p{N}.'’\-]*){0,6}"
    r"|\p{Lu}[\p{L}\p{M}.'’\-]*(?:[ \t]+[\p{L}\p{M}.'’\-]+){0,5}"
    # "Ann Lee (Leeds) (Lab):", "ANN LEE, CNN HOST (on camera):"
    r")(?P<details>(?:[ \t]*[(\[][^()\[\]\r\n]{1,60}[)\]]|,[ \t]+[^,:;.!?()\[\]\r\n]{1,40}){0,3})"
    r"\]?(?:[*_]+)?[:](?:[*_]+)?(?=[ \t]*(?:\R|$)|[ \t]+\S)",
    regex.MULTILINE,
)
# Courts: "Q. Do you know him?" A line may also begin with an initial: "A. Lee said".
_DOTTED_LABEL = regex.compile(
    _LINE_START + r"(?P<label>[QA]\d{0,3})(?P<details>)\.(?=[ \t]+\S)", regex.MULTILINE
)
_QUESTION = regex.compile(r"(?i:q\d{0,3}|question)")
_ANSWER = regex.compile(r"(?i:a\d{0,3}|answer)")
_ROLE = regex.compile(
    r"(?i:(?:the )?(?:interviewer|interviewee|host|moderator|presenter|anchor|reporter|speaker|"
    r"chair|operator|journalist|correspondent|narrator|caller|announcer|prosecutor|defen[cs]e|court|"
    r"witness|clerk|judge|president|prime minister|minister|secretary|counsel|guest|panelist|"
    r"questioner|audience(?: member)?|participant|co-host|male|female|man|woman|"
    r"unidentified [\w ]+)(?: \d+)?)"
)
_BRACKETS = regex.compile(r"[(\[][^()\[\]]*[)\]]")
_NOUN = regex.compile("answer|counsel|question|report|speech|voice")
_BLANK_LINE = regex.compile(r"\R[ \t]*\R")
_ITEM_END = regex.compile(r"(?<=\S)[ \t]*\R(?![ \t]*\p{Ll})")
"""The end of a line that the next one does not go on from."""
_LEAST_TURNS = 2
_SPOKEN = regex.compile(r"\b(?i:i|we|you|my|our|your|me)\b|\?|n['’]t\b|['’](?i:m|re|ve|ll|d)\b")
"""What people say, and lists of headlines, players or officers hardly have."""
_PROSE = regex.compile(r"\b\p{Ll}+\b.*?\b\p{Ll}+\b", regex.DOTALL)
_WORD = regex.compile(r"\p{L}+")


@dataclass(frozen=True)
class Turn:
    """What one speaker says until the next one speaks.

    Attributes:
        label: span of the label, without its colon.
        details: span of what follows the name in the label: party, place, station, or the name of
            the holder of an office.
        end: one past the last code point of the turn.
        answers: whether the label is only "A" or "Answer".
        asks: whether the label is only "Q" or "Question".
    """

    label: Span
    details: Span
    end: int
    answers: bool
    asks: bool


def _is_credit(label: str) -> bool:
    """Whether a label introduces a credit: "Photo", "Ann Lee Photographer", but not "REPORTER"."""
    lower = label.lower()
    credited = lower.split()[-1] in CREDIT_LABELS and not _ROLE.fullmatch(label)
    return credited or lower in NO_NAMES or lower in _INVITATIONS


def _reports_speech(label: regex.Match[str]) -> bool:
    """Whether a verb makes the label part of a sentence: "Ann Lee, a nurse, said:"."""
    words = _WORD.findall(label["label"] + _BRACKETS.sub("", label["details"]))
    return any(word in SPEECH_VERBS and not _NOUN.fullmatch(word) for word in words)


def _sounds_spoken(turn: Turn, text: str) -> bool:
    """Whether a turn has words of speech or, after a label in capitals, more than a name."""
    if _SPOKEN.search(text, turn.details[1], turn.end):
        return True
    in_capitals = text[slice(*turn.label)].isupper() and turn.label[1] - turn.label[0] > 1
    return in_capitals and bool(_PROSE.search(text, turn.details[1], turn.end))


def _starts_with_name(label: regex.Match[str], ends: Mapping[int, int]) -> bool:
    """Whether the label begins with a person, but not as in "Lee resignation: what now?".

    Args:
        label: at the beginning of a line.
        ends: the start of a person's name → its end.
    """
    end = ends.get(label.start("label"))
    rest = label["label"][end - label.start("label") :] if end else ""
    return end is not None and not any(word.islower() for word in _WORD.findall(rest))


def find_turns(text: str, names: Sequence[Span], others: Sequence[Span] = ()) -> list[Turn]:
    """The turns of a transcript; none if ``text`` is not a transcript.

    A label is "Q" or "A", also with full stops where a text has both, a role ("INTERVIEWER"), a
    label that occurs twice, or one with a name. Two labelled lines make a transcript if a third of
    the turns, or half where no label occurs twice, sound spoken. A turn lasts until the next label,
    the last one until an empty line; where no label occurs twice, until the end of its paragraph or
    list item. The time is linear in the length of the text.

    Args:
        text: the whole text.
        names: spans of the persons' names in it, in order.
        others: spans of all names. One of several words is a label where it is spelled the same.
    """
    labels = []
    if ":" in text:
        labels = [
            label
            for label in _LABEL.finditer(text)
            if not _is_credit(label["label"]) and not _reports_speech(label)
        ]
    dotted = list(_DOTTED_LABEL.finditer(text)) if "Q" in text else []
    if len({label["label"][0] for label in dotted}) == len("QA"):
        labels = sorted([*labels, *dotted], key=lambda label: label.start())
    counts = Counter(label["label"] for label in labels)
    starts = dict(names)
    ends = {end for _, end in names}
    beginnings = {label.start("label") for label in labels}
    spelled = {
        name.casefold()
        for start, end in others
        if start not in beginnings and " " in (name := text[start:end])
    }
    kept = [
        label
        for label in labels
        if counts[label["label"]] > 1
        or _QUESTION.fullmatch(label["label"])
        or _ANSWER.fullmatch(label["label"])
        or _ROLE.fullmatch(label["label"])
        or _starts_with_name(label, starts)
        or label.end("label") in ends
        or label["label"].casefold() in spelled
        or any(start in starts for start in range(*label.span("details")))
    ]
    if len(kept) < _LEAST_TURNS:
        return []
    repeats = len({label["label"] for label in kept}) < len(kept)
    turns = []
    for label, following in zip(kept, [*kept[1:], None], strict=True):
        end = following.start() if following else len(text)
        if not repeats or not following:
            border = _BLANK_LINE if repeats else _ITEM_END
            found = border.search(text, label.end(), end)
            end = found.start() if found else end
        turns.append(
            Turn(
                label.span("label"),
                label.span("details"),
                end,
                answers=bool(_ANSWER.fullmatch(label["label"])),
                asks=bool(_QUESTION.fullmatch(label["label"])),
            )
        )
    spoken = sum(_sounds_spoken(turn, text) for turn in turns)
    examined = any(turn.asks for turn in turns) and any(turn.answers for turn in turns)
    return turns if examined or (3 if repeats else 2) * spoken >= len(turns) else []


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
    if ":" not in text and "Q" not in text:  # as most articles, which need no search for labels
        return {}
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
        spans,
    )
    if not turns:
        return {}
    # Labels such as "BBC" or "The Guardian"; "The Crown Prosecutor" is not the Crown.
    named_whole = {
        text[slice(*span)].lower().removeprefix("the "): mention.entity
        for span, mention in zip(spans, every, strict=True)
        if mention.type != EntityType.PERSON
    }
    speakers: dict[str, int] = {}
    for turn in turns:
        named = _person_within(turn.label, every, spans, starts)
        if named is None:
            named = _person_within(turn.details, every, spans, starts)
        if named is None:
            named = named_whole.get(text[slice(*turn.label)].lower().removeprefix("the "))
        if named is not None:
            speakers.setdefault(text[slice(*turn.label)], named)
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


def _person_within(
    span: Span,
    mentions: Sequence[IndexedMention],
    spans: Sequence[Span],
    starts: Sequence[int],
) -> int | None:
    """The last person whose mention stands inside of ``span``."""
    for k in range(bisect_right(starts, span[1]) - 1, -1, -1):
        if starts[k] < span[0]:
            break
        if spans[k][1] <= span[1] and mentions[k].type == EntityType.PERSON:
            return mentions[k].entity
    return None


def _persons_before(
    position: int, mentions: Sequence[IndexedMention], starts: Sequence[int]
) -> set[int]:
    return {
        mention.entity
        for mention in mentions[: bisect_right(starts, position - 1)]
        if mention.type == EntityType.PERSON
    }
