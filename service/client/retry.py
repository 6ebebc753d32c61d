"""When to send a request again."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

FIRST_PAUSE = 0.25
LONGEST_PAUSE = 10.0


class RetrySchedule:
    """The retries of one request, limited in number and in time.

    Exponential backoff with jitter: pauses double from :data:`FIRST_PAUSE` to
    :data:`LONGEST_PAUSE` seconds. Each is shortened at random by up to half, so that callers that
    fail at the same time do not retry at the same time.

    Args:
        retries: most retries. One that follows a ``Retry-After`` does not count: the server is
            busy, not broken.
        seconds: time from now after which no retry starts.
    """

    def __init__(self, retries: int, seconds: float) -> None:
        self._retries_left = retries
        self._deadline = time.monotonic() + seconds
        self._backoff = FIRST_PAUSE

    def next_pause(self, retry_after: str | None = None) -> float | None:
        """Seconds to wait before the next retry; ``None`` if there is none.

        Args:
            retry_after: the header of the response. The pause is never shorter; if the deadline
                is too close for it, there is no retry.
        """
        jitter = random.uniform(0.5, 1)  # noqa: S311  no secret depends on it
        requested = parse_retry_after(retry_after)
        pause = self._backoff * jitter + requested
        counts = requested == 0
        if (counts and self._retries_left <= 0) or time.monotonic() + pause > self._deadline:
            return None
        self._retries_left -= counts
        self._backoff = min(2 * self._backoff, LONGEST_PAUSE)
        return pause


def parse_retry_after(value: str | None) -> float:
    """Seconds that a ``Retry-After`` header asks for, as a number or a date; 0 if malformed."""
    if value is None:
        return 0.0
    if value.strip().isdecimal():
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, IndexError, OverflowError):
        return 0.0
    if date.tzinfo is None:  # "-0000": in UTC, without a time zone
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - datetime.now(UTC)).total_seconds())
