"""Display: the form of an entity's name that stands for all of its mentions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import regex

from service.enrichment.coreference.lexicon import INFORMAL, WITH_ARTICLE
from service.enrichment.coreference.names import (
    CACHED_FORMS,
    Name,
    clean,
    is_postnominal,
    normalize,
    strip_titles,
    titles_before,
    trim,
)
from service.enrichment.coreference.possessives import owns_possessive
from service.enrichment.types import EntityType

_INSIDE_SENTENCE = regex.compile(r"[\p{Ll},;]\s+$")


def display_name(names: Sequence[Name], text: str) -> str:
    """The fullest form; among equally full forms the most frequent, then the earliest.

    One with small letters comes before one in capitals alone that is as frequent. A person's titles
    and the letters after the name are left out, unless the rest is a single word that never stands
    alone ("Sir Keir"). An article or an 's stays where it belongs to the name. Aliases
    are left out.

    Args:
        names: the mentions of an entity.
        text: the whole text.
    """
    names = [name for name in names if not name.is_alias] or names
    forms = cleaned = [clean(name.text) for name in names]
    if 2 * [name.type for name in names].count(EntityType.PERSON) >= len(names):
        bare = [strip_titles(form) for form in forms]
        alone = not set(bare).isdisjoint(forms)
        forms = [b if alone or " " in b else form for b, form in zip(bare, forms, strict=True)]
    form = forms[0]
    if forms.count(form) < len(forms):
        counts = Counter(forms)
        form = max(counts, key=lambda form: (_fullness(form), counts[form], not form.isupper()))
    same = [name for name, own in zip(names, cleaned, strict=True) if own == form]
    if same and owns_possessive(same, text):
        ending = text[same[0].start : same[0].end + 2]
        form = trim(ending if trim(same[0].text) == form else same[0].text)
        form = form[4:] if form[:4].lower() == "the " else form
    if _owns_article(same, text):
        form = f"The {form}"
    return form


@lru_cache(CACHED_FORMS)
def _fullness(form: str) -> tuple[int, int]:
    words = form.split()
    if len(words) == 1 and normalize(form) in INFORMAL:
        return (0, 0)
    count = len(words) - titles_before(words)
    count -= sum(map(is_postnominal, words[1:]))
    all_capitals = form == form.upper() and len(words) >= 2
    return (count, 0 if all_capitals else len(form.replace(" and ", " & ")))


def _owns_article(names: Sequence[Name], text: str) -> bool:
    """Whether "The" is part of a name: a known one, or a place with a capital inside sentences."""
    if not names:
        return False
    known = normalize(names[0].text) in WITH_ARTICLE
    capital = 0
    for name in names:
        inside = name.text[:4].lower() == "the "
        article = name.start if inside else name.start - 4
        match text[max(0, article) : article + 4]:
            case "the ":
                return False
            case "The ":
                before = text[max(0, article - 8) : article]
                capital += known or bool(_INSIDE_SENTENCE.search(before))
    return capital > 0 and (known or all(name.type == EntityType.LOCATION for name in names))
