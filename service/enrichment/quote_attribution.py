"""Attribution: who says what is quoted."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from service.enrichment.coreference import address_gender
from service.enrichment.model_protocol import WordRange
from service.enrichment.segmentation import Segmentation

_REGULAR = (
    "accuse acknowledge add admit agree announce answer argue ask assert believe boast call "
    "claim comment complain concede conclude confirm contend continue counter criticise criticize "
    "declare demand describe dismiss dub emphasise emphasize exclaim explain express hail hope "
    "insist joke label lament maintain mention note observe pledge point praise predict proclaim "
    "promise quip quote recall reiterate remark report respond reveal shout state stress suggest "
    "tweet urge vow warn welcome whisper wonder"
).split()
_SPEECH = frozenset(
    "said say says saying told tell tells telling thought think thinks wrote write writes "
    "writing read reads deny denies denied denying cry cries cried reply replies replied replying "
    "admitted admitting".split()
).union(*({f"{v}s", f"{v.removesuffix('e')}ed", f"{v.removesuffix('e')}ing"} for v in _REGULAR))
HE = frozenset({"he", "she"})
_PRONOUNS = HE | {"they", "it"}
_BODIES = frozenset(
    "company firm group agency ministry union party club bank authority organisation organization "
    "corporation carrier airline retailer carmaker charity watchdog regulator government "
    "association institute newspaper paper magazine broadcaster report".split()
)
_UNNAMED = frozenset(
    "analyst boy campaigner driver economist expert fan father girl insider lawyer man mother "
    "neighbour official officer resident source spokesman spokesperson spokeswoman student teacher "
    "witness woman worker".split()
)
_RELATIVE = frozenset({"who", "which", "whose", "whom", "where", "when"})
_REACH = 14
"""Words between a quotation and the verb that attributes it, and between that and its subject."""
_CONTEXT = 200
"""Words of a sentence that are looked at to either side, lest the time grow with its square."""


@dataclass(frozen=True)
class Named:
    """A mention: its words, and the index and the type of its entity."""

    first: int
    last: int
    entity: int
    type: str


@dataclass(frozen=True)
class Said:
    """Whether a sentence is a quotation, and the index of the entity that is quoted in it."""

    quoted: bool
    speaker: int | None = None


class Attribution:
    """Whose words a text quotes, and whom its pronouns mean.

    Args:
        segments: the article.
        quoted: the words of its quotations, as
            :func:`~service.enrichment.quotations.quoted_words` gives them.
        mentions: its names, in order.
    """

    def __init__(
        self, segments: Segmentation, quoted: Sequence[WordRange], mentions: Sequence[Named]
    ) -> None:
        self._segments = segments
        self._quoted = quoted
        # Whoever is named within a quotation is spoken of and does not speak.
        self._inside = np.zeros(len(segments.words), dtype=bool)
        for first, last in self._quoted:
            self._inside[first:last] = True
        self._mentions = [mention for mention in mentions if not self._inside[mention.first]]
        self._first = [mention.first for mention in self._mentions]
        self._sentence_first = [first for first, _ in segments.sentences]
        self._gender = self._genders()

    def who_says(self) -> list[Said]:
        """Which sentences are quotations, and of whom.

        A sentence is one when at least half of its words stand between quotation marks. The speaker
        is that of the longest quotation in it, which may be shorter than that.
        """
        speakers = self.speakers()
        firsts = self._sentence_first
        shares: list[dict[int, int]] = [{} for _ in firsts]
        for i, (first, last) in enumerate(self._quoted):
            sentence = bisect_right(firsts, first) - 1
            while first < last:
                until = min(last, self._segments.sentences[sentence][1])
                shares[sentence][i] = until - first
                first, sentence = until, sentence + 1
        return [
            Said(
                2 * sum(share.values()) >= last - first,
                speakers[max(share, key=lambda i: share[i])] if share else None,
            )
            for share, (first, last) in zip(shares, self._segments.sentences, strict=True)
        ]

    def meant(self, word: int) -> int | None:
        """The entity that a pronoun stands for, where that can be told, which is in no quotation.

        On the 40 annotated BBC articles, 24 of the 25 pronouns beside a quotation for which this
        finds anyone mean who is quoted; for 7 it finds nobody.

        Args:
            word: index of "he", "she" or "it".
        """
        pronoun = self._word(word)
        if self._inside[word]:
            return None
        if pronoun in HE:
            return self._latest(word, "PERSON", "m" if pronoun == "he" else "f")
        return self._latest(word, "ORGANIZATION") if pronoun == "it" else None

    def speakers(self) -> list[int | None]:
        """The entity whose words each quotation is, where the text beside it says so.

        An attribution is a verb of speech with its subject, or "according to", in the same sentence
        after the quotation or before it. A subject may be a pronoun or a description ("the
        company"), which stands for the person or organisation named last. A sentence that is
        nothing but a quotation has the speaker of the quotation right before it, or the subject of
        the sentence before.
        """
        found: list[int | None] = []
        for i, (first, last) in enumerate(self._quoted):
            speaker = self._after(i, last) if last > first else None
            if speaker is None:
                speaker = self._before(i, first)
            if speaker is None:
                speaker = self._carried_over(i, first, found)
            found.append(speaker)
        return found

    def _word(self, i: int) -> str:
        start, end = self._segments.words[i]
        return self._segments.source[start:end].lower()

    def _sentence(self, word: int) -> tuple[int, int]:
        first, last = self._segments.sentences[bisect_right(self._sentence_first, word) - 1]
        return max(first, word - _CONTEXT), min(last, word + _CONTEXT)

    def _named(self, first: int, last: int) -> Sequence[Named]:
        return self._mentions[bisect_left(self._first, first) : bisect_left(self._first, last)]

    def _after(self, i: int, begin: int) -> int | None:
        """``…," said X``, ``…," X told Y``, ``…," according to X``."""
        end = self._sentence(begin - 1)[1]
        if i + 1 < len(self._quoted):
            end = min(end, self._quoted[i + 1][0])
        while begin < end and not self._word(begin)[0].isalnum():
            begin += 1
        words = [self._word(k) for k in range(begin, min(end, begin + _REACH))]
        if words[:2] == ["according", "to"]:
            return self._subject(begin + 2, min(end, begin + 2 + _REACH), begin, first=True)
        for k, word in enumerate(words):
            if word in _SPEECH:
                if k == 0:
                    stop = min(end, begin + 1 + _REACH)
                    return self._subject(begin + 1, stop, begin, first=True)
                return self._subject(begin, begin + k, begin)
            if word in ("and", "but", "as", "while", ";") and k == 0:
                return None
        return None

    def _before(self, i: int, end: int) -> int | None:
        """``X said: "…``, ``X called it "…``, ``According to X, "…``, ``X: "…``."""
        begin = self._sentence(end)[0] if end < len(self._segments.words) else end
        if i and self._quoted[i - 1][1] > begin:
            begin = self._quoted[i - 1][1]
        words = [self._word(k) for k in range(begin, end)]
        for k in range(len(words) - 1, -1, -1):
            if words[k] in _SPEECH:
                speaker = self._subject(begin, begin + k, begin)
                if speaker is not None:
                    return speaker
            if words[k : k + 2] == ["according", "to"]:
                return self._subject(begin + k + 2, end, begin, first=True)
        if words and words[-1] in (":", ","):
            return self._subject(begin, end - 1, begin)
        return None

    def _carried_over(self, i: int, first: int, found: Sequence[int | None]) -> int | None:
        if first >= len(self._segments.words):
            return None
        begin = self._sentence(first)[0]
        if first > begin and i and self._quoted[i - 1][1] > begin:
            return found[i - 1]  # two stretches of one sentence
        if first > begin + 1 or not begin:
            return None
        previous = self._sentence(begin - 1)
        if i and self._quoted[i - 1][1] > previous[0]:
            return found[i - 1]
        for k in range(*previous):
            if self._word(k) in _SPEECH:
                speaker = self._subject(previous[0], k, previous[0])
                if speaker is not None:
                    return speaker
        return self._subject(*previous, previous[0], first=True)

    def _subject(self, begin: int, end: int, anchor: int, first: bool = False) -> int | None:
        """Who the words from ``begin`` to ``end`` name: the nearest to the verb beside them."""
        words = [self._word(k) for k in range(begin, end)]
        for k, word in enumerate(words):
            if first and (word in _RELATIVE or (word in ",;." and self._named(begin, begin + k))):
                end = begin + k
                words = words[:k]
                break
        named = list(self._named(begin, end))
        persons = [mention for mention in named if mention.type == "PERSON"]
        for k, word in enumerate(words):
            # "Ann, who knows Bob, said": the clause is about Ann.
            if word in _RELATIVE and (left := [m for m in persons if m.first < begin + k]):
                persons = left
                break
        pronoun = next((k for k, word in enumerate(words) if word in _PRONOUNS), None)
        if pronoun is not None and not any(m.first > begin + pronoun for m in persons):
            return self.meant(begin + pronoun)
        choice = [m for m in persons or named if m.type != "MISC"]
        if choice:
            return (choice[0] if first else choice[-1]).entity
        if any(word in _BODIES for word in words) and "the" in words:
            return self._latest(anchor, "ORGANIZATION")
        return None

    def _latest(self, before: int, kind: str, gender: str | None = None) -> int | None:
        """The first entity of a type in the nearest sentence that names one before a word."""
        sentence = bisect_right(self._sentence_first, before) - 1
        for at in range(sentence, max(-1, sentence - 4), -1):
            first, last = self._segments.sentences[at]
            end = min(last, before)
            begin = max(first, end - _CONTEXT)
            named = [m for m in self._named(begin, end) if m.type == kind]
            fitting = [
                m for m in named if not gender or self._gender.get(m.entity, gender) == gender
            ]
            if gender:
                fitting = [m for m in fitting if m.entity in self._gender] or fitting
            if fitting:
                return fitting[0].entity
            if gender and not named and self._has_unnamed_person(begin, end):
                return None
        return None

    def _has_unnamed_person(self, begin: int, end: int) -> bool:
        """Whether there is "a spokesman", whom a pronoun may mean."""
        words = [self._word(k) for k in range(begin, end)]
        return any(
            word in _UNNAMED and not {"a", "an", "the", "one"}.isdisjoint(words[max(0, k - 3) : k])
            for k, word in enumerate(words)
        )

    def _genders(self) -> dict[int, str]:
        genders: dict[int, str] = {}
        for mention in self._mentions:
            if mention.type != "PERSON":
                continue
            words = self._segments.words
            span = (words[mention.first][0], words[mention.last - 1][1])
            if gender := address_gender(self._segments.source, *span):
                genders.setdefault(mention.entity, gender)
        return genders
