"""Quote attribution: the speaker of each quotation."""

from __future__ import annotations

from collections.abc import Sequence

from service.enrichment.descriptions import POSSESSIVE_MARKS, noun_before, without_described
from service.enrichment.mention_index import MentionIndex
from service.enrichment.pronouns import PERSONAL_PRONOUNS, PronounResolver
from service.enrichment.pull_quotes import speakers_after_dashes
from service.enrichment.quote_neighbours import QuoteNeighbours
from service.enrichment.sentence_quotes import SentenceQuote, quote_of
from service.enrichment.speech import (
    REPORTING_VERBS,
    SPEECH_PHRASES,
    SPEECH_VERBS,
    is_person_noun,
)
from service.enrichment.transcripts import speakers_of_turns
from service.enrichment.types import OTHER_TYPES, EntityType

_PRONOUNS = PERSONAL_PRONOUNS | {"they", "it"}
_ORGANIZATION_NOUNS = frozenset(
    "company firm group agency ministry union party club bank authority organisation organization "
    "corporation carrier airline retailer carmaker charity watchdog regulator government "
    "association institute newspaper paper magazine broadcaster report".split()
)
_RELATIVE_PRONOUNS = frozenset({"who", "which", "whose", "whom", "where", "when"})
_CONJUNCTIONS = frozenset({"and", "but", "as", "while", ";"})
_CLOSING_MARKS = frozenset(",?!")
_CLAUSE_MARKS = frozenset(",;.")
_DETERMINERS = frozenset({"the", "a", "an", "his", "her", "its", "their", "our", "another"})
_PREPOSITIONS = frozenset(
    "on in at after before when while as to for of during from by with since until about last "
    "yesterday today earlier later adding and but".split()
)
_ADDRESSING_VERBS = frozenset(
    "told tells asked asks urged urges warned warns reminded assured".split()
)
"""Verbs of speech whose object is who is spoken to."""
_BEFORE_PARTICIPLES = frozenset({"after", "as", "if", "once", "when"})
_MESSAGES = frozenset("letter letters email emails message messages note text texts memo".split())
_PASSIVE = frozenset("is are was were be been being is being gets got".split())
_ADVERBS = frozenset("also then later once again still even too now twice simply".split())
_SUBORDINATORS = frozenset("after before when while as because since until if though".split())
_PLACES = OTHER_TYPES | {EntityType.LOCATION}
_REACH = 14
"""Most words between a quotation and the verb that attributes it, and between verb and subject."""
_APPOSITIVE_REACH = 3
"""Words after the comma of an appositive in which its name begins: titles may come first."""


