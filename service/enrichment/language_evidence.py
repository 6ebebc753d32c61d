"""Evidence of the language of a text in the words that are not names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import log

import regex

from service.enrichment.language_detector import LanguageDetector

_OWN_WORD, _FOREIGN_WORD, _FOREIGN_LETTER, _LISTED = 3.0, 2.0, 0.5, 1.5
"""Log-odds of a function word that only known, or only other languages have, of a word with a
letter that the known languages lack, and of a foreign word that lists names where no known word is.

Tuned, like the thresholds, on the dev part of ``python -m benchmarks.language``.
"""

_SURE, _SURE_OF_FEW_WORDS, _SURE_OF_CAPITALS = 4.5, 5.5, 7.0
"""Log-odds from which on a text is surely in another language. Among few words, or where all are in
capitals, those of names may be mistaken for others."""

_MOST_WORDS, _MOST_LISTED = 3, 2
"""Most words of each sort that count; more add no evidence on a text of mixed languages."""

_CERTAIN_WORDS, _CERTAIN_SHARE, _CERTAIN_RATIO = 20, 0.25, 10
"""Function words of the known languages, their least share of all words, and how many there are for
one of other languages, from which on the classifier need not be run: it has no doubt either. That
holds for 99 % of news, and takes a third of the time."""

_FEWEST_WORDS, _FEWEST_LOWER_CASE, _FEWEST_LETTERS = 2, 6, 25
_FEW_WORDS = 3
_EPSILON = 1e-6
_ADDRESS_SIGNS = ("://", "www.", "@", "#", "&", "=")
_WORD = regex.compile(r"(?<![\p{L}\d.])\p{L}[\p{L}\p{M}]*(?:['’-]\p{L}[\p{L}\p{M}]*)*")
# "Confédération générale du travail (CGT)"
_DEFINED = regex.compile(
    r"(?<!\p{L})(?P<first>\p{Lu})[\p{L}\p{M}'’-]*(?:\s+[\p{L}\p{M}'’-]+){1,7}\s+\((?P=first)\p{L}{1,7}\)"
)
_LATIN = regex.compile(r"\p{Latin}")
_APOSTROPHE = regex.compile(r"['’]")

_IN_NAMES = frozenset(
    "al bin da das de dei del della delle den der des di do dos du e ed el en et i ibn la las le "
    "les los na ng och og ten ter und van von voor y zu zum zur".split()
)
"""Lower-case words that join the parts of names: "Ursula von der Leyen", "Sporting Clube de
Portugal"."""

_IN_LISTS = frozenset("del e ed en et i och og u und y zum zur".split())
"""Those of them that join names more often than the parts of one: "Macron und Meloni"."""


@dataclass(frozen=True)
class LanguageEvidence:
    """What a text shows about its language.

    Attributes:
        words: lower-case words outside of names, joined by spaces.
        log_odds: of the text being in none of the known languages; 0 where nothing speaks.
        sure: the log-odds from which on it surely is in none of them.
        enough: whether the text is long enough to be judged.
    """

    words: str
    log_odds: float
    sure: float
    enough: bool


def weigh_words(detector: LanguageDetector, text: str, known: Collection[str]) -> LanguageEvidence:
    """Judge ``text`` by its lower-case words, which names hardly ever are.

    Text in capitals alone has no such words; all of its words are weighed, and names with them.

    Args:
        detector: classifies what is left of the text, unless function words leave no doubt.
        text: any text; a sample of a long one.
        known: ISO 639-1 codes of the languages to recognise.
    """
    found = _words(text)
    letters = sum(map(len, found))
    found, latin = _of_main_script(found)
    words, listed = _outside_names(found)
    capitals = not words
    if capitals:
        words = [word.lower() for word in found]
    own, foreign, accented = _count_evidence(words, frozenset(known))
    names = capitals and (own or foreign < max(_FEWEST_WORDS, len(words) / 4))
    if not words or names:
        log_odds = -_OWN_WORD * min(own, _MOST_WORDS)
        return LanguageEvidence("", log_odds, _SURE_OF_CAPITALS, enough=False)
    content = " ".join(words)
    certain = own >= max(_CERTAIN_WORDS, _CERTAIN_SHARE * len(words), _CERTAIN_RATIO * foreign)
    probability = 1.0
    if not certain:
        probabilities = detector.detect(content)
        probability = sum(probabilities.get(code, 0.0) for code in known)
    log_odds = log((1 - probability + _EPSILON) / (probability + _EPSILON))
    log_odds += _FOREIGN_WORD * min(foreign, _MOST_WORDS)
    log_odds += _FOREIGN_LETTER * min(accented, _MOST_WORDS)
    log_odds -= _OWN_WORD * min(own, _MOST_WORDS)
    if not own:
        log_odds += _LISTED * min(listed, _MOST_LISTED)
    enough = len(content) >= _FEWEST_LOWER_CASE
    if latin:
        enough &= letters >= _FEWEST_LETTERS and len(words) >= _FEWEST_WORDS
    sure = _SURE_OF_FEW_WORDS if latin and len(words) <= _FEW_WORDS else _SURE
    if capitals and latin:
        sure = _SURE_OF_CAPITALS
    return LanguageEvidence(content, log_odds, sure, enough)


