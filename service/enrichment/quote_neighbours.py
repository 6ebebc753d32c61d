"""The sentences around a quotation: whom the one before is about, and whom the one after names."""

from __future__ import annotations

from collections.abc import Sequence

from service.enrichment.descriptions import without_described
from service.enrichment.mention_index import IndexedMention, MentionIndex
from service.enrichment.pronouns import CONTEXT, PERSONAL_PRONOUNS, PronounResolver
from service.enrichment.speech import SPEECH_VERBS, is_one_person, is_person_noun
from service.enrichment.types import EntityType
from service.enrichment.words import WordRange

_BESIDE_SUBJECT = frozenset(
    "the a an his her its their our another , and but when as then 's ’s".split()
)
"""Words other than nouns for people that may stand before a subject."""
_OPENINGS = frozenset(
    "on in at after before when while as to for of during from by with since until about "
    "yesterday today earlier later last not only just although though despite because if "
    "once".split()
)
"""Words with which a sentence begins whose subject stands after a comma."""
_DEMONSTRATIVES = frozenset({"that", "those", "this", "these", "so", "such"})
_INDEFINITE = frozenset("a an one another some several two three many most".split())
_REACH = 14
"""Most words after a quotation in which its attribution stands."""
_GROUP_REACH = 4
"""Words of a subject one of which may be a noun for several people."""


class QuoteNeighbours:
    """Looks up persons in the sentences around quotations.

    Args:
        index: mentions and quotations of the article.
        pronouns: resolver for the same article.
    """

    def __init__(self, index: MentionIndex, pronouns: PronounResolver) -> None:
        self._index = index
        self._pronouns = pronouns

    def subject(self, sentence: WordRange) -> int | None:
        """The person who is the subject of a sentence."""
        first, last = sentence
        if self._index.word(first) in PERSONAL_PRONOUNS:
            return self._pronouns.resolve(first)
        named = 0  # one past the names so far
        before: list[str] = []  # words before the person that belong to no name
        for mention in self._index.mentions(first, last):
            before += self._index.words(max(first, named), mention.first)
            named = mention.last
            if mention.type == EntityType.PERSON:
                is_subject = not self._index.is_possessor(mention) and _may_precede_subject(before)
                return mention.entity if is_subject else None
        return None

    def latest_person(self, word: int) -> int | None:
        """The person to whom "the Acme boss" refers: who spoke last, or else was named last.

        Args:
            word: where the search begins. It goes back.
        """
        sentence = self._index.segmentation.sentence_of(word)
        first = self._index.segmentation.sentences[sentence][0]
        if first:
            previous = self.around(first - 1)
            for verb, text in enumerate(self._index.words(*previous), previous[0]):
                if text in SPEECH_VERBS and not self._index.is_quoted(verb):
                    mentions = self._index.mentions(previous[0], verb)
                    names, _ = without_described(self._index, mentions, previous[0], verb)
                    if persons := _persons(names):
                        return persons[-1].entity
        return self._pronouns.latest_before(word, EntityType.PERSON)

    def persons_after(self, i: int) -> set[int]:
        """The persons to whom the sentence after a quotation may attribute it.

        "Those are the words of Ann Lee.", "Ann Lee said that it had been hard."
        """
        sentences = self._index.segmentation.sentences
        following = self._index.segmentation.sentence_of(self._index.quoted[i][1] - 1) + 1
        if following >= len(sentences):
            return set()
        begin, end = self.around(sentences[following][0])
        if i + 1 < len(self._index.quoted) and self._index.quoted[i + 1][0] < end:
            return set()
        persons = _persons(self._index.mentions(begin, end))
        words = self._index.words(begin, end)
        if words[0] in _DEMONSTRATIVES:
            return {person.entity for person in persons}
        if self.begins_line(begin):
            return set()
        verb = next((k for k, word in enumerate(words) if word in SPEECH_VERBS), 0)
        return {person.entity for person in persons if person.first < begin + verb}

    def is_by_somebody(self, i: int) -> bool:
        """Whether the words after a quotation attribute it to a person who is new to the reader.

        "Said one fan", "supporters said", "said the mother of Ann Lee".
        """
        last = self._index.quoted[i][1]
        if not last:
            return False
        following = self._index.quoted[i + 1][0] if i + 1 < len(self._index.quoted) else None
        end = min(self.around(last - 1)[1], last + _REACH, following or last + _REACH)
        while last < end and not self._index.word(last)[0].isalnum():
            last += 1
        words = self._index.words(last, end)
        verb = next((k for k, word in enumerate(words) if word in SPEECH_VERBS), None)
        if verb is None:
            return False
        begin, end = (last + 1, end) if verb == 0 else (last, last + verb)
        subject = self._index.words(begin, end)
        if not subject or subject[0] in PERSONAL_PRONOUNS:
            return False
        if any(w.startswith("spokes") or w == "statement" for w in subject[:_GROUP_REACH]):
            return False  # of the organisation before
        if subject[0] in _INDEFINITE or any(map(_is_group, subject[:_GROUP_REACH])):
            return True
        mentions = self._index.mentions(begin, end)
        names, definite = without_described(self._index, mentions, begin, end)
        return len(names) < len(mentions) and not names and not definite

    def begins_line(self, word: int) -> bool:
        """Whether a word is the first one of a line after others."""
        words = self._index.segmentation.words
        return "\n" in self._index.segmentation.source[words[word - 1][1] : words[word][0]]

    def around(self, word: int) -> WordRange:
        """The sentence that a word stands in, or of a long one the words near it."""
        first, last = self._index.segmentation.sentences[self._index.segmentation.sentence_of(word)]
        return max(first, word - CONTEXT), min(last, word + CONTEXT)


def _is_group(word: str) -> bool:
    return is_person_noun(word) and not is_one_person(word)


def _persons(mentions: Sequence[IndexedMention]) -> list[IndexedMention]:
    return [mention for mention in mentions if mention.type == EntityType.PERSON]


def _may_precede_subject(words: list[str]) -> bool:
    """Whether words before a name leave it the subject: "On Monday, the Acme boss Ann Lee"."""
    opens = words and (words[0] in _OPENINGS or words[0].endswith(("ing", "ed", "ly")))
    if opens and "," in words:
        words = words[len(words) - words[::-1].index(",") :]
    return all(word in _BESIDE_SUBJECT or is_person_noun(word) for word in words)
