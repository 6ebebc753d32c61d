"""Names whose 's belongs to them, such as "McDonald's", told from the possessive of a name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import regex

from service.enrichment.coreference.lexicon import WITH_POSSESSIVE
from service.enrichment.coreference.names import POSSESSIVE, Name, NameT, normalize
from service.enrichment.types import EntityType
from service.enrichment.words import APOSTROPHES

_NO_PLACES = frozenset({EntityType.ORGANIZATION, EntityType.PERSON})
_REACH = 48
_ENDING = regex.compile(r"['’][sS](?![\p{L}\p{N}])")
_PREPOSITION_BEFORE = regex.compile(
    r"\b(?i:at|by|for|from|in|into|like|near|than|to|with|outside)\s+$"
)
_POSSESSOR_BEFORE = regex.compile(r"\b(?i:of|are|is|was|were)\s+$")
# What follows the 's of a name, but not the 's of a possessor. After the latter a noun follows.
_DECISIVE = regex.compile(
    r"['’]"  # "McDonald's's shares"
    r"|\s+(?:said|says|has|had|is|was|are|were|will|would|did|does|could|may|might|should|must|"
    r"rose|fell|grew|took|gave|beat|agreed|told|warned|announced|reported|posted|expects)\b"
    r"|\s+(?:\p{Ll}+ed|cut|sold|won|lost|made|shut|built|hit|paid|bought)\s+"
    r"(?:the|a|an|its|their|his|her|this|that|to|it|them|up|more|all|one|two|three|four|five|six|seven|"
    r"eight|nine|ten|\$|£|€|\d)"
    r"|\s+of\b"
)
# What follows the 's of a known shop that a tagger takes for a person: "Kohl's and Lowe's".
_SHOP_AFTER = regex.compile(
    r"\s+(?:and|or)\s+\p{Lu}[\p{L}]*['’]s\b"
    r"|\s+(?:opens|closes|sells|buys|wants|hires|adds|joins|bans|recalls|faces|launches|seeks|"
    r"shuts|sues|shares?|stores?|sales|staff|shoppers|customers|restaurants?|outlets?|burgers?|"
    r"workers|and other)\b"
)
_SHOP_BEFORE = regex.compile(r"['’]s,?\s(?:and\s|or\s)?$")
_CLOSED = regex.compile(r"\"|\s*(?:[.,;:!?)\]”]|\s\p{Pd}|$)")
_GOES_ON = regex.compile(r"\s+(?:and|at|by|for|from|in|on|or|to|with|after|before|since)\b")


def owns_possessive(names: Sequence[Name], text: str) -> bool:
    """Whether the 's after the mentions of a name is part of it.

    It is if it always stands there and, once at least, no possessive may stand there: before a
    verb, another 's, or at the end of a clause. Some names are known.

    Args:
        names: all mentions of one form, with or without the 's.
        text: the whole text.
    """
    endings = []
    for name in names:
        ending = _ending_of(name, text)
        if not ending:
            return False
        endings.append(ending)
    person = 2 * [name.type for name in names].count(EntityType.PERSON) > len(names)
    decisive = False
    for name, ending in zip(names, endings, strict=True):
        before = text[max(0, name.start - 12) : name.start]
        after = text[ending.end() : ending.end() + _REACH]
        decisive |= bool(
            _DECISIVE.match(after)
            # "a term like Reagan's.", "The canal was Panama's."
            or (_CLOSED.match(after) and not person and not _POSSESSOR_BEFORE.search(before))
            or (_GOES_ON.match(after) and _PREPOSITION_BEFORE.search(before) and not person)
        )
    full_name = person and " " in normalize(names[0].text)
    known = normalize(names[0].text) in WITH_POSSESSIVE and (
        not person
        or any(_SHOP_AFTER.match(text, ending.end()) for ending in endings)
        or any(_SHOP_BEFORE.search(text, max(0, name.start - 8), name.start) for name in names)
    )
    return bool(names) and (known or (decisive and not full_name))


def claim_possessives(names: Sequence[NameT], text: str) -> list[NameT]:
    """Extend the mentions of names whose 's belongs to them by that 's.

    A form that is an organisation or a person once is an organisation everywhere: taggers read
    "McDonald" without the 's as a person or a place. A family name whose full name the article has
    owns no 's.

    Args:
        names: mentions in order of appearance.
        text: the whole text.

    Returns:
        The same mentions, in the same order.
    """
    by_form: dict[str, list[NameT]] = defaultdict(list)
    for name in names:
        if _ending_of(name, text):
            by_form[normalize(name.text)].append(name)
    if not by_form:
        return list(names)
    for name in names:
        form = normalize(name.text)
        if form in by_form and not _ending_of(name, text):
            by_form[form].append(name)
    persons = [normalize(name.text) for name in names if name.type == EntityType.PERSON]
    family_names = {form.rpartition(" ")[2] for form in persons if " " in form}
    owners = {
        form: form in WITH_POSSESSIVE or bool(_NO_PLACES & {name.type for name in mentions})
        for form, mentions in by_form.items()
        if form not in family_names and owns_possessive(mentions, text)
    }
    claimed = []
    for i, name in enumerate(names):
        form = normalize(name.text)
        if form in owners:
            ending = _ending_of(name, text)
            limit = names[i + 1].start if i + 1 < len(names) else len(text)
            if ending and ending.end() <= limit:
                end = max(name.end, ending.end())
                type_ = EntityType.ORGANIZATION if owners[form] else name.type
                name = replace(name, end=end, text=text[name.start : end], type=type_)
        claimed.append(name)
    return claimed


def _ending_of(name: Name, text: str) -> regex.Match[str] | None:
    """The 's at the end of a name or after it."""
    end = name.end
    has_mark = any(mark in name.text[-3:] for mark in APOSTROPHES)
    if has_mark and (own := POSSESSIVE.search(name.text)):
        end -= len(own[0])
    return _ENDING.match(text, end, end + 4) if text[end : end + 1] in APOSTROPHES else None
