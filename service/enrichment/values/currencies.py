"""Currencies: their signs, abbreviations and English names, for ISO 4217 codes."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Currencies:
    """What news write for currencies.

    Attributes:
        signs: ``$``, ``HK$`` and the like → code.
        abbreviations: ``Rs``, ``USD`` and the like, before or after a number → code.
        names: nouns with their qualifiers, lower case, such as ``hong kong dollars`` → code.
        nouns: nouns by themselves, lower case → code; ``None`` where several currencies share it.
        unclear: nouns and abbreviations that also mean other things.
        qualifiers: lower case, as written → as in ``names``.
    """

    signs: Mapping[str, str]
    abbreviations: Mapping[str, str]
    names: Mapping[str, str]
    nouns: Mapping[str, str | None]
    unclear: frozenset[str]
    qualifiers: Mapping[str, str]

    def named(self, qualifier: str, noun: str) -> str | None:
        """The code for a noun after a qualifier, which may be empty."""
        noun, qualifier = noun.lower(), " ".join(qualifier.lower().split())
        if not qualifier:
            return self.nouns.get(noun)
        return self.names.get(f"{self.qualifiers.get(qualifier, qualifier)} {noun}")


@cache
def read_currencies() -> Currencies:
    """The currencies that are legal tender today, from babel and ``currencies.toml``."""
    # Takes a twentieth of a second, which a start without requests for values need not.
    from babel.core import get_global
    from babel.numbers import get_currency_name

    data = tomllib.loads(
        files("service.enrichment.values").joinpath("currencies.toml").read_text("utf-8")
    )
    current = sorted(
        {
            code
            for history in get_global("territory_currencies").values()
            for code, _, until, tender in history
            if until is None and tender
        }
    )
    names, codes = {}, defaultdict(set)
    for code in current:
        for count in (1, 2):
            name = get_currency_name(code, count, locale="en").lower()
            names[name] = code
            codes[name.rpartition(" ")[2]].add(code)
    nouns: dict[str, str | None] = {
        noun: found.copy().pop() if len(found) == 1 else None for noun, found in codes.items()
    }
    nouns |= _inverted(data["nouns"])
    qualifiers = {name.rpartition(" ")[0]: name.rpartition(" ")[0] for name in names}
    qualifiers |= {written.lower(): meant for written, meant in data["qualifiers"].items()}
    return Currencies(
        signs=_inverted(data["signs"]),
        abbreviations={code: code for code in current} | _inverted(data["abbreviations"]),
        names=names,
        nouns=nouns,
        unclear=frozenset(" ".join(data["unclear"].values()).split()),
        qualifiers={written: meant for written, meant in qualifiers.items() if written},
    )


def _inverted(written: Mapping[str, str]) -> dict[str, str]:
    return {form: code for code, forms in written.items() for form in forms.split()}
