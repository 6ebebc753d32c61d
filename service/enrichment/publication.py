"""The day of publication, as requests and web pages give it."""

from __future__ import annotations

import re
from datetime import date

PUBLISHED = (
    r"^[12]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"(?:[Tt ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?"
    r"(?:[Zz]|[+-](?:[01]\d|2[0-3]):?[0-5]\d)?)?$"
)
"""ISO 8601 dates, and dates with a time."""

_PUBLISHED = re.compile(PUBLISHED.removesuffix("$") + r"\Z", re.ASCII)


def parse_published(text: str) -> date | None:
    """The day in an ISO 8601 date or date-time, in the time zone of the latter.

    Returns:
        ``None`` if ``text`` is anything else, or there is no such day.
    """
    if not _PUBLISHED.match(text):
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
