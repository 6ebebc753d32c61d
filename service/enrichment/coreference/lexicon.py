"""The lexicon: words that belong to names or stand beside them, from ``names.toml``."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

_CONTENT: dict[str, Any] = tomllib.loads(
    files("service.enrichment.coreference").joinpath("names.toml").read_text("utf-8")
)


def _words(*path: str) -> frozenset[str]:
    content: Any = _CONTENT
    for key in path:
        content = content[key]
    return frozenset(content.split() if isinstance(content, str) else content)


TITLES = _words("titles")
TITLE_PREFIXES = _words("title_prefixes")
CERTAIN_TITLES = _words("certain_titles")
MALE_TITLES = _words("male_titles")
FEMALE_TITLES = _words("female_titles")
POSTNOMINALS = _words("postnominals")
GENERATIONS: dict[str, str] = _CONTENT["generations"]

LEGAL_FORMS = _words("organizations", "legal_forms")
CERTAIN_LEGAL_FORMS = _words("organizations", "certain_legal_forms")
GENERIC_ENDINGS = _words("organizations", "generic_endings")
CLUB_ENDINGS = _words("organizations", "club_endings")
INDICES = _words("organizations", "indices")
INDEX_ENDINGS = _words("organizations", "index_endings")
SHARED_HEADS = _words("organizations", "shared_heads")
FOLLOWING_HEADS = _words("organizations", "following_heads")

COORDINATED_PLACES = _words("coordinated", "places")
COORDINATED_ORGANIZATIONS = _words("coordinated", "organizations")
COORDINATED_REGIONS = _words("coordinated", "regions")

WITH_ARTICLE = _words("spellings", "with_article")
WITH_POSSESSIVE = _words("spellings", "with_possessive")
ALIASES: dict[str, str] = _CONTENT["aliases"]
"""Forms of one name that no rule can bring together."""

MALE_NAMES = _words("given_names", "male") - _words("given_names", "female")
FEMALE_NAMES = _words("given_names", "female") - _words("given_names", "male")
