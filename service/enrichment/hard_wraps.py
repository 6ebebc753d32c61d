"""Hard wraps: line breaks that an editor sets where the next word does not fit any more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise

import regex

from service.enrichment.bounds import Check, checked, no_check

LEAST_WRAP, MOST_WRAP = 40, 120
"""Widths, in code points, between which nearly all editors wrap lines."""

_LINE = regex.compile(r"[^\r\n\v\f\x85\u2028\u2029]+")
_QUOTING = regex.compile(r"(?:>[ \t]?)+")  # of replies in e-mails: "> He wrote"
# And neither "iPhone" nor "van Gogh" nor "press@example.org".
_LOWER = regex.compile(
    r"[\"'“‘(]?(?!(?:al|bin|da|de|della|den|der|di|el|la|le|ter|van|von)\b)"
    r"\p{Ll}[\p{Ll}\p{M}'’\-]*[\p{Pe}\p{Pf}\"',.;:!?]*(?:\s|$)"
)
_TERMINATED = regex.compile(r"[.!?…:;][\p{Pe}\p{Pf}\"']*$")
# Headlines have few of these words.
_PROSE = regex.compile(
    r"^(?:He|She|It|They|We|I|The|A|An|Mr|Mrs|Ms|Dr)\b|\b(?:the|an?|was|were|had|has|have|he|she|"
    r"his|her|its|their|who|which|said|would|that)\b"
)
_LEAST_LOWER = 3  # lines that go on in lower case; fewer may be chance
_SLACK = 1.2  # of widths that few lines show
_RAGGED = (0.7, 1.4)  # of the mean length of lines, where no editor has wrapped them


@dataclass(frozen=True, slots=True)
class Line:
    """A visible line.

    Attributes:
        start: code point of the article at which it starts, white space included.
        end: one past its last code point.
        text: what stands in it, without surrounding white space and the marks of quoted replies.
        indent: columns of its indentation.
        length: its width in columns, with its indentation.
        first_word: length of its first word, in code points.
        lower: whether it begins with a word in lower case.
    """

    start: int
    end: int
    text: str
    indent: int
    length: int
    first_word: int
    lower: bool

    @property
    def terminated(self) -> bool:
        """Whether it ends with a mark that may end a sentence."""
        return bool(_TERMINATED.search(self.text))


@dataclass(frozen=True, slots=True)
class Wrap:
    """How an article is wrapped.

    Attributes:
        width: in code points; 0 where nothing shows one.
        sure: whether many lines go on with the sentence of the line before.
        ragged: whether the width is only a mean, as in text copied from a page in columns.
    """

    width: int
    sure: bool
    ragged: bool

    def fills(self, line: Line, after: Line) -> bool:
        """Whether ``line`` is so long that the first word of the next one did not fit."""
        if self.ragged:
            least, most = _RAGGED
            return least * self.width < line.length <= most * self.width >= after.length
        fits = line.length + 1 + after.first_word <= self.width
        follows = after.length <= _SLACK * self.width or " " not in after.text
        return line.length <= self.width and follows and not fits


def find_lines(text: str, begin: int, end: int, check: Check = no_check) -> Iterator[Line]:
    """The visible lines of ``text[begin:end]``, in order; calls ``check`` for each."""
    for match in checked(_LINE.finditer(text, begin, end), check):
        content = match[0].expandtabs().rstrip()
        if content:
            visible = content.lstrip()
            stripped = _QUOTING.sub("", visible, count=1).lstrip() if visible[0] == ">" else visible
            yield Line(
                *match.span(),
                text=stripped,
                indent=len(content) - len(visible),
                length=len(content),
                first_word=len(stripped.split(maxsplit=1)[0]) if stripped else 0,
                lower=bool(_LOWER.match(stripped)),
            )


def find_wrap(text: str, check: Check = no_check) -> Wrap:
    """How most paragraphs of ``text`` are wrapped.

    Args:
        text: of any length; the time is in proportion to it, but for the sorting of line lengths.
        check: called for each line. Its exceptions propagate.
    """
    pairs = pairwise(find_lines(text, 0, len(text), check))
    return _vote((a, b) for a, b in pairs if not _has_blank_line(text[a.end : b.start]))


def _vote(pairs: Iterable[tuple[Line, Line]]) -> Wrap:
    """The width that most ``pairs`` of lines show.

    A line and the word after it bound the width that it may have been wrapped at. The width is the
    one within the most of these bounds. Lines that go on in lower case count twice.
    """
    turns: Counter[int] = Counter()
    breaks = lower = lower_lengths = 0
    for line, after in pairs:
        weight = 2 if after.lower else 1
        turns[line.length] += weight
        turns[line.length + after.first_word + 1] -= weight
        breaks += 1
        if after.lower:
            lower += 1
            lower_lengths += line.length
    width, votes = _most_voted(turns)
    many = lower >= _LEAST_LOWER and 4 * lower >= breaks
    if not many or 2 * votes >= breaks + lower:
        return Wrap(width, many, ragged=False)
    mean = round(lower_lengths / lower)
    if not LEAST_WRAP <= mean <= MOST_WRAP:
        return Wrap(width, sure=False, ragged=False)
    return Wrap(mean, sure=True, ragged=True)


def find_wrapped(lines: list[Line], wrap: Wrap, check: Check = no_check) -> list[bool]:
    """Whether each break between the ``lines`` of a paragraph is a hard wrap.

    Breaks behind lines that fill the width form runs. A run is hard-wrapped if its lines go on with
    each other's sentences.

    Args:
        lines: of a paragraph.
        wrap: how the article is wrapped.
        check: called for each line. Its exceptions propagate.
    """
    full = [wrap.fills(line, after) for line, after in checked(pairwise(lines), check)]
    own = wrap if all(full) else _vote(pairwise(lines))
    if own != wrap and (own.sure or (wrap.sure and any(line.lower for line in lines[1:]))):
        anew = [own.fills(line, after) for line, after in checked(pairwise(lines), check)]
        if own.sure or all(anew):  # a paragraph that is wrapped in its own way
            full = max(full, anew, key=sum)
    wrapped: list[bool] = []
    for is_full, run in groupby(full):
        first = len(wrapped)
        count = len(list(run))
        stretch = lines[first : first + count + 1]
        wrapped += [is_full and _goes_on(stretch, wrap, alone=len(lines) == 2)] * count
    return wrapped


def _goes_on(lines: list[Line], wrap: Wrap, alone: bool) -> bool:
    """Whether ``lines``, each of which fills the width but the last, are one text.

    ``alone`` they are a paragraph of two lines, whose first one may break a name off.
    """
    lower, breaks = sum(line.lower for line in lines[1:]), len(lines) - 1
    if lower and 5 * lower >= breaks:
        return wrap.width >= LEAST_WRAP or lines[-1].terminated or 2 * lower >= breaks
    if wrap.sure and LEAST_WRAP <= wrap.width <= MOST_WRAP:
        return True
    ends = (lines[-1].terminated or lines[0].lower) and lines[-1].length <= wrap.width <= MOST_WRAP
    before = lines[0].text
    is_prose = lines[0].lower or _PROSE.search(before) is not None
    breaks_name_off = alone and before.rpartition(" ")[2][:1].isupper()
    return ends and (is_prose or breaks_name_off)


def _most_voted(turns: Counter[int]) -> tuple[int, int]:
    """The largest of the widths with the most votes, and their number."""
    width = most = votes = 0
    for position in sorted(turns):
        if votes == most and votes:
            width = position - 1
        votes += turns[position]
        if votes > most:
            width, most = position, votes
    return width, most


def _has_blank_line(gap: str) -> bool:
    return len(gap.strip(" \t\xa0").splitlines()) > 1
