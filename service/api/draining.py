"""Whether this process is about to stop."""

from __future__ import annotations

from threading import Event

DRAINING = Event()
"""Set from the signal to stop on: readiness fails, while requests are still answered."""

ENDING = Event()
"""Set shortly before the process is killed: work stops, and streams end with a problem."""
