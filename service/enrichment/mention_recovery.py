"""Mention recovery: names that the model tags in most places of an article and misses in others."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import regex

from service.enrichment.bio import TaggedSpan
from service.enrichment.coreference.abbreviations import (
    abbreviates,
    in_brackets,
    initials,
    is_abbreviation,
    is_acronym,
)
from service.enrichment.coreference.lexicon import CLUB_ENDINGS
from service.enrichment.coreference.names import (
    Name,
    NameT,
    clean,
    ends_in_legal_form,
    is_honorific,
    normalize,
)
from service.enrichment.coreference.short_forms import is_head, is_team
from service.enrichment.known_names import is_known_person, known_type
from service.enrichment.newsroom import ADDRESSED_OFFICES, ORGANIZATIONS, WEEKDAYS
from service.enrichment.person_spans import is_certain_title
from service.enrichment.things import is_known_thing
from service.enrichment.types import EntityType
from service.enrichment.words import WordRange

_DATES = frozenset(
    "January February March April May June July August September October November December".split()
).union(map(str.title, WEEKDAYS))

# They begin a run only because they begin its sentence.
_OPENINGS = frozenset(
    "a an and as at but by for from he her his if in it its of on our she so that the their they "
    "this to under we when while with".split()
)
_INSIDE = regex.compile(r"[\p{Ll},] ")
_LEAST_INITIALS = 3
"""Letters of an abbreviation that needs no definition: "WHO", but not "IT"."""


def untagged_runs(
    words: Sequence[str], spans: Iterable[TaggedSpan], lowercase_words: Container[str]
) -> Iterator[WordRange]:
    """The longest runs of capitalised words that neither overlap nor adjoin a tagged name.

    Args:
        words: of one sentence.
        spans: the names in it.
        lowercase_words: the words that the article also has in lower case. One of them at the
            beginning of the sentence owes its capital to its position and belongs to no run.
    """
    tagged = {word for span in spans for word in range(span.first, span.last)}
    if not words:
        return
    lower = " ".join(words).lower().split(" ")  # faster than word by word
    capitalised = [
        i
        for i, (word, in_lower_case) in enumerate(zip(words, lower, strict=True))
        if word != in_lower_case and i not in tagged
    ]
    start = 0
    for at, word in enumerate(capitalised, 1):
        if at < len(capitalised) and capitalised[at] == word + 1:
            continue
        first, last = capitalised[start], word + 1
        start = at
        opening = words[0].lower() if first == 0 else ""
        skips_first = opening in lowercase_words or (opening in _OPENINGS and last > 1)
        begin = first + skips_first
        if begin < last and last not in tagged and first - 1 not in tagged:
            yield begin, last


def titled_person(run: WordRange, words: Sequence[str]) -> WordRange | None:
    """The words of a run that name a person after a title that only persons have: "Ms Nwosu".

    Args:
        run: capitalised words.
        words: of the sentence.
    """
    first, last = run
    if words[last - 1].lower() in ADDRESSED_OFFICES:  # "Mr. President"
        return None
    for title in range(first, last - 1):
        if is_certain_title(words[title]) and words[title + 1][0].isupper():
            return title + is_honorific(words[title]), last
    return None


def recover_mentions(names: Iterable[Name], runs: Sequence[NameT]) -> list[NameT]:
    """The untagged runs that are names, with their types.

    A run is a name if its exact form is tagged elsewhere, always with one type other than MISC; if
    the form is tagged twice or has two words; and if it is tagged at least as often as untagged.
    Known storms, commodities and persons need be tagged only once.
    The mentions of a person's full name count for its last word as well, where that is also tagged
    by itself. Months and days of the week are never names. A run that ends in a legal form ("Ørsted
    A/S") is an organisation, and so is one that a tagged name has before its legal form.

    Args:
        names: the tagged mentions.
        runs: the untagged runs of the article, of any type.

    Returns:
        Those of ``runs`` that are names, in the same order, with the type of the tagged mentions.
    """
    types: dict[str, Counter[str]] = defaultdict(Counter)
    for name in names:
        types[clean(name.text)][name.type] += 1
    companies: set[str] = set()
    for form in [form for form in types if " " in form]:
        if (family := form.rpartition(" ")[2]) in types or is_known_person(family):
            types[family][EntityType.PERSON] += types[form][EntityType.PERSON]
        if types[form][EntityType.ORGANIZATION] and ends_in_legal_form(form, certain=False):
            companies.add(form.rpartition(" ")[0])
    forms = [clean(run.text) for run in runs]
    untagged = Counter(forms)
    recovered = []
    for form, run in zip(forms, runs, strict=True):
        if " " in form and ends_in_legal_form(form):
            recovered.append(replace(run, type=EntityType.ORGANIZATION))
            continue
        if form in companies:
            recovered.append(replace(run, type=EntityType.ORGANIZATION))
            continue
        if form not in types:
            continue
        counts = +types[form]
        if len(counts) == 1 and form not in _DATES:
            ((type_, count),) = counts.items()
            enough = count >= untagged[form] and (count > 1 or " " in form)
            known = is_known_thing(form) or is_known_person(form)
            if (enough and type_ != EntityType.MISC) or known:
                recovered.append(replace(run, type=type_))
    return recovered


def recover_known(runs: Sequence[NameT], text: str) -> list[NameT]:
    """The untagged runs that are well-known names: "Glencore", "Spain", "Save the Children".

    A person's name at the beginning of a sentence may be a word ("Trump cards"), and so may one in
    capitals ("TELL US").

    Args:
        runs: the untagged runs of the article, of any type.
        text: the whole text.

    Returns:
        Those of ``runs`` that are such names, in the same order.
    """
    recovered = []
    for run in runs:
        if " " in run.text or run.text.isupper():
            type_ = EntityType.ORGANIZATION if run.text.lower() in ORGANIZATIONS else None
        else:
            type_ = known_type(run.text)
            if type_ == EntityType.PERSON and not _INSIDE.match(text, run.start - 2, run.start):
                continue
        if type_:
            recovered.append(replace(run, type=type_))
    return recovered


def recover_heads(names: Sequence[Name], runs: Sequence[NameT], text: str) -> list[NameT]:
    """The untagged words that stand for an organisation.

    After "the" for one named before: "the Bank" for the Bank of England, "the Warriors" for the
    Golden State Warriors. Inside of a sentence for a club: "Forest hold City".

    Args:
        names: the tagged mentions.
        runs: the untagged runs of the article, of any type.
        text: the whole text.

    Returns:
        Those of ``runs`` that are such words, in the same order.
    """
    heads: dict[str, int] = {}
    clubs: set[str] = set()
    for name in names:
        words = normalize(name.text).split() if name.type == EntityType.ORGANIZATION else []
        if len(words) > 1:
            if words[-1] in CLUB_ENDINGS:
                clubs.add(words[-1])
            before_of = words[0] if words[1] in ("of", "for") else ""
            for head in {words[-1], before_of}:
                if is_head([head]) or (head == words[-1] and is_team(head)):
                    heads.setdefault(head, name.end)
    return [
        replace(run, type=EntityType.ORGANIZATION)
        for run in runs
        if _stands_for_head(run, text, heads, clubs)
    ]


def _stands_for_head(run: Name, text: str, heads: Mapping[str, int], clubs: Container[str]) -> bool:
    form = normalize(run.text)
    if text[max(0, run.start - 4) : run.start].lower() == "the ":
        return heads.get(form, len(text)) < run.start
    return form in clubs and bool(_INSIDE.match(text, run.start - 2, run.start))


def recover_abbreviations(names: Sequence[Name], runs: Sequence[NameT], text: str) -> list[NameT]:
    """The untagged runs that abbreviate a name, with the type of that name.

    "World Health Organization (WHO)" defines WHO for the whole article. Without a definition, three
    letters or more that are the initials of an organisation abbreviate it.

    Args:
        names: the tagged mentions.
        runs: the untagged runs of the article, of any type.
        text: the whole text.

    Returns:
        Those of ``runs`` that are abbreviations, in the same order.
    """
    if not runs:
        return []
    types: dict[str, str] = {}
    by_end = {name.end: name for name in names if name.type != EntityType.PERSON}
    for run in runs:
        if "(" not in text[max(0, run.start - 3) : run.start] or not is_acronym(run.text):
            continue
        full = next((by_end[end] for end in _ends_before(run, text) if end in by_end), None)
        defined = full and " " in full.text and in_brackets(full, run, text)
        if full and defined and abbreviates(run.text, full.text):
            types.setdefault(clean(run.text), full.type)
    for name, inner in pairwise(names):
        if is_abbreviation(inner.text) and " " in name.text and in_brackets(name, inner, text):
            types.setdefault(clean(inner.text), name.type)
    if any(is_abbreviation(run.text) for run in runs):
        for name in names:
            if name.type == EntityType.ORGANIZATION:
                for letters in initials(name.text):
                    if len(letters) >= _LEAST_INITIALS and letters.isupper():
                        types.setdefault(letters, name.type)
    if not types:
        return []
    return [replace(run, type=types[form]) for run in runs if (form := clean(run.text)) in types]


def _ends_before(run: Name, text: str) -> Iterator[int]:
    """Where a name may end that ``run`` follows in a bracket, the nearest place first."""
    bracket = text.rfind("(", max(0, run.start - 3), run.start)
    if bracket > 0:
        yield from range(bracket, max(0, bracket - 4), -1)
