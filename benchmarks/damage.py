"""Text as it also comes: other letter case, typographic quotes, misread letters.

Every change leaves the length of the text as it is, so that gold spans stay true.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

_MISREAD = {
    "l": "1",
    "I": "l",
    "O": "0",
    "o": "c",
    "e": "c",
    "a": "o",
    "n": "u",
    "h": "b",
    "S": "5",
}
"""Letters that optical character recognition takes for one another, one for one."""

MISREAD_SHARE = 0.02
"""Share of the letters with a look-alike that are misread."""


def all_capitals(text: str) -> str:
    """As in a wire headline."""
    return "".join(upper if len(upper := c.upper()) == 1 else c for c in text)


def lower_case(text: str) -> str:
    """As in a tweet."""
    return "".join(lower if len(lower := c.lower()) == 1 else c for c in text)


def title_case(text: str) -> str:
    """Each word with a capital, as in an American headline."""
    return re.sub(r"[^\W\d_][\w'’]*", lambda m: all_capitals(m[0][0]) + lower_case(m[0][1:]), text)


def curly_quotes(text: str) -> str:
    """Typographic marks for plain ones, opening ones after white space."""
    text = re.sub(r'(?:(?<=\s)|^)"(?=\S)', "“", text).replace('"', "”")
    return re.sub(r"(?:(?<=\s)|^)'(?=\S)", "‘", text).replace("'", "’")


def misread(text: str) -> str:
    """With misread letters, the same ones for the same text."""
    chance = random.Random(text)
    return "".join(
        _MISREAD[c] if c in _MISREAD and chance.random() < MISREAD_SHARE else c for c in text
    )


DAMAGES: dict[str, Callable[[str], str]] = {
    "all capitals": all_capitals,
    "lower case": lower_case,
    "title case": title_case,
    "curly quotes": curly_quotes,
    "2 % of letters misread": misread,
}
