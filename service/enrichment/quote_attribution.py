"""Quote attribution: the speaker of each quotation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.enrichment.mention_index import MentionIndex
from service.enrichment.pronouns import CONTEXT, PERSONAL_PRONOUNS, PronounResolver
from service.enrichment.types import EntityType
from service.enrichment.words import WordRange

_REGULAR_VERBS = (
    "accuse acknowledge add admit agree announce answer argue ask assert believe boast call "
    "claim comment complain concede conclude confirm contend continue counter criticise criticize "
    "declare demand describe dismiss dub emphasise emphasize exclaim explain express hail hope "
    "insist joke label lament maintain mention note observe pledge point praise predict proclaim "
    "promise quip quote recall reiterate remark report respond reveal shout state stress suggest "
    "tweet urge vow warn welcome whisper wonder"
).split()
_SPEECH_VERBS = frozenset(
    "said say says saying told tell tells telling thought think thinks wrote write writes "
    "writing read reads deny denies denied denying cry cries cried reply replies replied replying "
    "admitted admitting".split()
).union(
    *({f"{v}s", f"{v.removesuffix('e')}ed", f"{v.removesuffix('e')}ing"} for v in _REGULAR_VERBS)
)
_PRONOUNS = PERSONAL_PRONOUNS | {"they", "it"}
_ORGANIZATION_NOUNS = frozenset(
    "company firm group agency ministry union party club bank authority organisation organization "
    "corporation carrier airline retailer carmaker charity watchdog regulator government "
    "association institute newspaper paper magazine broadcaster report".split()
)
_RELATIVE_PRONOUNS = frozenset({"who", "which", "whose", "whom", "where", "when"})
_CONJUNCTIONS = frozenset({"and", "but", "as", "while", ";"})
_CLAUSE_MARKS = frozenset(",;.")
_REACH = 14
"""Most words between a quotation and the verb that attributes it, and between verb and subject."""


@dataclass(frozen=True)
class SentenceQuote:
    """What a sentence quotes.

    Attributes:
        quoted: whether at least half of its words stand between quotation marks.
        speaker: index of the entity that its longest quotation quotes, however short that is.
    """

    quoted: bool
    speaker: int | None = None


def attribute_quotes(index: MentionIndex, pronouns: PronounResolver) -> list[SentenceQuote]:
    """Attribute the quotations of an article.

    Args:
        index: mentions and quotations of the article.
        pronouns: resolver for the same article.

    Returns:
        What each sentence quotes, and whom.
    """
    speakers = _QuoteAttributor(index, pronouns).speakers()
    segmentation = index.segmentation
    # For each sentence: index of a quotation → words of it in the sentence.
    shares: list[dict[int, int]] = [{} for _ in segmentation.sentences]
    for i, (first, last) in enumerate(index.quoted):
        sentence = segmentation.sentence_of(first)
        while first < last:
            until = min(last, segmentation.sentences[sentence][1])
            shares[sentence][i] = until - first
            first, sentence = until, sentence + 1
    return [
        SentenceQuote(
            2 * sum(share.values()) >= last - first,
            speakers[max(share, key=lambda i: share[i])] if share else None,
        )
        for share, (first, last) in zip(shares, segmentation.sentences, strict=True)
    ]


class _QuoteAttributor:
    """Finds the speaker of each quotation, where the text beside it names one.

    An attribution is a verb of speech with its subject, or "according to", in the sentence of the
    quotation, after it or before it. A pronoun or a description ("the company") as its subject
    refers to the person or organisation named last. A sentence that consists of a quotation alone
    has the speaker of the quotation right before it, or the subject of the sentence before.
    """

    def __init__(self, index: MentionIndex, pronouns: PronounResolver) -> None:
        self._index = index
        self._pronouns = pronouns
        self._quoted = index.quoted
        self._word_count = len(index.segmentation.words)

    def speakers(self) -> list[int | None]:
        """The entity that each quotation quotes."""
        speakers: list[int | None] = []
        for i, (first, last) in enumerate(self._quoted):
            speaker = self._attributed_after(i, last) if last > first else None
            if speaker is None:
                speaker = self._attributed_before(i, first)
            if speaker is None:
                speaker = self._carried_over(i, first, speakers)
            speakers.append(speaker)
        return speakers

    def _sentence_around(self, word: int) -> WordRange:
        sentences = self._index.segmentation.sentences
        first, last = sentences[self._index.segmentation.sentence_of(word)]
        return max(first, word - CONTEXT), min(last, word + CONTEXT)

    def _attributed_after(self, i: int, begin: int) -> int | None:
        """``…," said X``, ``…," X told Y``, ``…," according to X``."""
        end = self._sentence_around(begin - 1)[1]
        if i + 1 < len(self._quoted):
            end = min(end, self._quoted[i + 1][0])
        while begin < end and not self._index.word(begin)[0].isalnum():
            begin += 1
        words = self._index.words(begin, min(end, begin + _REACH))
        if words[:2] == ["according", "to"]:
            return self._subject(begin + 2, min(end, begin + 2 + _REACH), begin, first=True)
        for k, word in enumerate(words):
            if word in _SPEECH_VERBS:
                if k == 0:
                    stop = min(end, begin + 1 + _REACH)
                    return self._subject(begin + 1, stop, begin, first=True)
                return self._subject(begin, begin + k, begin)
            if word in _CONJUNCTIONS and k == 0:
                return None
        return None

    def _attributed_before(self, i: int, end: int) -> int | None:
        """``X said: "…``, ``X called it "…``, ``According to X, "…``, ``X: "…``."""
        begin = self._sentence_around(end)[0] if end < self._word_count else end
        if i and self._quoted[i - 1][1] > begin:
            begin = self._quoted[i - 1][1]
        words = self._index.words(begin, end)
        for k in range(len(words) - 1, -1, -1):
            if words[k] in _SPEECH_VERBS:
                speaker = self._subject(begin, begin + k, begin)
                if speaker is not None:
                    return speaker
            if words[k : k + 2] == ["according", "to"]:
                return self._subject(begin + k + 2, end, begin, first=True)
        if words and words[-1] in (":", ","):
            return self._subject(begin, end - 1, begin)
        return None

    def _carried_over(self, i: int, first: int, speakers: Sequence[int | None]) -> int | None:
        """The speaker of the quotation or the subject of the sentence before this one."""
        if first >= self._word_count:
            return None
        begin = self._sentence_around(first)[0]
        if first > begin and i and self._quoted[i - 1][1] > begin:
            return speakers[i - 1]  # two quotations in one sentence
        if first > begin + 1 or not begin:
            return None
        previous = self._sentence_around(begin - 1)
        if i and self._quoted[i - 1][1] > previous[0]:
            return speakers[i - 1]
        for k, word in enumerate(self._index.words(*previous), previous[0]):
            if word in _SPEECH_VERBS:
                speaker = self._subject(previous[0], k, previous[0])
                if speaker is not None:
                    return speaker
        return self._subject(*previous, previous[0], first=True)

    def _subject(self, begin: int, end: int, anchor: int, first: bool = False) -> int | None:
        """The entity that the words from ``begin`` to ``end`` name.

        Args:
            begin: first word of the stretch beside a verb.
            end: one past its last word.
            anchor: word from which the search for the referent of a description goes back.
            first: the verb stands before the stretch, so that the first name is nearest to it.
        """
        words = self._index.words(begin, end)
        if first:
            words = words[: self._clause_length(begin, words)]
            end = begin + len(words)
        mentions = self._index.mentions(begin, end)
        persons = [mention for mention in mentions if mention.type == EntityType.PERSON]
        for k, word in enumerate(words):
            # "Ann, who knows Bob, said": Ann is the subject.
            if word in _RELATIVE_PRONOUNS and (
                antecedents := [mention for mention in persons if mention.first < begin + k]
            ):
                persons = antecedents
                break
        pronoun = next((begin + k for k, word in enumerate(words) if word in _PRONOUNS), None)
        if pronoun is not None and not any(mention.first > pronoun for mention in persons):
            return self._pronouns.resolve(pronoun)
        candidates = [m for m in persons or mentions if m.type != EntityType.MISC]
        if candidates:
            return (candidates[0] if first else candidates[-1]).entity
        if "the" in words and not _ORGANIZATION_NOUNS.isdisjoint(words):
            return self._pronouns.latest_before(anchor, EntityType.ORGANIZATION)
        return None

    def _clause_length(self, begin: int, words: Sequence[str]) -> int:
        """Words before a relative clause, or before punctuation after the first name."""
        for k, word in enumerate(words):
            if word in _RELATIVE_PRONOUNS:
                return k
            if word in _CLAUSE_MARKS and self._index.mentions(begin, begin + k):
                return k
        return len(words)
