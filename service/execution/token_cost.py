"""A running estimate of the time that the encoder takes for a token."""

from __future__ import annotations

_INITIAL_SECONDS = 1 / 9000  # per token, until passes have been measured
_INITIAL_WINDOW = 200  # tokens of the window on which the initial estimate is based
_WEIGHT = 0.02  # weight of the latest pass in the moving averages


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
