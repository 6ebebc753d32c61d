"""Type evidence: types that the words of an article show, whatever a tagger finds.

A name with a legal form is a company, and so is one with "shares in" before it, where a tagger
types it unevenly. A name that ends in "Council" and the like is an organisation rather than an
event. What follows a person's age, or a politician, and "of" is the person's home, and what follows
a party in brackets is a constituency. The parts of a person's full name are persons, unless the
words beside them show a company or a place.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import regex

from service.enrichment.coreference.forms_of_address import (
    address_gender,
    address_title,
    given_name_gender,
    person_borders,
    pronoun_gender,
)
from service.enrichment.coreference.lexicon import (
    CERTAIN_HEADS,
    CLUB_ENDINGS,
    COUNTIES,
    NAMESAKES,
    NUMBERED_HEADS,
    PLACE_HEADS,
    PLACE_NOUNS,
)
from service.enrichment.coreference.names import (
    Name,
    NameT,
    clean,
    ends_in_legal_form,
    normalize,
    organization_form,
    person_form,
)
from service.enrichment.coreference.short_forms import is_distinctive_end, is_team
from service.enrichment.known_names import known_type
from service.enrichment.types import EntityType

_FEW_WORDS = 4
"""Most words of a person's full name."""
_REACH = 24
"""Code points before a name in which the words below may stand."""
_PLACE_BEFORE = regex.compile(
    r"\b(?i:across|at|in|inside|into|near|outside|throughout)\s+(?:the\s+)?$"
)
_COURT = regex.compile(
    r"(?:Appeals?|Circuit|Constitutional|County|Criminal|Crown|District|Federal|High|"
    r"Magistrates['’]?|Sheriff|Superior|Supreme) Court"
)
_ORDINAL = regex.compile(r"\d+(?:st|nd|rd|th)\b", regex.IGNORECASE)
_HOME_REACH = 64
_HOME_BEFORE = regex.compile(
    r"(?:(?:,|\baged)\s+\d{1,3},?\s+(?:of|from)|\d-years?-old(?:\s+\p{Ll}+)?\s+from|"
    r"\b(?:Sen|Rep|Gov|Del|Cllr|Mayor|Councilman|Councilwoman|Senator|Representative|Governor|"
    r"Lord|Lady|Baron|Baroness|Viscount|Viscountess)\.?"
    r"(?:\s+\p{Lu}[\p{L}.'’-]*){1,3}\s+of)\s+$"
)
# "Ann Cole (Lab, Hexham)"
_CONSTITUENCY_BEFORE = regex.compile(
    r"\p{Ll}\s?\((?:Cons?|Conservative|DUP|Greens?|Ind|Independent|LD|Lab|Labour|Lib ?Dems?|PC|"
    r"Plaid|Reform(?:\sUK)?|SDLP|SF|SNP|UUP),\s$"
)
_COMPANY_BEFORE = regex.compile(
    r"\b(?i:(?:staff|workers|employees)\s+(?:at|of)|(?:shares?|stake|stock)\s+(?:in|of))\s+$"
)
_COMPANY_AFTER = regex.compile(
    r"(?:['’]s)?\s+(?:employees|plc|profits?|sales|shareholders|shares?|stocks?|stores?)\b",
    regex.IGNORECASE,
)
_NO_PERSON_AFTER = regex.compile(
    r"(?:['’]s)?\s+(?:airport|based|brand|cars?|city|company|corp|council|county|executives?|"
    r"factor(?:y|ies)|government|group|headquarters|inc|ltd|motors?|officials|plants?|police|"
    r"residents|spokes\w+|streets?|university|vehicles?|workers)\b|-based|[^.!?]{0,60}\bits\b",
    regex.IGNORECASE,
)


def apply_evidence(names: Sequence[NameT], text: str) -> list[NameT]:
    """Retype the mentions whose type the words show.

    Args:
        names: mentions in order of appearance.
        text: the whole text.

    Returns:
        The same mentions, in the same order.
    """
    typed = _with_ampersands([_with_last_word(name) for name in names])
    typed = _with_companies(_with_full_names(typed, text), text)
    typed = _with_homes(typed, text)
    return _with_parts_of_persons(_with_parts_of_organizations(typed, text), text)


