"""What is sent and what comes back, as the types of the JSON itself.

``openapi.yaml`` says what each member means. A test holds the names here to its schemas.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class Article(TypedDict):
    """An article to be enriched."""

    text: str
    title: NotRequired[str | None]
    id: NotRequired[str | None]
    language: NotRequired[str | None]


class Parameters(TypedDict, total=False):
    """The query parameters of an enrichment; lists have commas between their members."""

    features: str
    types: str
    offsets: Literal["codepoint", "utf16", "utf8"]
    include_text: bool
    model: str
    pin: str


class Probabilities(TypedDict):
    """How likely each polarity is."""

    negative: float
    neutral: float
    positive: float


class Sentiment(TypedDict):
    """A sentiment: towards an entity, of a sentence, or of the article."""

    label: Literal["NEGATIVE", "NEUTRAL", "POSITIVE", "MIXED"]
    score: float
    probabilities: Probabilities


class Mention(TypedDict):
    """One place where an entity is named."""

    section: Literal["title", "text"]
    start: int
    end: int
    text: str
    sentence: int
    confidence: float
    sentiment: NotRequired[Sentiment]


class Factors(TypedDict):
    """What an entity's salience was made of."""

    mentions: int
    leading: int
    first: float
    in_title: bool


class Entity(TypedDict):
    """All mentions of one person, organisation, place or thing."""

    name: str
    type: str
    salience: float
    sentiment: Sentiment
    factors: Factors
    mentions: list[Mention]


class Sentence(TypedDict):
    """A sentence and its own sentiment."""

    section: Literal["title", "text"]
    start: int
    end: int
    quoted: bool
    speaker: str | None
    sentiment: Sentiment


class Voice(TypedDict):
    """What the article says in its own words."""

    share: float
    sentiment: Sentiment


class QuotedVoice(Voice):
    """What is quoted of one speaker."""

    speaker: str | None


class Voices(TypedDict):
    """The sentiment of the article split into its own voice and those that it quotes."""

    article: Voice | None
    quoted: list[QuotedVoice]


class Language(TypedDict):
    """The language that the article was read in."""

    code: str
    confidence: float


class Coverage(TypedDict):
    """What was analysed."""

    characters: int
    analyzed: int
    sentences: int
    tokens: int
    windows: int


class Capabilities(TypedDict):
    """What the model was made for, and what is derived from what it was made for."""

    target_sentiment: str


class ModelIdentity(TypedDict):
    """Which model said so."""

    name: str
    version: str
    digest: str
    capabilities: Capabilities


class Warning(TypedDict):
    """Something that a reader of the enrichment should know."""

    code: str
    detail: str


class ArticleText(TypedDict):
    """The article that offsets point into."""

    title: str | None
    text: str


class Enrichment(TypedDict):
    """Everything that was found out about an article; what was not asked for is absent."""

    id: str | None
    language: Language
    sentiment: NotRequired[Sentiment]
    entities: NotRequired[list[Entity]]
    sentences: NotRequired[list[Sentence]]
    voices: NotRequired[Voices]
    article: NotRequired[ArticleText]
    coverage: Coverage
    model: ModelIdentity
    warnings: list[Warning]


class Fault(TypedDict):
    """One thing that is wrong with a request."""

    detail: str
    pointer: NotRequired[str]
    parameter: NotRequired[str]


class Problem(TypedDict):
    """Why there is no enrichment (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: NotRequired[list[Fault]]
    request_id: NotRequired[str]
