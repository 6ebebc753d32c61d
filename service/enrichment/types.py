"""The output of an enrichment.

Spans are half-open, count code points, and refer to their ``section`` of the article.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from service.enrichment.links.entries import KnowledgeIdentity, Link, Unlinked
from service.enrichment.watchlists.entries import ListIdentity

Section = Literal["title", "text"]


class EntityType(StrEnum):
    """The entity types that rules refer to. A model may have other types, as plain strings."""

    __hash__ = str.__hash__  # faster than that of enumerations, with the same value

    PERSON = "PERSON"
    ORGANIZATION = "ORGANIZATION"
    LOCATION = "LOCATION"
    FACILITY = "FACILITY"
    NORP = "NORP"
    PRODUCT = "PRODUCT"
    MISC = "MISC"


OTHER_TYPES = frozenset({EntityType.NORP, EntityType.PRODUCT, EntityType.MISC})
"""The types of names that neither act nor are places. Coarser models type them all as MISC."""

INTERCHANGEABLE_TYPES = frozenset({EntityType.ORGANIZATION, EntityType.PRODUCT, EntityType.MISC})
"""The types that models confuse."""

VALUE_TYPES = frozenset({"DATE", "MONEY"})
"""Types of spans that a tagger may find and that are not entities."""


class Polarity(StrEnum):
    """The labels of a sentiment. Only an article or a voice is ``MIXED``."""

    NEGATIVE = "NEGATIVE"
    NEUTRAL = "NEUTRAL"
    POSITIVE = "POSITIVE"
    MIXED = "MIXED"


@dataclass(frozen=True)
class Sentiment:
    """Three probabilities that sum to 1, and a label: the likeliest polarity, or ``MIXED``."""

    label: Polarity
    negative: float
    neutral: float
    positive: float

    @property
    def score(self) -> float:
        """P(positive) − P(negative), −1 to 1."""
        return self.positive - self.negative


@dataclass(frozen=True)
class Mention:
    """A place where an article names an entity.

    Attributes:
        section: title or text.
        start: first code point.
        end: one past the last code point.
        text: exactly the characters from ``start`` to ``end``.
        sentence: index of its sentence in :attr:`Enrichment.sentences`.
        confidence: 0–1. The mean probability of its tagged words to belong to a name of this type.
            For a mention without tagged words, recovered because the article has the same name
            elsewhere, the mean probability of its words to belong to a name of any type.
        sentiment: towards the entity in this place.
    """

    section: Section
    start: int
    end: int
    text: str
    sentence: int
    confidence: float
    sentiment: Sentiment | None = None


@dataclass(frozen=True)
class Factors:
    """The factors of an entity's salience.

    Attributes:
        mentions: number of mentions outside of bylines, datelines and other credits.
        leading: number of these mentions that begin their sentence.
        first: position of the first of them in the article, 0 (beginning) to 1 (end); of the first
            mention in a credit, if there is no other.
        in_title: whether one of them stands in the title, or, in an article without one, in a first
            line that reads like a headline.
        in_lead: whether one of them stands in the lead, the first sentence after the headline.
    """

    mentions: int
    leading: int
    first: float
    in_title: bool
    in_lead: bool


@dataclass(frozen=True)
class Entity:
    """A person, organisation, place or thing in an article.

    Attributes:
        name: its fullest mention.
        type: an :class:`EntityType` or another label of the model.
        salience: its share of the article's attention, 0–1. All entities together have 1.
        sentiment: towards the entity, over all its mentions.
        factors: of its salience.
        mentions: in order of appearance, at least one.
        links: entries of lists and of the knowledge base, likeliest first; ``None`` unless they
            were asked for.
        unlinked: why it has no link to the knowledge base, if it has none.
        origin: ``list`` if only a list has its names; ``None`` if the model finds it.
    """

    name: str
    type: str
    salience: float
    sentiment: Sentiment
    factors: Factors
    mentions: tuple[Mention, ...]
    links: tuple[Link, ...] | None = None
    unlinked: Unlinked | None = None
    origin: Literal["list"] | None = None

    @property
    def links_reason(self) -> Unlinked | None:
        """Why ``links`` is empty; ``None`` if it is not."""
        return self.unlinked if self.links == () else None


@dataclass(frozen=True)
class Money:
    """An amount of money. At least one attribute is not ``None``.

    Attributes:
        amount: in the currency's main unit; ``None`` if the text gives a range or a vague amount.
        currency: ISO 4217 code; ``None`` if several currencies have the name.
    """

    amount: int | float | None
    currency: str | None


@dataclass(frozen=True)
class Value:
    """A date or an amount of money in an article.

    Attributes:
        type: which of both.
        section: title or text.
        start: first code point.
        end: one past the last code point.
        text: exactly the characters from ``start`` to ``end``.
        value: of a date in ISO 8601: a day, a month, a year, or the first and the last of a range
            after a slash; of money the amount. ``None`` if the text leaves it open, and for a date
            relative to publication in an article without :attr:`Article.published`.
    """

    type: Literal["DATE", "MONEY"]
    section: Section
    start: int
    end: int
    text: str
    value: str | Money | None


@dataclass(frozen=True)
class Sentence:
    """A sentence of an article.

    Attributes:
        section: title or text.
        start: first code point.
        end: one past the last code point.
        sentiment: of the sentence itself.
        quoted: whether at least half of its words stand between quotation marks, or it follows the
            label of a speaker in a transcript.
        speaker: name of the entity that the sentence quotes, also where its own words outnumber
            the quoted ones; ``None`` if the text beside the quotation does not name one.
    """

    section: Section
    start: int
    end: int
    sentiment: Sentiment
    quoted: bool = False
    speaker: str | None = None


@dataclass(frozen=True)
class Voice:
    """The sentences of one speaker, or of the article itself.

    Attributes:
        share: of the article's words, 0–1.
        sentiment: of the sentences.
        speaker: name of an entity; ``None`` for the article's own voice and for quotations without
            a known speaker.
    """

    share: float
    sentiment: Sentiment
    speaker: str | None = None


@dataclass(frozen=True)
class Voices:
    """The voices in an article.

    Attributes:
        article: its own voice; ``None`` if every sentence is quoted.
        quoted: the other voices, largest share first.
    """

    article: Voice | None
    quoted: tuple[Voice, ...]


@dataclass(frozen=True)
class Language:
    """The language in which the model reads an article.

    Attributes:
        code: ISO 639-1.
        confidence: of the detector in this language, 0–1.
    """

    code: str
    confidence: float


@dataclass(frozen=True)
class Coverage:
    """How much of an article was analysed.

    Attributes:
        characters: code points of title and text.
        analyzed: code points that the model read, white space included.
        sentences: number of sentences.
        tokens: number of tokens.
        windows: passes of the model over the article.
    """

    characters: int
    analyzed: int
    sentences: int
    tokens: int
    windows: int


@dataclass(frozen=True)
class ArticleWarning:
    """A reason to doubt parts of an enrichment.

    Attributes:
        code: constant, for programs.
        detail: a sentence or two, for people.
    """

    code: str
    detail: str


@dataclass(frozen=True)
class Capabilities:
    """What a model predicts by itself, and what is derived from its predictions.

    Attributes:
        target_sentiment: source of the sentiment towards an entity. ``trained``: a head that was
            trained for mentions in their context; ``pairs``: a classifier of pairs of a sentence
            and a name; ``sentences``: the sentiment of the sentences and clauses that mention the
            entity.
    """

    target_sentiment: Literal["trained", "pairs", "sentences"]


@dataclass(frozen=True)
class ModelIdentity:
    """The model of an enrichment.

    Attributes:
        name: of the model.
        version: of the model.
        digest: ``sha256:`` and a hash of everything that determines the model's output.
        capabilities: of the model.
        knowledge: what links refer to; ``None`` unless they were asked for.
        lists: what other links refer to; ``None`` unless they were asked for.
    """

    name: str
    version: str
    digest: str
    capabilities: Capabilities
    knowledge: KnowledgeIdentity | None = None
    lists: tuple[ListIdentity, ...] | None = None


@dataclass(frozen=True)
class Enrichment:
    """The analysis of an article.

    Attributes:
        language: in which the model read the article.
        sentiment: of the whole article.
        voices: the sentiment of the article itself and of each speaker.
        entities: most salient first.
        sentences: in order, title first.
        coverage: how much of the article was analysed.
        model: identity of the model.
        warnings: reasons to doubt parts of the enrichment.
        values: dates and amounts of money in order, title first; empty unless they were asked for.
    """

    language: Language
    sentiment: Sentiment
    voices: Voices
    entities: tuple[Entity, ...]
    sentences: tuple[Sentence, ...]
    coverage: Coverage
    model: ModelIdentity
    warnings: tuple[ArticleWarning, ...] = ()
    values: tuple[Value, ...] = ()
