"""Grouping: which mentions name the same entity."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import regex

PERSON = "PERSON"
LOCATION = "LOCATION"
ORGANIZATION = "ORGANIZATION"

# Forms that no rule can bring together.
_SAME = {
    "us": "united states",
    "usa": "united states",
    "united states of america": "united states",
    "uk": "united kingdom",
    "britain": "united kingdom",
    "great britain": "united kingdom",
    "un": "united nations",
    "eu": "european union",
    "uae": "united arab emirates",
}
_TITLES = frozenset(
    "mr mrs ms miss dr prof professor sir dame lord lady president vice prime minister premier "
    "chancellor senator sen rep representative congressman congresswoman gov governor gen general "
    "lt col colonel maj major capt captain sgt judge justice king queen prince princess pope "
    "cardinal bishop archbishop secretary ambassador mayor chairman chairwoman coach".split()
)
_TITLE_POINT = regex.compile(r"(?<=\p{L}{2})\.$")
_POSSESSIVE = regex.compile(r"['’](?:[sS]$|$)")
_DASH = regex.compile(r"\p{Pd}")
_EDGE = regex.compile(r"^[^\p{L}\p{N}]+|[^\p{L}\p{N}.)]+$")


@dataclass(frozen=True)
class Name:
    """A mention as grouping sees it.

    Attributes:
        start, end: its span, code points in the whole text.
        text: exactly what stands there.
        type: entity type.
    """

    start: int
    end: int
    text: str
    type: str


def clean(text: str) -> str:
    """A mention's text as a name: one line, no leading article, no possessive ending."""
    name = _EDGE.sub("", _POSSESSIVE.sub("", " ".join(text.split())))
    if name[:4].lower() == "the " and len(name) > 4:
        name = name[4:]
    return name or text


def fold(text: str) -> str:
    """What is compared of a name: no case, diacritics, abbreviation points, or kinds of hyphen."""
    decomposed = unicodedata.normalize("NFKD", clean(text).casefold())
    plain = "".join(c for c in decomposed if not unicodedata.combining(c) and c != ".")
    return " ".join(_DASH.sub("-", plain).replace("’", "'").split()) or text


def group(names: Sequence[Name], text: str) -> list[list[int]]:
    """Put the mentions of one entity together.

    Mentions of one type with the same folded form are one entity, and a model that gives a form
    another type now and then is overruled (see :func:`settle_types`). So are a full name and its
    shorter forms ("Joe Biden", "Biden"), each short form going to the nearest full name before it,
    or to the first one after; and a name and its abbreviation, when that follows in brackets or is
    made of its initials.

    Args:
        names: mentions in order of appearance.
        text: the text they stand in.

    Returns:
        Indices into ``names`` of each entity's mentions, ascending, entities in order of their
        first mention.
    """
    keys = [_key(name) for name in settle_types(names)]
    parent: dict[tuple[str, str], tuple[str, str]] = {key: key for key in keys}

    def root(key: tuple[str, str]) -> tuple[str, str]:
        while parent[key] != key:
            key = parent[key]
        return key

    for short, full in _abbreviations(names, keys, text):
        if root(short) != root(full):
            parent[root(short)] = root(full)
    fuller = _fuller_persons(keys)
    groups: dict[tuple[str, str], list[int]] = {}
    latest: dict[tuple[str, str], int] = {}
    for i, key in enumerate(keys):
        if candidates := fuller.get(key):
            before = [c for c in candidates if c in latest]
            key = max(before, key=lambda c: latest[c]) if before else candidates[0]
        else:
            latest[key] = i
        groups.setdefault(root(key), []).append(i)
    return list(groups.values())


