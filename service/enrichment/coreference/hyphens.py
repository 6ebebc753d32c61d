"""Hyphens: the name inside of words such as "US-led", "London-based" and "pro-Russian"."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

import regex

from service.enrichment.coreference.lexicon import BLOCS, COUNTRIES, HYPHEN_PREFIXES, HYPHEN_TAILS
from service.enrichment.coreference.names import NameT, normalize
from service.enrichment.types import OTHER_TYPES, EntityType
from service.enrichment.words import Span

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
    inner = {i: part for i, name in enumerate(names) if (part := _inner(name.text))}
    if not inner:
        return list(names)
    types: dict[str, Counter[str]] = defaultdict(Counter)
    for i, name in enumerate(names):
        if i not in inner:
            form = normalize(name.text)
            types[form][name.type] += 1
            if name.type == EntityType.PERSON and " " in form:
                types[form.rpartition(" ")[2]][EntityType.PERSON] += 1
    return [_trimmed(name, inner[i], types) if i in inner else name for i, name in enumerate(names)]


def _inner(text: str) -> Span | None:
    """The part of a name without what hyphens join to it, if there is such."""
    if "-" not in text and text.isascii():
        return None
    prefix, tail = _PREFIX.search(text), _TAIL.search(text)
    if not (prefix or tail):
        return None
    start, end = prefix.end() if prefix else 0, tail.start() if tail else len(text)
    return (start, end) if any(map(str.isupper, text[start:end])) else None


def _trimmed(name: NameT, inner: Span, types: dict[str, Counter[str]]) -> NameT:
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
