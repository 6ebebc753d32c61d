"""Grouping: which mentions name the same entity."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

import regex

PERSON = "PERSON"
LOCATION = "LOCATION"
ORGANIZATION = "ORGANIZATION"

# Forms that no rule can bring together.
_SAME = {
    "us": "united states",
    "usa": "united states",
    "united states of america": "united states",
    "america": "united states",
    "uk": "united kingdom",
    "britain": "united kingdom",
    "great britain": "united kingdom",
    "un": "united nations",
    "eu": "european union",
    "uae": "united arab emirates",
    "man utd": "manchester united",
    "man united": "manchester united",
    "man city": "manchester city",
}
_TITLES = frozenset(
    "mr mrs ms miss dr prof professor sir dame lord lady president vice prime minister premier "
    "chancellor senator sen rep representative congressman congresswoman gov governor gen general "
    "lt col colonel maj major capt captain sgt judge justice king queen prince princess pope "
    "cardinal bishop archbishop secretary ambassador mayor chairman chairwoman coach".split()
)
# What an organisation's short form leaves out at its end, or is all that it leaves.
_TAILS = frozenset(
    "ag airlines airways association bank co coalition company communications corp corporation "
    "electronics energy enterprises entertainment fc financial foods group holdings inc industries "
    "international limited ltd motor motors networks oil party petroleum pharmaceuticals pictures "
    "plc records sa securities services software studios systems technologies telecom".split()
)
_CLUBS = frozenset(
    "albion athletic city county hotspur orient rangers rovers town united villa wanderers "
    "wednesday".split()
)
_SITE = regex.compile(r"\.(?:com|net|org|co\.uk)$", regex.IGNORECASE)
_ADDRESS = regex.compile(r"\b(?=\p{Lu})(?i:(?P<m>mr|sir|lord)|mrs|ms|miss|dame|lady)\b\.?\s*$")
_POSSESSIVE = regex.compile(r"['’](?:[sS]$|$)")
_DASH = regex.compile(r"\p{Pd}")
_BROKEN = regex.compile(r"(?<=\w\p{Pd})\s*\R\s*(?=\w)")  # "Asia-" at the end of a line
_EDGE = regex.compile(r"^[^\p{L}\p{N}]+|[^\p{L}\p{N}.)]+$")
_NAMESAKES = 100
_FORMS = 4096  # names whose forms are kept: each is asked for a dozen times an article


Key = tuple[str, str]
"""Type and folded form of a name."""


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


@lru_cache(_FORMS)
def clean(text: str) -> str:
    """A mention's text as a name: one line, no leading article, no possessive ending."""
    name = _EDGE.sub("", _POSSESSIVE.sub("", " ".join(_BROKEN.sub("", text).split())))
    if name[:4].lower() == "the " and len(name) > 4:
        name = name[4:]
    return name or text


@lru_cache(_FORMS)
def normalize(text: str) -> str:
    """What is compared of a name: no case, diacritics, abbreviation points, or hyphens."""
    decomposed = unicodedata.normalize("NFKD", clean(text).casefold())
    plain = "".join(c for c in decomposed if not unicodedata.combining(c) and c != ".")
    return " ".join(_DASH.sub(" ", plain).replace("’", "'").split()) or text


def split_compounds(names: Sequence[Name]) -> list[tuple[int, Name]]:
    """Cut in two each name like "Russia-North Korea" of which both halves are named elsewhere.

    A person's is left whole, since it may be a family's; so is one that is named as often as one of
    its halves ("Guinea-Bissau").

    Args:
        names: mentions in order of appearance.

    Returns:
        Mentions in order of appearance, each with the index in ``names`` of what it was in.
    """
    folded = [normalize(name.text) for name in names]
    types: dict[str, str] = {}
    for form, name in zip(folded, names, strict=True):
        types.setdefault(form, name.type)
    counts = Counter(folded)
    found: list[tuple[int, Name]] = []
    for i, name in enumerate(names):
        dashes = [] if name.type == PERSON else [m.span() for m in _DASH.finditer(name.text)]
        if len(dashes) == 1:
            begin, end = dashes[0]
            halves = name.text[:begin].rstrip(), name.text[end:].lstrip()
            first, second = map(normalize, halves)
            if counts[folded[i]] < min(counts[first], counts[second]):
                start, stop = name.start, name.end
                found += [
                    (i, Name(start, start + len(halves[0]), halves[0], types[first])),
                    (i, Name(stop - len(halves[1]), stop, halves[1], types[second])),
                ]
                continue
        found.append((i, name))
    return found


