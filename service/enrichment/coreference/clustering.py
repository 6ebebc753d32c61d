"""Clustering: the coreference rules, applied to all mentions of an article."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from service.enrichment.coreference.forms_of_address import address_gender
from service.enrichment.coreference.names import Key, NameT, key_of
from service.enrichment.coreference.persons import PersonResolver
from service.enrichment.coreference.short_forms import abbreviations, short_organizations
from service.enrichment.coreference.type_reconciliation import reconcile_types


def cluster(names: Sequence[NameT], text: str, keep_types: bool = False) -> list[list[NameT]]:
    """Group mentions by entity.

    Mentions of one type and one normalized form are one entity, after
    :func:`~service.enrichment.coreference.type_reconciliation.reconcile_types` has overruled
    implausible types. So are:

    - a person's full name and its shorter forms ("Joe Biden", "Biden"): a short form belongs to
      the full name with the most mentions before it, or else to the first one after it, and never
      to a person with a form of address of the other gender ("Mrs Clinton");
    - an organisation's name with and without its generic ending ("Labour Party");
    - a name and its abbreviation, in brackets after the name or made of its initials.

    Args:
        names: mentions in order of appearance.
        text: the whole text.
        keep_types: trust every type, so that mentions of different types are never one entity.

    Returns:
        The mentions of each entity in order of appearance; entities in the order of their first
        mentions.
    """
    keys = [key_of(name) for name in (names if keep_types else reconcile_types(names))]
    forest = _Forest(keys)
    for short, full in (*abbreviations(names, keys, text), *short_organizations(keys)):
        if short[0] == full[0] or not keep_types:
            forest.join(short, full)
    persons = PersonResolver(keys)
    clusters: dict[Key, list[NameT]] = {}
    for name, key in zip(names, keys, strict=True):
        gender = address_gender(text, name.start, name.end)
        clusters.setdefault(forest.root(persons.resolve(key, gender)), []).append(name)
    return list(clusters.values())


class _Forest:
    """Disjoint sets of keys, each represented by a root."""

    def __init__(self, keys: Iterable[Key]) -> None:
        self._parents = {key: key for key in keys}

    def root(self, key: Key) -> Key:
        while self._parents[key] != key:
            key = self._parents[key]
        return key

    def join(self, key: Key, other: Key) -> None:
        """Add the set of ``key`` to that of ``other``, whose root stays."""
        self._parents[self.root(key)] = self.root(other)
