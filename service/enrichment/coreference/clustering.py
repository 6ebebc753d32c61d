"""Clustering: the coreference rules, applied to all mentions of an article."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import regex

from service.enrichment.bounds import Check, no_check
from service.enrichment.coreference.abbreviations import (
    MISTAKEN,
    abbreviations,
    is_abbreviation,
)
from service.enrichment.coreference.aliases import stated_aliases, with_types_of_aliases
from service.enrichment.coreference.coordination import with_shared_family_names
from service.enrichment.coreference.lexicon import HEADS_WITHOUT_ARTICLE
from service.enrichment.coreference.names import Key, NameT, clean, ends_in_legal_form, key_of
from service.enrichment.coreference.person_mentions import read_persons
from service.enrichment.coreference.persons import PersonResolver, nicknames
from service.enrichment.coreference.short_forms import (
    is_head,
    nicknames_of_clubs,
    short_indices,
    short_organizations,
    short_places,
    short_things,
)
from service.enrichment.coreference.type_reconciliation import reconcile_types
from service.enrichment.types import EntityType

_ARTICLE = regex.compile(r"(?<!\w)the ")


def cluster(
    names: Sequence[NameT], text: str, keep_types: bool = False, check: Check = no_check
) -> list[list[NameT]]:
    """Group mentions by entity.

    Mentions of one type and one comparable form are one entity, after
    :func:`~service.enrichment.coreference.type_reconciliation.reconcile_types` has overruled
    implausible types. So are:

    - a person's full name and its shorter forms ("Joe Biden", "Biden"), as
      :class:`~service.enrichment.coreference.persons.PersonResolver` resolves them;
    - an organisation's name with and without its generic ending ("Labour Party");
    - a club's name and its nickname in the press;
    - a stock index with and without its number;
    - a name and its abbreviation, in brackets after the name or made of its initials;
    - a name and an alias that the article states ("Sean Combs, also known as Diddy").

    Args:
        names: mentions in order of appearance.
        text: the whole text.
        keep_types: trust every type, so that mentions of different types are never one entity.
        check: called between the steps and for each mention. Its exceptions propagate.

    Returns:
        The mentions of each entity in order of appearance, with their reconciled types; entities in
        the order of their first mentions.
    """
    check()
    typed = list(names) if keep_types else reconcile_types(names, text)
    check()
    aliases = list(stated_aliases(typed, text))
    if keep_types:
        aliases = [(i, j) for i, j in aliases if typed[i].type == typed[j].type]
    typed = with_types_of_aliases(typed, aliases)
    keys = [key_of(name) for name in typed]
    keys, first_of_pairs = with_shared_family_names(typed, keys, text)
    check()
    expansions = abbreviations(typed, keys, text)
    typed = [
        replace(name, type=expansions[i][0])
        if i in expansions
        and (name.type in MISTAKEN or expansions[i][0] == EntityType.ORGANIZATION)
        and not keep_types
        else name
        for i, name in enumerate(typed)
    ]
    companies = {
        key
        for name, key in zip(typed, keys, strict=True)
        if ends_in_legal_form(clean(name.text), certain=False)
    }
    check()
    definite = {
        key
        for name, key in zip(typed, keys, strict=True)
        if key[0] == EntityType.ORGANIZATION
        and (key[1] in HEADS_WITHOUT_ARTICLE or _follows_article(name, text))
        and _is_noun(name, key)
    }
    forest = _Forest(keys)
    for short, full in (
        *short_organizations(keys, companies, definite),
        *nicknames_of_clubs(keys),
        *short_indices(keys),
        *short_places(keys),
        *short_things(keys),
        *nicknames({name.text: key for name, key in zip(typed, keys, strict=True)}),
    ):
        if short[0] == full[0] or not keep_types:
            forest.join(short, full)
    readings = read_persons(typed, text)
    check()
    resolver = PersonResolver(keys, readings, first_of_pairs, check)
    roots: list[Key] = []
    for i, key in enumerate(keys):
        check()
        full = expansions.get(i, key)
        if keep_types and full[0] != key[0]:
            full = key
        if full[0] == EntityType.PERSON:
            full = resolver.resolve(full, readings[i])
        roots.append(forest.root(full))
    mentions = Counter(roots)
    secondary = set()
    for i, j in aliases:
        named, alias = roots[i], roots[j]
        if named != alias:
            # The statement itself is one mention of the alias.
            secondary.add(alias if mentions[named] >= mentions[alias] - 1 else named)
        forest.join(alias, named)
    clusters: dict[Key, list[NameT]] = {}
    for name, root in zip(typed, roots, strict=True):
        if root in secondary:
            name = replace(name, is_alias=True)
        clusters.setdefault(forest.root(root), []).append(name)
    return list(clusters.values())


def _is_noun(name: NameT, key: Key) -> bool:
    """Whether a name may stand for a longer one after "the": "Bank", "Reserve Bank", "Riksbank"."""
    words = key[1].split()
    return is_head(words[-1:]) or (len(words) == 1 and not is_abbreviation(name.text))


def _follows_article(name: NameT, text: str) -> bool:
    before = f"{text[max(0, name.start - 5) : name.start]}{name.text[:4]}".lower()
    return _ARTICLE.search(before) is not None


class _Forest:
    """Disjoint sets of keys, each represented by a root."""

    def __init__(self, keys: Iterable[Key]) -> None:
        self._parents = {key: key for key in keys}

    def root(self, key: Key) -> Key:
        """The representative of the set of ``key``; halves the path to it (Tarjan 1975)."""
        while self._parents[key] != key:
            self._parents[key] = self._parents[self._parents[key]]
            key = self._parents[key]
        return key

    def join(self, key: Key, other: Key) -> None:
        """Add the set of ``key`` to that of ``other``, whose root stays."""
        self._parents[self.root(key)] = self.root(other)
