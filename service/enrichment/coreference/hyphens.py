"""Hyphens: the name inside of words such as "US-led", "London-based" and "pro-Russian"."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

import regex

from service.enrichment.coreference.lexicon import BLOCS, COUNTRIES, HYPHEN_PREFIXES, HYPHEN_TAILS
from service.enrichment.coreference.names import NameT, normalize
from service.enrichment.types import OTHER_TYPES, EntityType

_TAIL = regex.compile(rf"(?<=[\p{{L}}\p{{N}}.])[-‐‑–](?:{'|'.join(sorted(HYPHEN_TAILS))})$")
_PREFIXES = "|".join(sorted(HYPHEN_PREFIXES))
# With a capital it may belong to a longer name: "Anti-Defamation League".
_PREFIX = regex.compile(
    rf"^(?:(?:{_PREFIXES})[-‐‑–]|(?i:{_PREFIXES})[-‐‑–](?=\S+$))(?=\p{{Lu}})(?!\p{{Lu}}\.?$)"
)
_PLACE_TAILS = ("based", "listed")


def trim_hyphens(names: Sequence[NameT]) -> list[NameT]:
    """Leave the words out that a hyphen joins to a name: ``[US]-led``, ``pro-[Russian]``.

    What remains has the type of the same name elsewhere in the article, if there is one. Countries,
    and what stands before "-based", are places rather than nationalities or things; unions of
    countries are organisations.

    Args:
        names: mentions in order of appearance, or untagged words.

    Returns:
        The same mentions, in the same order.
    """
    if not any(_inner(name) for name in names):
        return list(names)
    types: dict[str, Counter[str]] = defaultdict(Counter)
    for name in names:
        if not _inner(name):
            form = normalize(name.text)
            types[form][name.type] += 1
            if name.type == EntityType.PERSON and " " in form:
                types[form.rpartition(" ")[2]][EntityType.PERSON] += 1
    return [_trimmed(name, types) for name in names]


def _inner(name: NameT) -> tuple[int, int] | None:
    """The part of ``name.text`` without what hyphens join to it, if there is such."""
    text = name.text
    if text.find("-") < 0 and text.isascii():
        return None
    prefix, tail = _PREFIX.search(text), _TAIL.search(text)
    if not (prefix or tail):
        return None
    start, end = prefix.end() if prefix else 0, tail.start() if tail else len(text)
    return (start, end) if any(map(str.isupper, text[start:end])) else None


def _trimmed(name: NameT, types: dict[str, Counter[str]]) -> NameT:
    inner = _inner(name)
    if not inner:
        return name
    start, end = inner
    text = name.text[start:end]
    form = normalize(text)
    type_ = name.type
    if form in types:
        type_ = max(types[form], key=lambda type_: types[form][type_])
    elif type_ in OTHER_TYPES and form in BLOCS:
        type_ = EntityType.ORGANIZATION
    elif type_ in OTHER_TYPES and (form in COUNTRIES or name.text.endswith(_PLACE_TAILS)):
        type_ = EntityType.LOCATION
    return replace(name, start=name.start + start, end=name.start + end, text=text, type=type_)
