"""Word lists of what newsrooms write around and into the news, from ``newsroom.toml``."""

from __future__ import annotations

import tomllib
from importlib.resources import files

_LISTS: dict[str, str] = tomllib.loads(
    files("service.enrichment").joinpath("newsroom.toml").read_text("utf-8")
)


def _lines(name: str) -> frozenset[str]:
    return frozenset(_LISTS[name].strip().splitlines())


AGENCIES = _lines("agencies")
"""News agencies and broadcasters, in lower case."""

ORGANIZATIONS = _lines("organizations")
"""Other organisations that taggers take for persons and places, in lower case."""

TIME_ZONES = frozenset(_LISTS["time_zones"].split())
TIME_ZONES_AFTER_A_TIME = TIME_ZONES.union(_LISTS["time_zones_after_a_time"].split())
NO_NAMES = _lines("slugs") | _lines("labels")
"""Slugs of alerts and labels of pages, in lower case."""

ALERT_WORDS = frozenset(_LISTS["alert_words"].split())
CREDIT_ROLES = _lines("credit_roles")
CREDIT_LABELS = _lines("credit_labels")
TEASER_LABELS = _lines("teaser_labels")
AUTHOR_ROLES = _lines("author_roles")
CREDIT_PHRASES = _lines("credit_phrases")
STATES = frozenset(_LISTS["states"].split())
ADDRESSED_OFFICES = frozenset(_LISTS["addressed_offices"].split())
WEEKDAYS = frozenset(_LISTS["weekdays"].split())
