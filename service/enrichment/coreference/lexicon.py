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
HONORIFICS = _words("honorifics")
TITLES_IN_CAPITALS = _words("titles_in_capitals")
TITLES_AFTER_TITLES = _words("titles_after_titles")
TITLE_PREFIXES = _words("title_prefixes")
TITLES_OF_NAMES = _words("titles_of_names")
TITLE_FORMS: dict[str, str] = _CONTENT["title_forms"]
CERTAIN_TITLES = _words("certain_titles")
CERTAIN_TITLES_WITH_POINT = _words("certain_titles_with_point")
TITLED_BRANDS = _words("titled_brands")
MALE_TITLES = _words("male_titles")
FEMALE_TITLES = _words("female_titles")
MALE_RELATIVES = _words("male_relatives")
FEMALE_RELATIVES = _words("female_relatives")
GROUPS_OF_RELATIVES = _words("groups_of_relatives")
FIRST_FAMILY_NAMES = _words("first_family_names")
"""Family names that often stand before the given name."""

POSTNOMINALS = _words("postnominals")
GENERATIONS: dict[str, str] = _CONTENT["generations"]

LEGAL_FORMS = _words("organizations", "legal_forms")
CERTAIN_LEGAL_FORMS = _words("organizations", "certain_legal_forms")
GENERIC_ENDINGS = _words("organizations", "generic_endings")
LOCAL_ENDINGS = _words("organizations", "local_endings")
CLUB_CITIES = _words("organizations", "club_cities")
CLUB_ENDINGS = _words("organizations", "club_endings")
HEADS_WITHOUT_ARTICLE = _words("organizations", "heads_without_article")
CERTAIN_HEADS = _words("organizations", "certain_heads")
NUMBERED_HEADS = _words("organizations", "numbered_heads")
DEFINITE_HEADS = _words("organizations", "definite_heads")
INDICES = _words("organizations", "indices")
NUMBERED = _words("organizations", "numbered") | INDICES
MAIN_INDICES: dict[str, str] = _CONTENT["organizations"]["main_indices"]
"""Name of a family of stock indices → the number of the one that is meant without a number."""

INDEX_ENDINGS = _words("organizations", "index_endings")
SHARED_HEADS = _words("organizations", "shared_heads")
SHARED_HEAD_ENDINGS = _words("organizations", "shared_head_endings")
SHIP_PREFIXES = frozenset(_CONTENT["organizations"]["ship_prefixes"].upper().split())
PRECEDING_HEADS = _words("organizations", "preceding_heads")
FOLLOWING_HEADS = _words("organizations", "following_heads")

COORDINATED_PLACES = _words("coordinated", "places")
COORDINATED_ORGANIZATIONS = _words("coordinated", "organizations")
COORDINATED_REGIONS = _words("coordinated", "regions")
COUNTIES = _words("coordinated", "counties")

NAMESAKES = _words("spellings", "namesakes")
PLACE_NOUNS = _words("spellings", "place_nouns")
PLACE_HEADS = _words("spellings", "place_heads")
WITH_ARTICLE = _words("spellings", "with_article")
CITIES = _words("spellings", "cities")
PLACE_PREFIXES = _words("spellings", "place_prefixes")
PLACE_ENDINGS = _words("spellings", "place_endings")
PLACES_WITH_PREFIX = _words("spellings", "places_with_prefix")
HYPHENATED_PLACES = _words("spellings", "hyphenated_places")
HYPHEN_TAILS = _words("spellings", "hyphen_tails")
HYPHEN_PREFIXES = _words("spellings", "hyphen_prefixes")
COUNTRIES = _words("spellings", "countries")
BLOCS = _words("spellings", "blocs")
NATIONALITIES = _words("spellings", "nationalities")
WITH_POSSESSIVE = _words("spellings", "with_possessive")
INFORMAL = _words("spellings", "informal")
ALIASES: dict[str, str] = _CONTENT["aliases"]
NICKNAMES_OF_CLUBS: dict[str, list[str]] = _CONTENT["nicknames_of_clubs"]
"""Forms of one name that no rule can bring together."""

MALE_NAMES = _words("given_names", "male") - _words("given_names", "female")
FEMALE_NAMES = _words("given_names", "female") - _words("given_names", "male")
GIVEN_NAMES = MALE_NAMES | FEMALE_NAMES

FULL_GIVEN_NAMES: dict[str, frozenset[str]] = {
    short: frozenset(full.split()) for short, full in _CONTENT["short_given_names"].items()
}
"""Short form of a given name → the names that it may stand for."""
