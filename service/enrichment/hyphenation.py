"""Hyphenation: words that a line end splits, as in text from printed pages."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

import regex

from service.enrichment.coreference.lexicon import HYPHEN_TAILS
from service.enrichment.words import Span

_SOFT_HYPHEN = "\u00ad"
_LONGEST = 40
"""Letters before a hyphen at most."""
_GAP = rf"[-‐‑{_SOFT_HYPHEN}][ \t]*(?:\r\n?|\n)[ \t]*"
_JOINT = regex.compile(
    rf"(?<!\p{{L}})(?P<left>\p{{L}}{{0,{_LONGEST}}}\p{{Ll}})(?P<gap>{_GAP})"
    r"(?=(?P<right>\p{Ll}[\p{L}\p{M}]*))"
)
_HYPHEN_AT_END = regex.compile(rf"[-‐‑{_SOFT_HYPHEN}][ \t]*[\r\n]")
_WORD = regex.compile(r"[\p{L}\p{M}]+(?:-[\p{L}\p{M}]+)*")
_LINE_END = regex.compile(r"\r\n?|\n")
_LEAST_JOINTS = 2
_LEAST_SHARE = 0.04
"""Share of lines that end in a hyphen from which on a text is hyphenated. Wrapping text at the
hyphens that it has anyway ends about one line in a hundred with one."""


@dataclass(frozen=True)
class JoinedText:
    """A text whose words are whole, and the text that it comes from.

    Attributes:
        original: with hyphens at the ends of lines.
        text: without those that split a word, and without the line ends after them.
        joints: the offsets in ``text`` at which characters are left out.
        removed: how many of them are left out up to each joint, that one included.
    """

    original: str
    text: str
    joints: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()

    def original_span(self, start: int, end: int) -> Span:
        """The span of ``original`` that a span of ``text``, not an empty one, comes from."""
        if not self.joints:
            return start, end
        return self._offset(start), self._offset(end - 1) + 1

    def joined_span(self, start: int, end: int) -> Span:
        """The span of ``text`` that a span of ``original``, which has whole words, becomes."""
        if not self.joints:
            return start, end
        return self._joined(start), self._joined(end)

    def _offset(self, offset: int) -> int:
        passed = bisect_right(self.joints, offset)
        return offset + (self.removed[passed - 1] if passed else 0)

    def _joined(self, offset: int) -> int:
        passed = bisect_right(self._original_joints, offset)
        return offset - (self.removed[passed - 1] if passed else 0)

    @cached_property
    def _original_joints(self) -> list[int]:
        return [joint + removed for joint, removed in zip(self.joints, self.removed, strict=True)]


def join_lines(text: str) -> JoinedText:
    r"""Join the words that a hyphen at the end of a line splits: "Commis-\nsion".

    A hyphen stays where the article has the compound elsewhere, or where it usually joins the
    second word to a name ("London-\nbased"). Otherwise the word is joined if the article has it
    whole elsewhere, or if it is hyphenated throughout.

    Args:
        text: any text. The time is linear in its length.
    """
    if not _HYPHEN_AT_END.search(text):
        return JoinedText(text, text)
    found = list(_JOINT.finditer(text))
    words = set(_WORD.findall(text.casefold()))
    share = len(found) / (1 + len(_LINE_END.findall(text)))
    hyphenated = len(found) >= _LEAST_JOINTS and share >= _LEAST_SHARE
    parts: list[str] = []
    joints: list[int] = []
    removed: list[int] = []
    position = 0
    for joint in found:
        left, right = joint["left"].casefold(), joint["right"].casefold()
        soft = joint["gap"][0] == _SOFT_HYPHEN
        compound = f"{left}-{right}" in words or right in HYPHEN_TAILS
        if soft or (not compound and (hyphenated or f"{left}{right}" in words)):
            parts.append(text[position : joint.start("gap")])
            before = removed[-1] if removed else 0
            joints.append(joint.start("gap") - before)
            removed.append(before + len(joint["gap"]))
            position = joint.end()
    return JoinedText(text, "".join([*parts, text[position:]]), tuple(joints), tuple(removed))
