"""Marks that may end a sentence, and the rules that decide whether they do."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import lru_cache
from heapq import merge
from importlib.resources import files
from typing import NamedTuple

import regex

from service.enrichment.bounds import Check, checked, no_check

_REACH = 60
"""Code points on each side of a mark that its rules read."""

# The mark, what closes behind it, white space; then what opens the next word, and that word.
_MARK = regex.compile(
    r"(?P<mark>[.!?…‽。！？]{1,8}+(?P<closers>[\p{Pe}\p{Pf}\"'’]{1,5}+[.…]{0,3}+)?)(?P<space>\s++)"
    r"(?=(?P<opening>[\p{Ps}\p{Pi}\"'‘*#@$£€]{0,4}+)"
    r"(?P<word>[\p{L}\p{N}][\p{L}\p{M}\p{N}.'’\-]{0,30}+)?)"
)
# "… in recent polls.The Buckeye State …": white space that an extraction has lost.
_GLUED = regex.compile(r"(?<=\p{Ll}{3})[.!?][\p{Pf}\")]?+(?=\p{Lu}\p{Ll}+[\s:])")
_WORD_BEFORE = regex.compile(r"(?r)[\p{L}\p{M}\p{N}.&'’\-]{1,24}$")
# The same in text of which each word and mark has spaces around it: "the U . S . - led force".
_SPACED_WORD_BEFORE = regex.compile(
    r"(?:(?<![\p{L}\p{M}\p{N}])\p{L} \. )*+[\p{L}\p{M}\p{N}&'’\-]{1,24} $"
)
_CAPITALISED_LATER = regex.compile(r"\p{Ll}{1,2}-?\p{Lu}")  # iPhone, eBay, 's-Hertogenbosch
_DOTTED = regex.compile(r"(?:\p{L}\.)+\p{L}")
_LEFT_OF_ABBREVIATION = regex.compile(
    r"^\P{L}+|^\p{L}-(?=\p{L}\.)|^\p{L}+\.-|^(?i:ex|vice|then|mid|late|early)-"
)
# What stands left of the abbreviation in "R-N.C.", "Lt.-Col." and "ex-Gov."
_TOWN_BEFORE = regex.compile(r"\p{L}[\p{L}.'’\- ]{0,40},\s*$")
_NOUN_FOLLOWS = regex.compile(
    r"\b(?i:the|in|to|from|of|for|by|with|and|than|at|across|into|outside)\s+$"
)
_PLAIN_WORD = regex.compile(r"\p{Lu}\p{Ll}[\p{L}'’\-]*,?\s+\p{Ll}")  # "Workers in …"
_AGENCY = regex.compile(r"\([^()\r\n]{2,40}\)\s*\p{Pd}")
_BEGINS_WITH_TIME = regex.compile(  # "At 10 a.m. Reeves will speak"
    r"(?:^|[.!?][\p{Pf}\"']?\s)(?:At|By|From|Around|Before|After|Until|Since|Just)\b"
    r"[\p{Ll} ]*[\d:.]+ ?$"
)
_WORD_AND_MARK = regex.compile(r"(?P<word>\p{L}+)[.!?:;]$")
# "1. Win Ohio", "Q. Who won?", "2:05 p.m. Polls open", "Nov 3, 9 a.m. Polls open"
_ITEM_LABEL = regex.compile(
    r"[\[(]?(?:\d{1,4}|\p{Lu}|[ivx]{1,4}"
    r"|(?:\p{Lu}\p{Ll}{2,8}\.? ?\d{1,2}, ?)?\d{1,2}(?:[:.]\d{2})? ?[ap]\.?m)\."
)
_ABBREVIATIONS = ("titles", "prefixes", "suffixes", "companies", "states", "months", "times")
_GOES_ON = regex.compile(r"[.,;:!?)]|[\[(]?[.…]")  # ". . ." and "[…]"
_ROMAN = regex.compile(r"[IVXL]+")
_NAME_AND_VERB = regex.compile(r"(?:\p{Lu}[\p{L}\p{M}.'’\-]*\s+){1,4}(?P<verb>\p{Ll}+)\b")

# With a capital, these begin a sentence: “Why me?” Nobody answered.
_NO_SPEAKERS = frozenset(
    "Everyone Everybody He I It Nobody None No Neither She Someone Somebody They We You".split()
)


class _Mark(NamedTuple):
    """A mark with what stands around it.

    Attributes:
        mark: the mark and what closes behind it.
        closed: whether anything closes behind it.
        preceding: the word before the mark; empty behind white space.
        before: some characters before that word.
        after: some characters from the next visible one on.
        opening: quotation marks, brackets and symbols before the next word.
        word: the next word, without its full stop; empty if there is none.
    """

    mark: str
    closed: bool
    preceding: str
    before: str
    after: str
    opening: str
    word: str

    @property
    def abbreviation(self) -> str:
        """The word before the mark, without what cannot belong to an abbreviation.

        Text in capitals has them in capitals: "SEN. WARREN".
        """
        word = _LEFT_OF_ABBREVIATION.sub("", self.preceding)
        return word.capitalize() if self.in_capitals and word.isalpha() else word

    @property
    def in_capitals(self) -> bool:
        """Whether what surrounds the mark is in capitals, more than an initial of it."""
        return len(self.word) > 1 and (self.before + self.preceding + self.word).isupper()

    def followed_by(self, *lists: str) -> bool:
        """Whether the next word stands in one of the word lists."""
        stem = self.word.replace("’", "'").partition("'")[0]  # It's, President's
        if len(stem) == 1 and self.after[len(self.opening) + 1 :].lstrip(" ")[:1] == ".":
            return False  # an initial: "A. A. Milne"
        if self.in_capitals:
            stem = stem.capitalize()
        return any(stem in word_lists()[name] for name in lists)

    @property
    def begins_item(self) -> bool:
        """Whether the mark is behind the number, letter or time that an item begins with."""
        before = self.before.strip()
        if self.preceding.isdigit() and (word := _WORD_AND_MARK.search(before)):
            # "1. Cut taxes. 2. Win Ohio", but "It ranks No. 2. Ohio is first"
            return len(self.preceding) == 1 and not _is_listed(word["word"])
        return bool(_ITEM_LABEL.fullmatch(before + self.preceding + "."))

    @property
    def starts_anew(self) -> bool:
        """Whether what follows hardly ever stands inside a sentence."""
        return bool(self.opening.strip("([*#@$£€")) or self.followed_by("starters")


@lru_cache(maxsize=1)
def word_lists() -> dict[str, frozenset[str]]:
    """The word lists of ``abbreviations.toml``, by name."""
    content = files("service.enrichment").joinpath("abbreviations.toml").read_text("utf-8")
    return {name: frozenset(words.split()) for name, words in tomllib.loads(content).items()}


def sentence_starts(text: str, begin: int, end: int, check: Check = no_check) -> Iterator[int]:
    """Where the marks in ``text[begin:end]`` let a new sentence begin.

    Args:
        text: the article.
        begin: first code point of the stretch, a visible character.
        end: the one behind its last.
        check: called for each mark. Its exceptions propagate.

    Returns:
        Code points of ``text``, in order.
    """
    spaced = (
        match.end()
        for match in checked(_MARK.finditer(text, begin, end), check)
        if match.end() < end and _ends_sentence(_read(text, begin, end, match))
    )
    glued = (match.end() for match in _GLUED.finditer(text, begin, end))
    return merge(spaced, glued)


def _read(text: str, begin: int, end: int, match: regex.Match[str]) -> _Mark:
    at = match.start()
    word_before = _WORD_BEFORE
    if match["mark"] == "." and at > begin and text[at - 1] == " ":
        word_before = _SPACED_WORD_BEFORE
    found = word_before.search(text, max(begin, at - _REACH), at)
    word = found[0].replace(" ", "").rstrip(".") if found else ""
    left = at - len(found[0]) if found else at
    return _Mark(
        mark=match["mark"],
        closed=match["closers"] is not None,
        preceding=word,
        before=text[max(begin, left - _REACH) : left],
        after=text[match.end() : min(end, match.end() + _REACH)],
        opening=match["opening"],
        word=(match["word"] or "").rstrip("."),
    )


def _ends_sentence(mark: _Mark) -> bool:
    if not _can_begin_sentence(mark) or _is_omission(mark):
        return False
    if mark.mark == ".":
        return _ends_after_word(mark)
    if mark.closed and mark.mark[0] in "!?":
        return not _attaches_to_speaker(mark)
    if mark.mark[0] == "." and mark.mark[-1] in ")]" and _is_abbreviation(mark):
        return mark.starts_anew  # "(R-S.C.) said"
    if mark.mark == "!" and mark.abbreviation in word_lists()["exclaimed"]:
        return mark.starts_anew
    return True


def _can_begin_sentence(mark: _Mark) -> bool:
    if not mark.word:
        return not _GOES_ON.match(mark.after)
    quoted = bool(mark.opening.strip("\"'“‘"))
    return quoted or not mark.word[0].islower() or bool(_CAPITALISED_LATER.match(mark.word))


def _is_omission(mark: _Mark) -> bool:
    """Whether dots stand for words that are left out of a sentence: "the pages ... appeared"."""
    if mark.preceding or mark.closed or mark.mark == "." or set(mark.mark) - set(".…"):
        return False
    spaced = mark.before[-1:].isspace() and mark.before.rstrip()[-1:] not in tuple('.!?"”')
    return spaced and (mark.word == "I" or not mark.starts_anew)


def _is_abbreviation(mark: _Mark) -> bool:
    word = mark.abbreviation
    return _is_listed(word) or bool(_DOTTED.fullmatch(word)) or (len(word) == 1 and word.isupper())


def _is_listed(word: str) -> bool:
    return any(word in word_lists()[name] for name in _ABBREVIATIONS)


def _ends_after_word(mark: _Mark) -> bool:
    """Whether a sentence ends at the full stop of a word that may be an abbreviation."""
    lists, word = word_lists(), mark.abbreviation
    if mark.begins_item:
        return False
    if mark.preceding in ("Q", "A") and not mark.before.strip("*_ \t"):
        return False  # question and answer: "Q. Do you know him?"
    if mark.after[:1] in tuple("—–-") and _is_abbreviation(mark):
        return False  # a dateline: "FRESNO, Calif. — Fire crews"
    before_digit = mark.word[:1].isdigit()
    if word in lists["months"]:
        return mark.starts_anew or not (before_digit or mark.followed_by("after_times", "months"))
    if word.lower() in ("no", "nos"):
        return not before_digit  # the answer, and not "number"
    if word in lists["prefixes"] and not mark.preceding[:1].isdigit():  # "at 548p. Shares"
        return mark.starts_anew and word[:1].isupper() and not _ROMAN.fullmatch(mark.word)
    if word in lists["units"] and before_digit:
        return not (mark.before + mark.preceding).removesuffix(word).rstrip(" -")[-1:].isdigit()
    in_capitals = len(word) > 1 and word.isupper() and mark.word.isupper()
    if word in lists["titles"] or (in_capitals and word.capitalize() in lists["titles"]):
        return mark.starts_anew and mark.word not in ("I", "A", "An")
    if word in lists["times"]:
        goes_on = before_digit or mark.followed_by("after_times") or mark.opening[:1] in tuple("([")
        return not (goes_on or _BEGINS_WITH_TIME.search(mark.before))
    if word in lists["companies"]:
        return mark.starts_anew or _ends_after_company(mark)
    if word in lists["states"]:
        return _ends_after_state(mark)
    if word in lists["suffixes"]:
        return mark.starts_anew
    if _DOTTED.fullmatch(word) or _DOTTED.fullmatch(word.rpartition("-")[2]):
        return mark.starts_anew or _is_noun(mark)
    is_initial = len(word) == 1 and word.isupper() and not _follows(mark, "lettered")
    return mark.starts_anew if is_initial else True


def _follows(mark: _Mark, name: str) -> bool:
    """Whether the word in front of the one before the mark stands in a word list."""
    return mark.before.rstrip().rpartition(" ")[2] in word_lists()[name]


def _ends_after_company(mark: _Mark) -> bool:
    is_ticker = mark.word.isupper() and len(mark.word) > 1
    return not (mark.opening or is_ticker or mark.followed_by("after_companies"))


def _ends_after_state(mark: _Mark) -> bool:
    if _AGENCY.match(mark.after):
        return False  # a dateline: "RICHMOND, Va. (AP) —"
    if mark.starts_anew:
        return True
    if mark.word[:1].isdigit() or mark.followed_by("after_initials"):
        return False
    return bool(_TOWN_BEFORE.search(mark.before))


def _is_noun(mark: _Mark) -> bool:
    """Whether dotted initials are a noun ("in the U.S. Workers …"), and no part of a name."""
    if mark.word[:1].isdigit() or mark.followed_by("after_initials"):
        return False
    return bool(_NOUN_FOLLOWS.search(mark.before) and _PLAIN_WORD.match(mark.after))


def _attaches_to_speaker(mark: _Mark) -> bool:
    """Whether a speaker follows a quoted question or exclamation: “Who?” Ann Cole asked."""
    if mark.word in _NO_SPEAKERS:
        return False
    speaker = None if mark.opening else _NAME_AND_VERB.match(mark.after)
    return speaker is not None and speaker["verb"] in word_lists()["speech"]
