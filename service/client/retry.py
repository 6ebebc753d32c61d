"""When a request that was not answered is sent again."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

FIRST_PAUSE = 0.25
LONGEST_PAUSE = 10.0


class RetrySchedule:
    """The tries of one request, bounded in number and in time.

    Pauses double from :data:`FIRST_PAUSE` up to :data:`LONGEST_PAUSE`, each between half and the
    whole of that, so that callers who failed together do not come back together.

    Args:
        most: how often the request may be sent again; when the server says when to come back, as
            one with too much to do does, that is not counted.
        seconds: from now until the last time it may be.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self._left = most
        self._deadline = time.monotonic() + seconds
        self._pause = FIRST_PAUSE

    def pause(self, retry_after: str | None = None) -> float | None:
        """Seconds to wait before the next try; ``None`` when there must not be one.

        Args:
            retry_after: the header that came with the refusal. It is waited for in full, and a
                little longer; where that would be too long, nothing is waited for.
        """
        own = self._pause * random.uniform(0.5, 1)  # noqa: S311  spreads callers, guards nothing
        asked = seconds_until(retry_after)
        pause = own + asked
        counted = asked == 0
        if (counted and self._left <= 0) or time.monotonic() + pause > self._deadline:
            return None
        self._left -= counted
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
        return pause


def seconds_until(retry_after: str | None) -> float:
    """Seconds that a ``Retry-After`` asks for, as a number or a date; 0 if it makes no sense."""
    if retry_after is None:
        return 0.0
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        date = parsedate_to_datetime(retry_after)
    except ValueError:
        return 0.0
    if date.tzinfo is None:  # "-0000": in UTC, from nobody knows where
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - datetime.now(UTC)).total_seconds())
