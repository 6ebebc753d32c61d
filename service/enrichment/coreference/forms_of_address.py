"""Forms of address: the titles before a person's name, and the gender that they imply."""

from __future__ import annotations

from typing import Literal

import regex

Gender = Literal["m", "f"]

TITLES = frozenset(
    "mr mrs ms miss dr prof professor sir dame lord lady president vice prime minister premier "
    "chancellor senator sen rep representative congressman congresswoman gov governor gen general "
    "lt col colonel maj major capt captain sgt judge justice king queen prince princess pope "
    "cardinal bishop archbishop secretary ambassador mayor chairman chairwoman coach".split()
)
_GENDERED = regex.compile(r"\b(?=\p{Lu})(?i:(?P<m>mr|sir|lord)|mrs|ms|miss|dame|lady)\b\.?\s*$")
_LONGEST = 6
"""Code points of the longest gendered form of address, with the space after it."""


def address_gender(text: str, start: int, end: int) -> Gender | None:
    """The gender implied by the form of address before a name or at its beginning.

    Args:
        text: the whole text.
        start: first code point of the name.
        end: one past its last code point.

    Returns:
        ``"m"``, ``"f"``, or ``None`` without a gendered form of address.
    """
    first_word, _, rest = text[start:end].partition(" ")
    address = _GENDERED.search(first_word) if rest else None
    address = address or _GENDERED.search(text[max(0, start - _LONGEST) : start])
    if not address:
        return None
    return "m" if address["m"] else "f"
