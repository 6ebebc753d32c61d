"""Folding: the form in which names of lists and texts are compared.

Typography does not tell names apart. Curly apostrophes and quotation marks become straight, hyphens
become ``-``, accents are composed (NFC), invisible characters disappear, and white space becomes
one space, or a line break where it holds a blank line, which no name crosses.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

import regex

_PLAIN = str.maketrans(
    dict.fromkeys("’‘ʼʻ′`´＇", "'")
    | dict.fromkeys("“”„«»", '"')
    | dict.fromkeys("‐‑‒–", "-")
    # The only letter whose lower case is two characters, which would shift all offsets.
    | {"İ": "I"}
)
_INVISIBLE = r"\u00ad\u200b\u200e\u200f\u2060\ufeff"
_SPACE = regex.compile(rf"(?:[^\S ]|[{_INVISIBLE}]|\s(?=[\s{_INVISIBLE}]))[\s{_INVISIBLE}]*")
_VISIBLE_SPACE = regex.compile(r"\s")
_LINE_BREAK = regex.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
_CHARACTER = regex.compile(r"\X")

_Edit = tuple[int, int, str]
"""A span of the source, and what replaces it."""


@dataclass(frozen=True)
class FoldedText:
    """A text in the form in which it is compared.

    Attributes:
        text: the folded text.
        lower: the same in lower case, of the same length.
    """

    text: str
    lower: str
    _folded: list[int]
    _source: list[int]

    @classmethod
    def of(cls, source: str) -> FoldedText:
        """Fold a text of any length."""
        pieces: list[str] = []
        folded, sources = [0], [0]
        length = position = 0
        for start, end, replacement in _edits(source):
            if start < position:
                continue  # part of a character that has been replaced
            pieces += (source[position:start], replacement)
            length += start - position
            folded += (length, length + len(replacement))
            sources += (start, end)
            length += len(replacement)
            position = end
        pieces.append(source[position:])
        text = "".join(pieces).translate(_PLAIN)
        return cls(text, lower_case(text), folded, sources)

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the source that a span of the folded text stands for."""
        first = bisect_right(self._folded, start) - 1
        last = bisect_left(self._folded, end)
        if last == len(self._folded) or self._folded[last] != end:
            last -= 1
        return (
            self._source[first] + start - self._folded[first],
            self._source[last] + end - self._folded[last],
        )


def fold(name: str) -> str:
    """A name or a context word in the form in which it is compared; its case stays."""
    if name.isascii() and name.isprintable() and "  " not in name:  # most are, and lists are long
        return name.translate(_PLAIN).strip()
    return FoldedText.of(name).text.strip()


def lower_case(folded: str) -> str:
    """A folded text in lower case, of the same length."""
    lower = folded.lower()
    return lower if lower.isascii() else lower.replace("ς", "σ")


def is_word_character(character: str) -> bool:
    """Whether a character continues a word: a letter, a digit, ``_`` or a mark on one of these."""
    return (
        character.isalnum()
        or character == "_"
        or (not character.isascii() and unicodedata.category(character)[0] == "M")
    )


def _edits(source: str) -> Iterator[_Edit]:
    """The spans to replace, by position, some of which may overlap."""
    edits = list(_space_edits(source))
    if not unicodedata.is_normalized("NFC", source):
        edits += _composed_characters(source)
        edits.sort()
    yield from edits


def _space_edits(source: str) -> Iterator[_Edit]:
    for match in _SPACE.finditer(source):
        run = match[0]
        replacement = " " if _VISIBLE_SPACE.search(run) else ""
        if len(run) > 1 and len(_LINE_BREAK.findall(run)) > 1:
            replacement = "\n"
        yield *match.span(), replacement


def _composed_characters(source: str) -> Iterator[_Edit]:
    for match in _CHARACTER.finditer(source):
        composed = unicodedata.normalize("NFC", match[0])
        if composed != match[0]:
            yield *match.span(), composed
