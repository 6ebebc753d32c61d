"""Coordination: names that "and" joins, such as "Marks and Spencer", tagged in parts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import regex

from service.enrichment.coreference.names import NameT, clean, normalize, organization_form
from service.enrichment.coreference.short_forms import initials
from service.enrichment.types import EntityType

_JOINT = regex.compile(r"\s+(?:and|&)\s+")
_MAX_ALIKE = 8
"""Coordinated names with the same first word that are looked for."""


def join_coordinated(names: Sequence[NameT], text: str) -> list[NameT]:
    """Join the parts of a name with "and" where the article has it as one name elsewhere.

    Elsewhere is "Marks & Spencer", "Marks and Spencer" as one mention, or "M&S". Other names around
    "and" stay two.

    Args:
        names: mentions in order of appearance.
        text: the whole text.

    Returns:
        Mentions in order of appearance. A joined one has the type of the other mention.
    """
    wholes: dict[str, str] = {}
    patterns: dict[str, list[regex.Pattern[str]]] = defaultdict(list)
    for name in names:
        if " and " in name.text or "&" in name.text:
            form = organization_form(name.text)
            if form in wholes:
                continue
            wholes[form] = name.type
            parts = _JOINT.split(clean(name.text))
            first = normalize(parts[0].split()[0])
            if len(parts) == 2 and len(patterns[first]) < _MAX_ALIKE:
                left, right = (r"\s+".join(map(regex.escape, part.split())) for part in parts)
                patterns[first].append(regex.compile(rf"{left}{_JOINT.pattern}{right}\b"))
    if not wholes:
        return list(names)
    joined: list[NameT] = []
    for name in names:
        before = joined[-1] if joined else None
        if before and name.start < before.end:
            continue  # part of a name that has just been joined
        if before and _JOINT.fullmatch(text, before.end, name.start):
            both = text[before.start : name.end]
            if any("&" in short and normalize(short) in wholes for short in initials(both)):
                joined[-1] = replace(before, end=name.end, text=both, type=EntityType.ORGANIZATION)
                continue
        for pattern in patterns.get(normalize(name.text.split()[0]), ()):
            match = pattern.match(text, name.start)
            if match and match.end() > name.end:
                type_ = wholes[organization_form(match[0])]
                name = replace(name, end=match.end(), text=match[0], type=type_)
                break
        joined.append(name)
    return joined