def group(names: Sequence[Name], text: str, settle: bool = True) -> list[list[int]]:
    """Put the mentions of one entity together.

    Mentions of one type with the same folded form are one entity, and a model that gives a form
    another type now and then is overruled (see :func:`reconcile_types`). So are a full name and its
    shorter forms ("Joe Biden", "Biden"), each going to the full name with the most mentions before
    it, or to the first one after, and never to a person of another form of address ("Mrs Clinton");
    an organisation with and without its generic end ("Labour Party"); and a name and its
    abbreviation, when that follows in brackets or is made of its initials.

    Args:
        names: mentions in order of appearance.
        text: the text they stand in.
        settle: whether slips are overruled; otherwise no two of different types are one.

    Returns:
        Indices into ``names`` of each entity's mentions, ascending, entities in order of their
        first mention.
    """
    keys = [_key(name) for name in (reconcile_types(names) if settle else names)]
    parent: dict[Key, Key] = {key: key for key in keys}

    def root(key: Key) -> Key:
        while parent[key] != key:
            key = parent[key]
        return key

    for short, full in (*_abbreviations(names, keys, text), *_short_organizations(keys)):
        if root(short) != root(full) and (settle or short[0] == full[0]):
            parent[root(short)] = root(full)
    fuller = _fuller_persons(keys)
    genders: dict[Key, str] = {}
    groups: dict[Key, list[int]] = {}
    latest: dict[Key, int] = {}
    for i, key in enumerate(keys):
        gender = address_gender(text, names[i].start, names[i].end)
        meant = _meant(fuller.get(key, ()), gender, genders, groups, latest)
        if meant is None:
            latest[key] = i
        else:
            key = meant
        if gender:
            genders.setdefault(key, gender)
        groups.setdefault(root(key), []).append(i)
    return list(groups.values())


