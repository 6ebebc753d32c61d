"""The input of an enrichment."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

# The C0 controls except white space (TAB, LF, VT, FF, CR), and DEL.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def fault_in(text: str) -> str | None:
    """A sentence about the reason why ``text`` cannot be analysed; ``None`` if it can."""
    if not text.isascii() and (found := _SURROGATE.search(text)):
        return (
            f"Lone surrogate U+{ord(found[0]):04X} at offset {found.start()}: "
            "it is half a character and cannot be encoded."
        )
    if found := _CONTROL.search(text):
        return f"Control character U+{ord(found[0]):04X} at offset {found.start()}."
    if not text or text.isspace():
        return "Must not be empty or blank."
    return None


@dataclass(frozen=True)
class Article:
    """A news article.

    Attributes:
        text: the body, of any length.
        title: the headline, if it is not part of ``text``.
        id: the caller's identifier, returned unchanged.
        language: ISO 639-1 code; ``None`` to detect it.
        language_hints: codes that came with the article, as evidence for detection.
        published: the day of publication, which relative dates refer to; ``None`` if unknown.

    Raises:
        ValueError: :func:`fault_in` finds a fault in ``text`` or ``title``.
    """

    text: str
    title: str | None = None
    id: str | None = None
    language: str | None = None
    language_hints: tuple[str, ...] = ()
    published: date | None = None

    def __post_init__(self) -> None:
        for name, value in (("text", self.text), ("title", self.title)):
            if value is not None and (fault := fault_in(value)):
                raise ValueError(f"{name}: {fault}")

    @property
    def characters(self) -> int:
        """Code points of text and title."""
        return len(self.text) + len(self.title or "")
