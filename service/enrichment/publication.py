"""The day of publication, as requests and web pages give it."""

from __future__ import annotations

import re
from datetime import date

_LEAP_YEAR = r"(?:[12]\d(?:0[48]|[2468][048]|[13579][26])|(?:12|16|20|24|28)00)"
_DAY = (
    r"(?:[12]\d{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])"
    r"|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))"
    rf"|{_LEAP_YEAR}-02-29)"
)
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?"
_ZONE = r"(?:[Zz]|[+-](?:[01]\d|2[0-3]):?[0-5]\d)"
PUBLISHED = rf"^{_DAY}(?:[Tt ]{_TIME}{_ZONE}?)?$"
"""ISO 8601 dates from 1000 to 2999, and such dates with a time."""

_PUBLISHED = re.compile(PUBLISHED.removesuffix("$") + r"\Z", re.ASCII)


def parse_published(text: str) -> date | None:
    """The day in an ISO 8601 date or date-time, in the time zone of the latter.

    Returns:
        ``None`` if ``text`` does not match :data:`PUBLISHED`.
    """
    return date.fromisoformat(text[:10]) if _PUBLISHED.match(text) else None
