"""Things: storms, commodities, variants and indices that a tagger takes for persons."""

from __future__ import annotations

import tomllib
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files

import regex

from service.enrichment.bounds import Check, no_check
from service.enrichment.coreference.lexicon import GIVEN_NAMES, INDICES
from service.enrichment.coreference.names import Name, NameT, normalize
from service.enrichment.types import OTHER_TYPES, EntityType

_REACH = 40
"""Code points beside a mention in which the words of a kind may stand."""


@dataclass(frozen=True)
class _Kind:
    """One table of ``things.toml``."""

    markers: tuple[str, ...]
    marker: regex.Pattern[str]
    before: regex.Pattern[str]
    inside: regex.Pattern[str]
    doubtful: frozenset[str]
    after: regex.Pattern[str]
    names: frozenset[str]
    evidence: regex.Pattern[str]
    untagged: bool


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(regex.escape(word) for word in sorted(words, key=len, reverse=True)) or "(?!)"


def _read() -> list[_Kind]:
    tables = tomllib.loads(files("service.enrichment").joinpath("things.toml").read_text("utf-8"))
    kinds = []
    for table in tables.values():
        lists = {name: frozenset(filter(None, value.split("|"))) for name, value in table.items()}
        before, after = _alternatives(lists["before"]), _alternatives(lists["after"])
        kinds.append(
            _Kind(
                tuple(sorted(lists["before"])),
                regex.compile(rf"(?<!\w)(?:{before})(?!\w)"),
                regex.compile(rf"(?<!\w)({before})\s+[\"'“‘]?$"),
                regex.compile(rf"({before}) (.+)"),
                lists["doubtful"],
                regex.compile(rf"[\"'”’]?,?\s+(?:{after})(?!\w)"),
                lists["names"],
                regex.compile(rf"(?<!\p{{L}})(?:{_alternatives(lists['evidence'])})(?!\w)"),
                bool(lists.get("untagged")),
            )
        )
    return kinds


_KINDS = _read()
_KIND_BEFORE = regex.compile(
    rf"(?<!\w)(?=\p{{Lu}})(?i:{_alternatives(word for kind in _KINDS for word in kind.markers)}) $"
)
_YEAR_OF_LAW = regex.compile(r"(?<=\w (?:act|bill|code|order))(?: of)? \d{4}$")
_NAMES = frozenset().union(*(kind.names for kind in _KINDS))
_AFTER = regex.compile("|".join(kind.after.pattern for kind in _KINDS))


def is_known_thing(name: str) -> bool:
    """Whether a name is on the list of some kind, such as "Brent"."""
    return normalize(name) in _NAMES


def bare_thing(form: str) -> str:
    """A normalized name without the word for its kind before it: "gaemi" of "typhoon gaemi"."""
    for kind in _KINDS:
        if marker := kind.inside.fullmatch(form):
            return str(marker[2])
    return form


def law_without_year(form: str) -> str:
    """A normalized name of a law without its year: "voting rights act" of "… act of 1965"."""
    return _YEAR_OF_LAW.sub("", form)


def _is_numbered_index(form: str) -> bool:
    words = form.split()
    return words[0] in INDICES and words[-1].isdigit()


def recover_things(names: Sequence[Name], runs: Sequence[NameT], text: str) -> list[NameT]:
    """The untagged names on the list of a kind, where one of them stands before its word.

    "The Kappa variant … Kappa". Commodities and indices only need words about them in the article.
    A storm's word and its name are one, if the name is tagged elsewhere or is a given name.

    Args:
        names: the tagged mentions.
        runs: the untagged capitalised words of the article, of any type.
        text: the whole text.

    Returns:
        Those of ``runs`` that are such names, in the same order, with the type MISC.
    """
    marked = [
        run
        for run in runs
        if " " in run.text and bare_thing(normalize(run.text)) != normalize(run.text)
    ]
    if marked:
        bare = GIVEN_NAMES | {normalize(name.text) for name in names}
        marked = [run for run in marked if bare_thing(normalize(run.text)) in bare]
    marked = [replace(run, type=EntityType.MISC) for run in marked]
    listed = [run for run in runs if run.text.lower() in _NAMES]
    if not listed:
        return marked
    lower = text.lower()
    evident = [kind for kind in _KINDS if kind.untagged and kind.evidence.search(lower)]
    found = {
        run.text.lower()
        for run in listed
        for kind in _KINDS
        if run.text.lower() in kind.names
        and (kind in evident or kind.after.match(text[run.end : run.end + _REACH].lower()))
    }
    listed = [replace(run, type=EntityType.MISC) for run in listed if run.text.lower() in found]
    return marked + listed