def _words(text: str) -> list[str]:
    """The words of the text, without addresses, hashtags, and names that have an abbreviation."""
    if "(" in text:
        text = _DEFINED.sub(lambda name: name["first"], text)
    if any(sign in text for sign in _ADDRESS_SIGNS):
        pieces = text.split()
        text = " ".join(p for p in pieces if not any(sign in p for sign in _ADDRESS_SIGNS))
    return _WORD.findall(text)


def _of_main_script(words: list[str]) -> tuple[list[str], bool]:
    """The words in the script that most of the text has, and whether that is Latin.

    Names from other scripts stand in brackets in English text, and Latin ones in text of others.
    """
    others = [word for word in words if not word.isascii() and not _LATIN.match(word)]
    if not others:
        return words, True
    latin = [word for word in words if word.isascii() or _LATIN.match(word)]
    if sum(map(len, latin)) >= sum(map(len, others)) and any(map(str.islower, latin)):
        return latin, True
    return others, False


def _outside_names(words: list[str]) -> tuple[list[str], int]:
    """The words without capitals, less those that join two words with capitals to a name.

    The second value is the number of these that list names.
    """
    kept: list[str] = []
    run: list[str] = []
    listing = 0
    after_name = False
    for word in words:
        if word.lower() == word:
            run.append(word)
            continue
        if len(run) > _FEWEST_WORDS and _IN_NAMES.issuperset(run[-_FEWEST_WORDS:]):
            listing += _count_listing(run[-_FEWEST_WORDS:])
            del run[-_FEWEST_WORDS:]
        joins = after_name and len(run) <= _FEWEST_WORDS and _IN_NAMES.issuperset(run)
        if joins:
            listing += _count_listing(run)
        else:
            kept += run
        run, after_name = [], True
    return kept + run, listing


def _count_listing(words: list[str]) -> int:
    return sum(word in _IN_LISTS for word in words)


def _count_evidence(words: list[str], known: frozenset[str]) -> tuple[int, int, int]:
    """How many words are function words of known languages alone, or of others alone.

    Of the rest, the third number counts those with a letter that the known languages lack.
    """
    own, others, letters = _vocabularies(known)
    counts = [0, 0, 0]
    for word in words:
        for part in _parts(word):
            if part in own:
                counts[0] += 1
            elif part in others:
                counts[1] += 1
            elif not part.isascii() and not letters.issuperset(part):
                counts[2] += 1
    return counts[0], counts[1], counts[2]


def _parts(word: str) -> list[str]:
    """The word and, of French "l'un" or Turkish "Bank'ta", what the apostrophe cuts off."""
    return [word] if word.isalpha() else [word, *_APOSTROPHE.split(word)[:-1]]


def count_function_words(words: str) -> Mapping[str, int]:
    """ISO 639-1 code → how many of the ``words`` are function words there."""
    parts = [part for word in words.split() for part in _parts(word)]
    return {code: sum(p in listed for p in parts) for code, listed in _function_words().items()}


@cache
def _vocabularies(
    known: frozenset[str],
) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Function words of the ``known`` languages alone, of others alone, and the letters known."""
    every = _function_words()
    own = frozenset[str]().union(*(words for code, words in every.items() if code in known))
    others = frozenset[str]().union(*(words for code, words in every.items() if code not in known))
    letters = frozenset("".join(own) + "abcdefghijklmnopqrstuvwxyz'’-")
    return own - others, frozenset(w for w in others - own if len(w) > 1), letters


@cache
def _function_words() -> Mapping[str, frozenset[str]]:
    """ISO 639-1 code → words, of ``function_words.txt``."""
    data = files("service.enrichment").joinpath("function_words.txt").read_text("utf-8")
    lines = (line.split() for line in data.splitlines() if not line.startswith("#"))
    return {code: frozenset(words) for code, *words in filter(None, lines)}