def attribute_quotes(index: MentionIndex, pronouns: PronounResolver) -> list[SentenceQuote]:
    """Attribute the quotations of an article, and the turns of a transcript.

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
    quotes = [
        quote_of(index, sentence, share, speakers)
        for share, sentence in zip(shares, segmentation.sentences, strict=True)
    ]
    for sentence, speaker in speakers_of_turns(index).items():
        quotes[sentence] = SentenceQuote(True, True, speaker)
    return quotes


def _is_adverb(word: str) -> bool:
    return word in _ADVERBS or word.endswith("ly")


def _is_speech_verb(words: Sequence[str], k: int) -> bool:
    return words[k] in SPEECH_VERBS or tuple(words[k : k + 2]) in SPEECH_PHRASES


class _QuoteAttributor:
    """Finds the speaker of each quotation, where the text beside it names one.

    An attribution is a verb of speech with its subject, or "according to", in the sentence of the
    quotation, after it or before it. A pronoun or a description ("the company") as its subject
    refers to the person or organisation named last. A sentence that consists of a quotation alone
    has the speaker of the quotation right before it, or the subject of the sentence before. Who
    is only described ("the Acme boss") is the person named last; who is described by the name of
    a person ("a friend of Ann Lee") is nobody.
    """

    def __init__(self, index: MentionIndex, pronouns: PronounResolver) -> None:
        self._index = index
        self._pronouns = pronouns
        self._quoted = index.quoted
        self._word_count = len(index.segmentation.words)
        self._neighbours = QuoteNeighbours(index, pronouns)
        self._after_dashes = speakers_after_dashes(index)

    def speakers(self) -> list[int | None]:
        """The entity that each quotation quotes."""
        speakers: list[int | None] = []
        for i, (first, last) in enumerate(self._quoted):
            speaker = self._after_dashes.get(i)
            if speaker is None and last > first:
                speaker = self._attributed_after(i, last)
            if speaker is None:
                speaker = self._attributed_before(i, first)
            if speaker is None:
                speaker = self._carried_over(i, first, speakers)
            speakers.append(speaker)
        return speakers

    def _attributed_after(self, i: int, begin: int) -> int | None:
        """``…," said X``, ``…," X told Y``, ``…," according to X``."""
        end = self._neighbours.around(begin - 1)[1]
        if i + 1 < len(self._quoted):
            end = min(end, self._quoted[i + 1][0])
        closing = self._index.words(max(0, begin - 2), begin + 1)
        while begin < end and not self._index.word(begin)[0].isalnum():
            begin += 1
        words = self._index.words(begin, min(end, begin + _REACH))
        if words[:2] == ["according", "to"]:
            return self._subject(begin + 2, min(end, begin + 2 + _REACH), begin, first=True)
        for k, word in enumerate(words):
            if _is_speech_verb(words, k):
                quoted = self._quoted_person(begin + k, end)
                if quoted is not None:
                    return quoted
                if all(map(_is_adverb, words[:k])):
                    begin += k
                    stop = min(end, begin + 1 + _REACH)
                    return self._subject(begin + 1, stop, begin, first=True)
                return self._subject(begin, begin + k, begin)
            if word in _CONJUNCTIONS and k == 0:
                return None
        return None if _CLOSING_MARKS.isdisjoint(closing) else self._beside_past_tense(begin, end)

    def _beside_past_tense(self, begin: int, end: int) -> int | None:
        """The person in ``…," winced X`` and ``…," X winced``, whatever the verb."""
        after = self._index.mentions(begin, min(end, begin + 2))
        if not after or after[0].type != EntityType.PERSON:
            return None
        verb = begin if after[0].first > begin else after[0].last
        return after[0].entity if verb < end and self._index.word(verb).endswith("ed") else None

    def _attributed_before(self, i: int, end: int) -> int | None:
        """``X said: "…``, ``X called it "…``, ``According to X, "…``, ``X: "…``."""
        begin = self._neighbours.around(end)[0] if end < self._word_count else end
        if i and self._quoted[i - 1][1] > begin:
            begin = self._quoted[i - 1][1]
        words = self._index.words(begin, end)
        has_unnamed_subject = False
        for k in range(len(words) - 1, -1, -1):
            quoted = self._quoted_person(begin + k, end)
            if quoted is not None:
                return quoted
            if self._is_passive_report(begin + k):
                return self._subject(begin, begin + k, begin)
            if _is_speech_verb(words, k) and words[max(0, k - 1) : k] != ["as"]:
                speaker = self._main_subject(begin, words[:k]) if words[k].endswith("ing") else None
                if speaker is None:
                    speaker = self._subject(begin, begin + k, begin)
                # "The judge told Ann": Ann is spoken to. "Asked by the judge, Ann:" has no subject.
                if speaker is not None or (k and words[k] in _ADDRESSING_VERBS):
                    return speaker
                has_unnamed_subject |= k > 0 and words[k - 1] not in _BEFORE_PARTICIPLES
            if words[k : k + 2] == ["according", "to"]:
                return self._subject(begin + k + 2, end, begin, first=True)
        # "The minister said on Facebook:" names nobody who speaks.
        if words and words[-1] in (":", ",") and not has_unnamed_subject:
            return self._subject(begin, end - 1, begin)
        return None

    def _main_subject(self, begin: int, words: Sequence[str]) -> int | None:
        """The subject of the clause before ", saying", in which a person is the object.

        "Ann defended Bob, saying", "The mayor, Ann, defended Bob, saying".
        """
        if not words or words[-1] != ",":
            return None
        clause = next((k + 1 for k in range(len(words) - 2, -1, -1) if words[k] == ","), 0)
        mentions = self._index.mentions(begin, begin + len(words))
        persons = [mention for mention in mentions if mention.type == EntityType.PERSON]
        inside = [person for person in persons if person.first >= begin + clause]
        if len(inside) > 1:
            return inside[0].entity
        if not inside or inside[0].first == begin + clause or words[clause] in _DETERMINERS:
            return None
        return persons[-2].entity if len(persons) > 1 else None

    def _quoted_person(self, verb: int, end: int) -> int | None:
        """Whom somebody else quotes: "Oxfam quoted X as saying", but not "X was quoted as saying".

        Args:
            verb: index of a word, perhaps a form of "quote" or "cite".
            end: one past the last word that is looked at.
        """
        if self._index.word(verb) not in REPORTING_VERBS or self._is_passive_report(verb):
            return None
        words = self._index.words(verb + 1, min(end, verb + 1 + _REACH))
        for k in range(1, len(words) - 1):
            if words[k] == "as" and words[k + 1] in SPEECH_VERBS:
                return self._subject(verb + 1, verb + 1 + k, verb, first=True)
        return None

    def _is_passive_report(self, verb: int) -> bool:
        """Whether a word is the verb of "X was quoted as saying"."""
        return self._index.word(verb) in REPORTING_VERBS and not _PASSIVE.isdisjoint(
            self._index.words(max(0, verb - 2), verb)
        )

    def _carried_over(self, i: int, first: int, speakers: Sequence[int | None]) -> int | None:
        """The speaker of the quotation or the subject of the sentence before this one."""
        if first >= self._word_count:
            return None
        begin = self._neighbours.around(first)[0]
        if first > begin and i and self._quoted[i - 1][1] > begin:
            return speakers[i - 1]  # two quotations in one sentence
        if first > begin + 1 or not begin or self._neighbours.is_by_somebody(i):
            return None
        previous = self._neighbours.around(begin - 1)
        if i and self._quoted[i - 1][1] > previous[0]:
            return None if i - 1 in self._after_dashes else speakers[i - 1]
        for k, word in enumerate(self._index.words(*previous), previous[0]):
            if word in SPEECH_VERBS:
                named = self._subject(previous[0], k, previous[0], excluded=_PLACES)
                if named is not None:
                    return named
        introduces = self._index.word(begin - 1) == ":"
        if introduces or not self._neighbours.begins_line(begin):
            after = self._index.words(self._quoted[i][1], self._neighbours.around(first)[1])
            only_persons = not (introduces or any(map(str.isalpha, after)))
            excluded = _PLACES | {EntityType.ORGANIZATION} if only_persons else _PLACES
            named = self._subject(*previous, previous[0], first=True, excluded=excluded)
        else:
            named = self._neighbours.subject(previous)
        others = self._neighbours.persons_after(i)
        return named if not others or named in others else None

    def _subject(
        self,
        begin: int,
        end: int,
        anchor: int,
        first: bool = False,
        excluded: frozenset[str] = OTHER_TYPES,
    ) -> int | None:
        """The entity that the words from ``begin`` to ``end`` name.

        Args:
            begin: first word of the stretch beside a verb.
            end: one past its last word.
            anchor: word from which the search for the referent of a description goes back.
            first: the verb stands before the stretch, so that the first name is nearest to it.
            excluded: types of entities that do not count.
        """
        words = self._index.words(begin, end)
        if first:
            clause = self._clause_length(begin, words)
            appositive = self._appositive(begin, words, clause)
            if appositive is not None:
                return appositive
            words = words[:clause]
            end = begin + len(words)
        mentions = self._index.mentions(begin, end)
        for k, word in enumerate(words):
            # "Ann, who knows Bob, said": Ann is the subject. "The man who knows Bob": nobody is.
            if word in _RELATIVE_PRONOUNS and k:
                antecedents = [mention for mention in mentions if mention.first < begin + k]
                named = any(mention.type == EntityType.PERSON for mention in antecedents)
                if named or is_person_noun(words[k - 1]):
                    mentions, words = antecedents, words[:k]
                    break
        pronoun = next((begin + k for k, word in enumerate(words) if word in _PRONOUNS), None)
        if pronoun is not None and not any(
            mention.first > pronoun and mention.type == EntityType.PERSON for mention in mentions
        ):
            return self._pronouns.resolve(pronoun)
        if not first:  # "The letter to Ann said"
            mentions = [m for m in mentions if not self._is_addressee(m.first, begin)]
        names, definite = without_described(self._index, mentions, begin, end)
        persons = [name for name in names if name.type == EntityType.PERSON]
        candidates = [name for name in persons or names if name.type not in excluded]
        if candidates:
            return (candidates[0] if first else candidates[-1]).entity
        if definite:
            return self._neighbours.latest_person(anchor)
        is_organization = "the" in words and not _ORGANIZATION_NOUNS.isdisjoint(words)
        if is_organization and EntityType.ORGANIZATION not in excluded:
            return self._pronouns.latest_before(anchor, EntityType.ORGANIZATION)
        return None

    def _is_addressee(self, word: int, begin: int) -> bool:
        """Whether "to" precedes a name that is no part of "according to" or of a participle."""
        before = self._index.words(max(begin, word - 2), word)
        return len(before) == 2 and before[1] == "to" and before[0] in _MESSAGES

    def _appositive(self, begin: int, words: Sequence[str], clause: int) -> int | None:
        """The person named right after a description: "the Tesco chief executive, Ken Murphy".

        Args:
            begin: index of the first of ``words``.
            words: the stretch after a verb.
            clause: how many of them stand before the first comma after a name.
        """
        if words[clause : clause + 1] != [","]:
            return None
        inside = self._index.mentions(begin, begin + clause)
        if any(
            mention.type == EntityType.PERSON
            and not self._index.is_possessor(mention)
            and noun_before(self._index, mention, begin) is None
            for mention in inside
        ):
            return None
        name = inside[0].first - begin
        follower = next((w for w in words[name + 1 : clause] if w[0].isalpha()), None)
        described = words[0] in _DETERMINERS or not POSSESSIVE_MARKS.isdisjoint(words[name:clause])
        if not described and (name or follower is None or follower in _PREPOSITIONS):
            return None
        after = self._index.mentions(begin + clause + 1, begin + clause + 1 + _APPOSITIVE_REACH)
        return next((m.entity for m in after if m.type == EntityType.PERSON), None)

    def _clause_length(self, begin: int, words: Sequence[str]) -> int:
        """Words before a relative clause, or before what ends the clause of the first name."""
        for k, word in enumerate(words):
            if word in _RELATIVE_PRONOUNS:
                return k
            if word in _CLAUSE_MARKS and self._index.mentions(begin, begin + k):
                return k
            if word in _SUBORDINATORS and any(map(is_person_noun, words[:k])):
                return k
        return len(words)
