"""Words: the units that a model tags.

The boundaries are those of the CoNLL-2003 training data: white space, with punctuation split off.
Hyphens ("Asia-Pacific"), abbreviation points ("U.S.", "Corp.") and the apostrophe of "O'Brien" do
not split a word; a possessive "'s" is a word of its own. Training and serving both call
:func:`split_words`, so that both give a model the same words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

import regex

from service.enrichment.bounds import Check, no_check

Span = tuple[int, int]
"""Half-open ``(start, end)``, in code points."""

WordRange = tuple[int, int]
"""Half-open range of word indices."""

MAX_WORD = 64
"""Code points of the longest word. A longer run without white space (a URL, Chinese prose) is cut,
so that every word fits into a window."""

POSSESSIVES = ("'s", "’s")
"""A possessive 's, as a word of its own."""

APOSTROPHES = ("'", "’")

_AT_ONCE = 64  # plain words between two looks at whether to stop

_ABBREVIATIONS = (
    "Mr Mrs Ms Dr Prof Rev Fr Sr Jr St Mt Ft Gen Col Maj Capt Lt Sgt Cpl Adm Cmdr Gov Sen Rep Hon "
    "Pres Amb Inc Corp Co Ltd Bros Cos Plc Jan Feb Mar Apr Jun Jul Aug Sept Sep Oct Nov Dec vs No "
    "Ala Ariz Ark Calif Colo Conn Del Fla Ga Ill Ind Kan Ky La Md Mass Mich Minn Miss Mo Mont Neb "
    "Nev Okla Ore Pa Tenn Tex Va Vt Wash Wis Wyo"
).split()

# "EXCLUSIVE-Boeing in talks", "UPDATE 2-Shell to sell", "Soccer-Chelsea sign": slugs at the
# beginning of a line.
_SPORTS = (
    "Athletics|Badminton|Baseball|Basketball|Biathlon|Boxing|Cricket|Cycling|Equestrian|Golf|"
    "Gymnastics|Hockey|Motorcycling|Olympics|Paralympics|Rowing|Rugby|Sailing|Skiing|Snooker|Soccer|"
    "Swimming|Tennis|Volleyball|Wrestling"
)
_SLUG = (
    r"(?<![^\n])(?:\p{Lu}{3,}(?=-\p{Lu}\p{Ll})|(?:REFILE|RPT|UPDATE|WRAPUP)(?=\s\d{1,2}-\p{Lu})"
    rf"|(?:{_SPORTS})(?=-\p{{Lu}}[\p{{L}}'’]+\s))"
    r"|(?<=(?<![^\n])(?:REFILE|RPT|UPDATE|WRAPUP)\s)\d{1,2}(?=-\p{Lu})"
)
_CLITIC = r"['’](?i:s|re|ve|ll|d|m)(?![\p{L}\p{M}\p{N}])"
_WORD = regex.compile(
    rf"""
      {_SLUG}
    | [\p{{L}}\p{{N}}][\p{{L}}\p{{N}}._%+\-]*@                    # press@example.org
      [\p{{L}}\p{{N}}\-]+(?:\.[\p{{L}}\p{{N}}\-]+)+
    | {_CLITIC}                                              # 's 're 've 'll 'd 'm
    | (?:\p{{L}}\.){{2,}}(?:-[\p{{L}}\p{{M}}\p{{N}}]+)*           # U.S.  a.m.  U.S.-led
    | (?:[\p{{L}}\p{{M}}\p{{N}}]+[-‐‑–])+(?:\p{{L}}\.){{2,}}          # China-U.K.  anti-U.S.
    | (?:{"|".join(_ABBREVIATIONS)})\.(?=[\s,;:)]|$)         # Corp.  Sen.
    | \p{{Lu}}\.(?=\s+\p{{Lu}})                              # the J. of J. K. Rowling
    | \p{{Lu}}/\p{{Lu}}(?![\p{{L}}\p{{M}}\p{{N}}])                  # A/S
    | \p{{Lu}}{{2,5}}\(\p{{Lu}}{{1,2}}\)(?![\p{{L}}\p{{N}}])          # JD(U)
    | \p{{Lu}}{{1,3}}\$                                       # US$
    | [\p{{L}}\p{{M}}\p{{N}}\p{{Cf}}_]+
      (?: (?!{_CLITIC})
          (?: [-‐‑'’&@+] | (?<=\p{{N}})[.,:/](?=\p{{N}}) | (?<=\p{{Ll}})\.(?=\p{{Ll}}) )
          [\p{{L}}\p{{M}}\p{{N}}\p{{Cf}}_]+
      )*
    | ([-.*=_~])\1+                                          # -- ... ====
    | \S[\p{{M}}\p{{Cf}}]*                                   # one mark, emoji with its modifiers
    """,
    regex.VERBOSE,
)

# Words and marks that no rule concerns, and that nothing beside them may belong to: most of a text,
# found in a fraction of the time. Anything else is read by the rules up to the next white space.
_PLAIN = re.compile(
    rf"""(
      (?:[A-Z]?[a-z]++|[0-9]++)(?=[ \n])
    | [A-Z]?[a-z]++(?=[,;:!?()"“”])
    | (?!(?:{"|".join(_ABBREVIATIONS)})\.)[A-Z]?[a-z]{{2,}}+(?=\.(?:[ \n]|\Z))
    | [,;:!?()"“”](?=[ \nA-Za-z])
    | \.(?=[ \n]|\Z)
    ) | [^ \t\r\n]++
    """,
    re.VERBOSE,
)


def split_words(
    text: str, start: int = 0, end: int | None = None, check: Check = no_check
) -> list[Span]:
    """Split ``text[start:end]`` into words.

    Args:
        text: any text.
        start: first code point of the stretch.
        end: one past its last code point; by default the end of the text.
        check: called now and then. Its exceptions propagate.

    Returns:
        Spans of the words in ``text``, in order. None is empty or longer than :data:`MAX_WORD`.
        Every character outside of them is white space.
    """
    spans: list[Span] = []
    end = len(text) if end is None else end
    matches = _PLAIN.finditer(text, start, end)
    while some := list(islice(matches, _AT_ONCE)):
        check()
        for match in some:
            span = match.span()
            if match.lastindex and span[1] - span[0] <= MAX_WORD:
                spans.append(span)
            else:
                spans += _split_by_rules(text, span, end, check)
    return spans


def _split_by_rules(text: str, stretch: Span, end: int, check: Check) -> Iterator[Span]:
    """The words of a stretch between white space; the rules see the text up to ``end``."""
    position, stretch_end = stretch
    while position < stretch_end and (match := _WORD.search(text, position, end)):
        check()
        first, position = match.span()
        if first >= stretch_end:
            return
        for begin in range(first, position, MAX_WORD):
            yield begin, min(begin + MAX_WORD, position)
