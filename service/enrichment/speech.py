"""Verbs of speech, with their inflected forms."""

from __future__ import annotations

import tomllib
from importlib.resources import files

_VOWELS = "aeiou"
_STRESSED_ENDINGS = ("mit", "fer", "cur")
_UNDOUBLED = "wxy"


def _inflect(verb: str) -> set[str]:
    """The third person, past and present participle of a regular verb.

    The base form is left out, since most are nouns as well ("claim", "report", "state").
    """
    if verb.endswith("e"):
        return {f"{verb}s", f"{verb}d", f"{verb[:-1]}ing"}
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return {f"{verb[:-1]}ies", f"{verb[:-1]}ied", f"{verb}ing"}
    third = f"{verb}es" if verb.endswith(("s", "sh", "ch", "x", "z")) else f"{verb}s"
    stem = f"{verb}{verb[-1]}" if _doubles(verb) else verb
    return {third, f"{stem}ed", f"{stem}ing"}


def _doubles(verb: str) -> bool:
    """Whether a verb doubles its last consonant: one after one vowel, in a stressed syllable."""
    last, vowel, before = verb[-1], verb[-2], verb[-3]
    if last in _VOWELS + _UNDOUBLED or vowel not in _VOWELS:
        return False
    if before in _VOWELS and not verb.endswith(("quip", "quit")):
        return False
    syllables = sum(
        letter in _VOWELS and (k == 0 or verb[k - 1] not in _VOWELS)
        for k, letter in enumerate(verb.replace("qu", "q"))
    )
    return syllables == 1 or verb.endswith(_STRESSED_ENDINGS)


_LISTS = tomllib.loads(files("service.enrichment").joinpath("speech.toml").read_text("utf-8"))

REPORTING_VERBS = frozenset(_LISTS["reporting"].split())
"""All forms of "quote" and "cite", whose subject passes on what somebody else said."""

SPEECH_VERBS = (
    frozenset(_LISTS["irregular"].split())
    | {form for verb in _LISTS["regular"].split() for form in _inflect(verb)}
    | REPORTING_VERBS
)
"""All forms of verbs of speech, in lower case."""

SPEECH_PHRASES = frozenset(tuple(line.split()) for line in _LISTS["phrases"].strip().splitlines())
"""Pairs of words that are verbs of speech together: "went on"."""

_PEOPLE = frozenset(_LISTS["people"].split())
_PERSON_ENDINGS = ("bencher", "ician", "keeper", "man", "ologist", "woman")
_PLURALS = (("men", "man"), ("ies", "y"), ("sses", "ss"), ("s", ""))


def is_person_noun(word: str) -> bool:
    """Whether a word in lower case is a noun for people: "boss", "victims", "vice-chairman"."""
    return is_one_person(word) or any(
        word.endswith(plural) and is_one_person(word.removesuffix(plural) + singular)
        for plural, singular in _PLURALS
    )


def is_one_person(word: str) -> bool:
    """Whether a word in lower case is such a noun in the singular."""
    # "vice-president", "ex-wife"
    return (
        word in _PEOPLE
        or word.rpartition("-")[2] in _PEOPLE
        or (word.endswith(_PERSON_ENDINGS) and not word.startswith("spokes"))
    )
