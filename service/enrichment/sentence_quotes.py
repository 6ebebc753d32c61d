"""What each sentence quotes: how much of it is quoted, and whether that is speech."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from service.enrichment.mention_index import MentionIndex
from service.enrichment.speech import SPEECH_VERBS
from service.enrichment.words import WordRange

_CLOSING_MARKS = frozenset(",?!")
_SENTENCE_ENDS = frozenset(".?!")
_INTRODUCING_MARKS = frozenset(",:")
_SHORTEST_SPEECH = 7
"""Fewest words of a quotation, marks included, that names its speaker in a longer sentence."""

_LONGEST_TITLE = 10
"""Most words of the title of a work."""

_SMALL_WORDS = frozenset(
    "a an and as at but by de for from in into is la le nor of on or over the to vs with".split()
)
"""Words that titles do not capitalise."""


class SentenceQuote(NamedTuple):
    """What a sentence quotes.

    Attributes:
        quoted: whether at least half of its words stand between quotation marks, titles of works
            aside, or it belongs to a turn of a transcript.
        spoken: whether its longest quotation is long enough to be speech rather than a title or an
            ironic word, or the sentence is quoted as a whole.
        speaker: index of the entity that its longest quotation quotes, however short that is, or
            that the label of its turn names.
    """

    quoted: bool
    spoken: bool
    speaker: int | None = None


def quote_of(
    index: MentionIndex,
    sentence: WordRange,
    share: Mapping[int, int],
    speakers: Sequence[int | None],
) -> SentenceQuote:
    """What a sentence quotes.

    Args:
        index: quotations of the article.
        sentence: its words.
        share: index of a quotation → words of it in the sentence, marks included.
        speakers: of each quotation.
    """
    if not share:
        return SentenceQuote(False, False)
    longest = max(share, key=lambda i: share[i])
    words = _count(index, sentence)
    inside = sum(
        count
        for i, count in share.items()
        if not _is_title(index, sentence, index.quoted[i], words)
    )
    quoted = inside > 0 and 2 * inside >= sentence[1] - sentence[0]
    spoken = quoted or share[longest] >= _SHORTEST_SPEECH
    spoken = spoken or _is_clause(index, sentence, index.quoted[longest])
    return SentenceQuote(quoted, spoken, speakers[longest])


def _count(index: MentionIndex, stretch: WordRange) -> int:
    """How many words a stretch has, without punctuation and marks."""
    return sum(any(map(str.isalnum, word)) for word in index.words(*stretch))


def _is_title(
    index: MentionIndex, sentence: WordRange, quotation: WordRange, all_words: int
) -> bool:
    """Whether a quotation is the title of a work, as in ``She stars in "Us"``.

    Its words are capitalised, it is only a part of the sentence, and nothing introduces or closes
    it as speech.

    Args:
        index: words of the article.
        sentence: its words.
        quotation: words of the quotation, marks included.
        all_words: how many words the sentence has, punctuation aside.
    """
    first, last = quotation
    if not sentence[0] <= first < last <= sentence[1]:
        return False
    if _count(index, quotation) in (0, all_words):
        return False
    words = index.segmentation.word_texts(quotation)
    letters = [word for word in words if word[0].isalpha()]
    if not letters or len(letters) > _LONGEST_TITLE:
        return False
    is_capitalised = all(word[0].isupper() or word in _SMALL_WORDS for word in letters)
    if not is_capitalised or letters[-1].islower() or all(word.isupper() for word in letters):
        return False
    if first > sentence[0]:
        before = index.word(first - 1)
        return before not in _INTRODUCING_MARKS and before not in SPEECH_VERBS
    return len(letters) > 1 and _CLOSING_MARKS.isdisjoint(
        index.words(last - 2, min(last + 1, sentence[1]))
    )


def _is_clause(index: MentionIndex, sentence: WordRange, quotation: WordRange) -> bool:
    """Whether a quotation is a clause of its own: ``"No," said …``, ``…, and said: "No."``.

    Its punctuation stands inside of the marks or after them, and else only its attribution does.
    """
    first, last = quotation
    if last - first < 4:  # a word, its punctuation and the marks
        return False
    if first == sentence[0]:
        return not _CLOSING_MARKS.isdisjoint(index.words(last - 2, min(last + 1, sentence[1])))
    # Of a quotation of several sentences, the first one has no closing mark.
    ends = last > sentence[1] and index.word(sentence[1] - 1) in _SENTENCE_ENDS
    ends |= last == sentence[1] and index.word(last - 2) in _SENTENCE_ENDS
    return ends and index.word(first - 1) in _INTRODUCING_MARKS