def _with_last_word(name: NameT) -> NameT:
    form = clean(name.text)
    before, _, last = form.rpartition(" ")
    if last == "Court" and _COURT.search(form):  # but not "Earls Court"
        return replace(name, type=EntityType.ORGANIZATION)
    if name.type == EntityType.MISC and before:
        heads = CERTAIN_HEADS | NUMBERED_HEADS if _ORDINAL.match(form) else CERTAIN_HEADS
        if last.lower() in heads:
            return replace(name, type=EntityType.ORGANIZATION)
    in_capitals = last.isupper() and not form.isupper() and name.type != EntityType.LOCATION
    if ends_in_legal_form(form) or (in_capitals and ends_in_legal_form(form, certain=False)):
        return replace(name, type=EntityType.ORGANIZATION)
    return name


def _with_ampersands(names: list[NameT]) -> list[NameT]:
    """Retype companies that a tagger takes for persons: "Spencer & Hobbs", "Spencer and Hobbs"."""
    companies = {organization_form(name.text) for name in names if " & " in name.text}
    return [
        replace(name, type=EntityType.ORGANIZATION)
        if name.type == EntityType.PERSON and organization_form(name.text) in companies
        else name
        for name in names
    ]


def _with_full_names(names: list[NameT], text: str) -> list[NameT]:
    """Names that end in what is otherwise a person's name alone: "Aung San Suu Kyi"."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    last: dict[str, Name] = {}
    for name in names:
        form = person_form(name.text)
        counts[form][name.type] += 1
        last[form] = name

    def is_person(name: Name) -> bool:
        form = person_form(name.text)
        words = form.split()
        if (
            name.type == EntityType.PERSON
            or " " not in name.text
            or not 1 < len(words) <= _FEW_WORDS
            or counts[form].total() > 1
            or words[0] in PLACE_HEADS
            or words[-1] in PLACE_NOUNS
            or words[-1] in CLUB_ENDINGS
        ):
            return False
        for first in range(1, len(words)):
            end = " ".join(words[first:])
            of_end = counts.get(end)
            if of_end is None:
                continue
            persons = of_end[EntityType.PERSON]
            if persons and 2 * persons >= of_end.total() and not of_end[EntityType.LOCATION]:
                given = bool(given_name_gender(form))
                several = of_end.total() > 1
                return (given and len(words) == 2) or several or _is_addressed(last[end], text)
        return False

    return [replace(name, type=EntityType.PERSON) if is_person(name) else name for name in names]


def _with_companies(names: list[NameT], text: str) -> list[NameT]:
    types: dict[str, set[str]] = defaultdict(set)
    for name in names:
        types[normalize(name.text)].add(name.type)
    uneven = {form for form, found in types.items() if len(found) > 1}
    if not uneven:
        return names
    full_names = {person_form(n.text) for n in names if n.type == EntityType.PERSON}
    uneven -= {form.rpartition(" ")[2] for form in full_names if " " in form}
    companies = {
        form
        for name in names
        if (form := normalize(name.text)) in uneven
        and (
            _COMPANY_BEFORE.search(text, max(0, name.start - _REACH), name.start)
            or _COMPANY_AFTER.match(text, name.end)
        )
    }
    return [
        replace(name, type=EntityType.ORGANIZATION) if normalize(name.text) in companies else name
        for name in names
    ]


def _with_homes(names: list[NameT], text: str) -> list[NameT]:
    """Retype homes: "Nathaniel Brandt, 52, of Clifton", "Senator Amy Bell of Clarksville".

    Constituencies, "Ann Cole (Lab, Hexham)", and places before their county, "Calne, Wiltshire", as
    well. Of the homes that the tagger takes for organisations, only single words that occur nowhere
    else.
    """
    homes = {
        i
        for i, name in enumerate(names)
        if name.type in (EntityType.PERSON, EntityType.ORGANIZATION) and _is_home(name, text)
    }
    places = {i for i, name in enumerate(names) if _is_constituency(name, text)}
    places.update(
        i
        for i, (name, following) in enumerate(pairwise(names))
        if name.type == EntityType.PERSON and " " not in name.text
        if following.type == EntityType.LOCATION and normalize(following.text) in COUNTIES
        if text[name.end : following.start] == ", "
    )
    if not homes and not places:
        return names
    mentions = Counter(normalize(name.text) for name in names)

    def is_employer(name: Name) -> bool:
        if name.type == EntityType.PERSON:
            return False
        known = known_type(name.text) == EntityType.ORGANIZATION
        several = " " in name.text or mentions[normalize(name.text)] > 1
        return known or several or name.text.isupper()

    return [
        replace(name, type=EntityType.LOCATION)
        if i in places or (i in homes and not is_employer(name))
        else name
        for i, name in enumerate(names)
    ]


def _with_parts_of_organizations(names: list[NameT], text: str) -> list[NameT]:
    """Single words that a tagger takes for persons, and that an organisation's name has.

    The first or the last word of a company ("Vestas" for Vestas Wind Systems A/S), the last one of
    a club or a team ("Villa" for Aston Villa).
    """
    single = {
        normalize(name.text)
        for name in names
        if name.type == EntityType.PERSON and " " not in name.text
    }
    if not single:
        return names
    parts: set[str] = set()
    persons: set[str] = set()
    for name in names:
        if " " not in name.text:
            continue
        words = normalize(name.text).split()
        if name.type == EntityType.PERSON:
            persons.update(words)
        elif name.type == EntityType.ORGANIZATION:
            if ends_in_legal_form(clean(name.text), certain=False):
                parts.add(words[0])
                stem = organization_form(name.text).split()
                parts.update(stem[-1:] if is_distinctive_end(stem) else ())
            elif words[-1] in CLUB_ENDINGS or is_team(words[-1]):
                parts.add(words[-1])
    parts &= single - persons
    if not parts:
        return names
    return [
        replace(name, type=EntityType.ORGANIZATION)
        if name.type == EntityType.PERSON
        and normalize(name.text) in parts
        and not _is_addressed(name, text)
        else name
        for name in names
    ]


def _with_parts_of_persons(names: list[NameT], text: str) -> list[NameT]:
    """The given and the family names of persons who were named in full before."""
    family: dict[str, int] = {}
    given: dict[str, int] = {}
    for name in names:
        if name.type == EntityType.PERSON and len(words := person_form(name.text).split()) > 1:
            family.setdefault(words[-1], name.start)
            given.setdefault(words[0], name.start)
    bare: dict[str, list[int]] = defaultdict(list)
    for i, name in enumerate(names):
        form = person_form(name.text) if name.type != EntityType.PERSON else ""
        if form in family or form in given:
            bare[form].append(i)
    if not bare:
        return names
    borders = person_borders(names, len(text))
    for form, members in bare.items():
        named = family.get(form, given.get(form, 0))
        if any(names[i].start < named or _shows_no_person(names[i], text) for i in members):
            continue
        unsure = form in NAMESAKES or (form not in family and len(members) > 1)
        if unsure and not any(
            pronoun_gender(text, names[i].start, names[i].end, *borders[i]) for i in members
        ):
            continue
        for i in members:
            names[i] = replace(names[i], type=EntityType.PERSON)
    return names


def _is_addressed(name: Name, text: str) -> bool:
    """Whether a form of address or a title stands before a name."""
    address = address_gender(text, name.start, name.end)
    return bool(address or address_title(text, name.start, name.end))


def _is_home(name: Name, text: str) -> bool:
    """Whether the words before a name show that a person lives there."""
    return bool(_HOME_BEFORE.search(text, max(0, name.start - _HOME_REACH), name.start))


def _is_constituency(name: Name, text: str) -> bool:
    """Whether a name stands after a party in brackets."""
    return text[name.end : name.end + 1] == ")" and bool(
        _CONSTITUENCY_BEFORE.search(text, max(0, name.start - _REACH), name.start)
    )


def _shows_no_person(name: Name, text: str) -> bool:
    return bool(
        _PLACE_BEFORE.search(text, max(0, name.start - _REACH), name.start)
        or _is_home(name, text)
        or _COMPANY_AFTER.match(text, name.end)
        or _NO_PERSON_AFTER.match(text, name.end)
    )
