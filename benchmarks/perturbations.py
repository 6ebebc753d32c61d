"""Perturbations of text for robustness tests: letter case, typographic quotes, OCR errors.

None changes the length of the text, so gold spans stay valid.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

_OCR_CONFUSIONS = {
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
"""Letter → a letter that optical character recognition (OCR) confuses with it."""

OCR_ERROR_RATE = 0.02
"""Share of the letters in the table that are replaced."""


def all_capitals(text: str) -> str:
    """Upper-case the text, as in wire headlines."""
    return "".join(upper if len(upper := c.upper()) == 1 else c for c in text)


def lower_case(text: str) -> str:
    """Lower-case the text, as in informal posts."""
    return "".join(lower if len(lower := c.lower()) == 1 else c for c in text)


def title_case(text: str) -> str:
    """Capitalize each word, as in American headlines."""
    return re.sub(r"[^\W\d_][\w'’]*", lambda m: all_capitals(m[0][0]) + lower_case(m[0][1:]), text)


def curly_quotes(text: str) -> str:
    """Replace straight quotes by typographic ones; after white space, by opening ones."""
    text = re.sub(r'(?:(?<=\s)|^)"(?=\S)', "“", text).replace('"', "”")
    return re.sub(r"(?:(?<=\s)|^)'(?=\S)", "‘", text).replace("'", "’")


def ocr_errors(text: str) -> str:
    """Replace letters as OCR errors do; deterministic for a text."""
    generator = random.Random(text)
    return "".join(
        _OCR_CONFUSIONS[c] if c in _OCR_CONFUSIONS and generator.random() < OCR_ERROR_RATE else c
        for c in text
    )


PERTURBATIONS: dict[str, Callable[[str], str]] = {
    "all capitals": all_capitals,
    "lower case": lower_case,
    "title case": title_case,
    "curly quotes": curly_quotes,
    "2 % of letters misread": ocr_errors,
}