def reconcile_types(names: Sequence[Name]) -> list[Name]:
    """The same names, with one type for each form where the others are but slips of the model.

    A type is no slip when it has two mentions of the form and a third of all of them. A city and
    its club, or its government, share a form so often that neither is overruled, nor is a person or
    a place where the form names as many of the other: Paris may have met Paris. Between an
    organisation and MISC the model is unsure, the world is not: they are one. A person's full
    name bears out its last word as a person's. On the dev part of CoNLL-2003 this is worth 0.1
    points of F1; with clubs overruled it would cost 0.4.
    """
    forms = [normalize(name.text) for name in names]
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for form, name in zip(forms, names, strict=True):
        counts[form][name.type] += 1
    families: set[str] = set()
    for form in {form for form, name in zip(forms, names, strict=True) if name.type == PERSON}:
        *given, family = form.split()
        if given and family in counts:
            counts[family][PERSON] += counts[form][PERSON]
            families.add(family)
    settled = []
    for form, name in zip(forms, names, strict=True):
        own = counts[form]
        usual, most = max(own.items(), key=lambda item: (item[1], item[0] == PERSON))
        many = own[name.type]
        borne_out = many >= 2 and (2 if form in families else 3) * many >= own.total()
        borne_out &= {usual, name.type} != {ORGANIZATION, "MISC"}
        namesakes = ({usual, name.type} == {ORGANIZATION, LOCATION} and form not in _SAME) or (
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


def _key(name: Name) -> Key:
    folded = normalize(name.text)
    if name.type == PERSON:
        words = folded.split()
        while len(words) > 1 and words[0] in _TITLES:
            words.pop(0)
        folded = " ".join(words)
    elif name.type == ORGANIZATION:
        folded = normalize(_SITE.sub("", clean(name.text)))
        if folded.endswith(" utd"):
            folded = folded.removesuffix("utd") + "united"
    return (name.type, _SAME.get(folded, folded))


def _fuller_persons(keys: Sequence[Key]) -> dict[Key, list[Key]]:
    """For each short form of a person's name the full names it may stand for, by first mention.

    A family name may come last ("Biden") or first ("Yoon"); a full name is one that is itself the
    short form of no other. Of more than a hundred namesakes, the later ones are left out, lest the
    time grow with their square.
    """
    persons = {key: tuple(key[1].split()) for key in dict.fromkeys(keys) if key[0] == PERSON}
    by_word: dict[str, list[Key]] = {}
    for key, words in persons.items():
        for word in set(words):
            by_word.setdefault(word, []).append(key)
    fuller: dict[Key, list[Key]] = {}
    for key, words in persons.items():
        rarest = min(words, key=lambda word: len(by_word[word]), default="")
        longer = [
            other
            for other in by_word.get(rarest, ())
            if len(persons[other]) > len(words) and set(words) <= set(persons[other])
        ]
        if longer:
            last = [other for other in longer if persons[other][-1] == words[-1]]
            fuller[key] = last or longer
    return {
        key: list(islice((c for c in candidates if c not in fuller), _NAMESAKES))
        for key, candidates in fuller.items()
    }


def _meant(
    candidates: Sequence[Key],
    gender: str,
    genders: Mapping[Key, str],
    groups: Mapping[Key, Sequence[int]],
    latest: Mapping[Key, int],
) -> Key | None:
    """Whom a family name means, of those who may be meant.

    Of the persons named before, and not addressed as the other gender, the one with the most
    mentions so far; the one named in full last if several have as many. ``None`` when all are
    addressed as the other gender.
    """
    fitting = [c for c in candidates if not gender or genders.get(c, gender) == gender]
    before = [c for c in fitting if c in latest]
    if not before:
        return fitting[0] if fitting else None
    return max(before, key=lambda c: (len(groups.get(c, ())), latest[c]))


def address_gender(text: str, start: int, end: int) -> str:
    """``"m"`` or ``"f"`` by the form of address before a name or at its beginning, else ``""``.

    Args:
        text: the whole text.
        start: of the name, in code points.
        end: one past its last code point.
    """
    first, _, rest = text[start:end].partition(" ")
    found = _ADDRESS.search(first) if rest else None
    found = found or _ADDRESS.search(text[max(0, start - 6) : start])
    if not found:
        return ""
    return "m" if found["m"] else "f"


def _short_organizations(keys: Iterable[Key]) -> Iterator[tuple[Key, Key]]:
    """Pairs (short form, full name), where but one full name fits.

    "Labour" and "Labour Party", "United" and "Leeds United", "Department of Justice" and "US
    Department of Justice".
    """
    forms = {tuple(form.split()) for kind, form in keys if kind == ORGANIZATION}
    fuller: dict[tuple[str, ...], set[tuple[str, ...]]] = defaultdict(set)
    for words in forms:
        for cut in range(1, len(words)):
            start, end = words[:cut], words[cut:]
            if start in forms and end[0] in _TAILS:
                fuller[start].add(words)
            if end in forms and (len(end) > 1 or end[0] in _CLUBS):
                fuller[end].add(words)
    for key in dict.fromkeys(keys):
        candidates = fuller.get(tuple(key[1].split()), ()) if key[0] == ORGANIZATION else ()
        if len(candidates) == 1:
            yield key, (ORGANIZATION, " ".join(*candidates))


def _abbreviations(
    names: Sequence[Name], keys: Sequence[Key], text: str
) -> Iterable[tuple[Key, Key]]:
    """Pairs (abbreviation, what it stands for)."""
    by_initials: dict[str, Key] = {}
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
            after = text[name.end : name.end + 3]
            # "NEW YORK (AP) - Shares fell": no abbreviation.
            agency = names[i - 1].text.isupper() and _DASH.search(after)
            if between.strip() == "(" and after[:1] == ")" and not agency:
                yield key, keys[i - 1]
                continue
        full = by_initials.get(short)
        if full and full != key and full[0] == key[0]:
            yield key, full


@lru_cache(_FORMS)
def _initials(text: str) -> frozenset[str]:
    words = regex.findall(r"[\p{L}\p{N}]+", clean(text))
    if len(words) < 2:
        return frozenset()
    capitals = "".join(word[0] for word in words if word[0].isupper())
    return frozenset({"".join(word[0] for word in words).upper(), capitals} - {""})