def _bare(form: str) -> str:
    return form.rstrip("0123456789 ")


def _marked(
    kind: _Kind,
    mentions: Sequence[NameT],
    forms: Sequence[str],
    family_names: Container[str],
    text: str,
    lower: str,
) -> set[str]:
    """The forms with the word for a kind before some mention of theirs or at its beginning."""
    marked: set[str] = set()
    for mention, form in zip(mentions, forms, strict=True):
        before = lower[max(0, mention.start - _REACH) : mention.start]
        if form not in family_names and (marker := kind.before.search(before)):
            first = mention.start - len(before) + marker.start()
            if marker[1] not in kind.doubtful or text[first].isupper():
                marked.add(form)
                continue
        marker = kind.inside.fullmatch(form)
        if marker and (marker[1] not in kind.doubtful or kind.evidence.search(lower)):
            marked |= {form, marker[2]}
    return marked


def retype_things(mentions: Sequence[NameT], text: str, check: Check = no_check) -> list[NameT]:
    """Give the type MISC to the names of storms, commodities, variants of viruses, and indices.

    All mentions of a form have it, if words beside one of them show what it is ("Typhoon Gaemi",
    "Omicron variant"), or if the form is a known name and the article is about such things. What
    follows a name shows so only for persons, since "Texas crude" and "Apple futures" have the names
    of a place and a company. "Storm" shows so only with a capital: "after the storm Biden left".

    The time is linear in the length of the text.

    Args:
        mentions: in order of appearance.
        text: the whole text.
        check: called for each kind. Its exceptions propagate.

    Returns:
        The same mentions, in the same order.
    """
    lower = text.lower()
    if len(lower) != len(text):  # a letter that grows in lower case would shift the offsets
        lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    forms = [normalize(mention.text) for mention in mentions]
    family_names = {
        form.split()[-1]
        for mention, form in zip(mentions, forms, strict=True)
        if mention.type == EntityType.PERSON and " " in form
    }
    persons = {
        mention.end: form
        for mention, form in zip(mentions, forms, strict=True)
        if mention.type == EntityType.PERSON
        and _AFTER.match(lower, mention.end, mention.end + _REACH)
    }
    named = {form for form in forms if form in _NAMES or _bare(form) in _NAMES}
    things: set[str] = set()
    marked: set[str] = set()
    for kind in _KINDS:
        check()
        # Most texts have none of the words, and substrings are found faster than patterns.
        if any(word in lower for word in kind.markers) and kind.marker.search(lower):
            marked |= _marked(kind, mentions, forms, family_names, text, lower)
        listed = {form for form in named if form in kind.names or _bare(form) in kind.names}
        if listed and not kind.evidence.search(lower):
            listed = {form for form in listed if _is_numbered_index(form)}
        followed = {
            form for end, form in persons.items() if kind.after.match(lower, end, end + _REACH)
        }
        things |= (listed | followed) - family_names
    return [
        _with_kind(mention, text) if form in things or form in marked else mention
        for mention, form in zip(mentions, forms, strict=True)
    ]


def _with_kind(mention: NameT, text: str) -> NameT:
    """The mention as MISC, from the capitalised word for its kind: ``Typhoon [Gaemi]``."""
    if mention.type not in OTHER_TYPES:
        mention = replace(mention, type=EntityType.MISC)
    before = text[max(0, mention.start - _REACH) : mention.start]
    word = _KIND_BEFORE.search(before)
    if not word:
        return mention
    start = mention.start - len(before) + word.start()
    return replace(mention, start=start, text=text[start : mention.end])