def settle_types(names: Sequence[Name]) -> list[Name]:
    """The same names, with one type for each form where the others are but slips of the model.

    A type is no slip when it has two mentions of the form and a third of all of them. A city and
    its club, or its government, share a form so often that neither is overruled, nor is a person or
    a place where the form names as many of the other: Paris may have met Paris. On the dev part of
    CoNLL-2003 this is worth 0.1 points of F1; with clubs overruled it would cost 0.4.
    """
    forms = [fold(name.text) for name in names]
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for form, name in zip(forms, names, strict=True):
        counts[form][name.type] += 1
    settled = []
    for form, name in zip(forms, names, strict=True):
        own = counts[form]
        usual, most = own.most_common(1)[0]
        many = own[name.type]
        borne_out = many >= 2 and 3 * many >= own.total()
        namesakes = {usual, name.type} == {ORGANIZATION, LOCATION} or (
            many == most and {usual, name.type} == {PERSON, LOCATION}
        )
        settled.append(name if borne_out or namesakes else replace(name, type=usual))
    return settled


def display_name(names: Iterable[Name]) -> str:
    """The fullest form, the most frequent of those equally full, the earliest of those."""
    forms = Counter(clean(name.text) for name in names)
    return max(forms, key=lambda form: (_fullness(form), forms[form]))


def _fullness(form: str) -> tuple[int, int]:
    words = [word for word in form.split() if word.lower().rstrip(".") not in _TITLES]
    capitals = form != form.upper() or len(words) < 2
    return (len(words), len(form) if capitals else 0)


def _key(name: Name) -> tuple[str, str]:
    folded = fold(name.text)
    if name.type == PERSON:
        words = folded.split()
        while len(words) > 1 and words[0] in _TITLES:
            words.pop(0)
        folded = " ".join(words)
    return (name.type, _SAME.get(folded, folded))


def _fuller_persons(
    keys: Sequence[tuple[str, str]],
) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """For each short form of a person's name the full names it may stand for, by first mention.

    A family name may come last ("Biden") or first ("Yoon"); a full name is one that is itself the
    short form of no other.
    """
    persons = {key: tuple(key[1].split()) for key in dict.fromkeys(keys) if key[0] == PERSON}
    by_word: dict[str, list[tuple[str, str]]] = {}
    for key, words in persons.items():
        for word in set(words):
            by_word.setdefault(word, []).append(key)
    fuller: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for key, words in persons.items():
        longer = [
            other
            for other in by_word.get(words[-1], ())
            if len(persons[other]) > len(words) and set(words) <= set(persons[other])
        ]
        if longer:
            last = [other for other in longer if persons[other][-1] == words[-1]]
            fuller[key] = last or longer
    return {key: [c for c in candidates if c not in fuller] for key, candidates in fuller.items()}


def _abbreviations(
    names: Sequence[Name], keys: Sequence[tuple[str, str]], text: str
) -> Iterable[tuple[tuple[str, str], tuple[str, str]]]:
    """Pairs (abbreviation, what it stands for)."""
    by_initials: dict[str, tuple[str, str]] = {}
    for name, key in zip(names, keys, strict=True):
        for initials in _initials(name.text):
            if key[0] != PERSON:
                by_initials.setdefault(initials, key)
    for i, (name, key) in enumerate(zip(names, keys, strict=True)):
        short = clean(name.text).replace(".", "")
        if key[0] == PERSON or not (2 <= len(short) <= 8 and short.isalpha() and short.isupper()):
            continue
        if i and keys[i - 1][0] != PERSON and len(names[i - 1].text.split()) > 1:
            between = text[names[i - 1].end : name.start]
            if between.strip() == "(" and text[name.end : name.end + 1] == ")":
                yield key, keys[i - 1]
                continue
        full = by_initials.get(short)
        if full and full != key and full[0] == key[0]:
            yield key, full


def _initials(text: str) -> set[str]:
    words = regex.findall(r"[\p{L}\p{N}]+", clean(text))
    if len(words) < 2:
        return set()
    capitals = "".join(word[0] for word in words if word[0].isupper())
    return {"".join(word[0] for word in words).upper(), capitals} - {""}
