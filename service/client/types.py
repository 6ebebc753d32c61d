# Generated from openapi.yaml by `make openapi`; do not edit.
"""The JSON objects of the API, as ``TypedDict``s."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict


class Fault(TypedDict):
    pointer: NotRequired[str]
    """JSON Pointer (RFC 6901) into the body."""
    parameter: NotRequired[str]
    """Name of a query parameter."""
    detail: str


class Problem(TypedDict):
    type: str
    """Tells the kind of problem to programs; a path with more about it."""
    title: str
    """The kind of problem, in a few words."""
    status: int
    """The HTTP status again."""
    detail: str
    """What it is this time."""
    errors: NotRequired[list[Fault]]
    """Each thing that is wrong with the request."""
    request_id: str
    """The `X-Request-Id`, to look up in the logs."""


class Article(TypedDict):
    text: str
    """The body of the article, of any length."""
    title: NotRequired[str | None]
    """The headline, if it is not part of the text."""
    id: NotRequired[str | None]
    """The caller's own name for the article, given back as it is."""
    language: NotRequired[str | None]
    """ISO 639-1 code of the language; detected when it is not given."""


class Language(TypedDict):
    code: str
    """ISO 639-1."""
    confidence: float
    """The language detector's, in it."""


class Probabilities(TypedDict):
    negative: float
    neutral: float
    positive: float


class Sentiment(TypedDict):
    label: Literal["NEGATIVE", "NEUTRAL", "POSITIVE", "MIXED"]
    """Only an article can be `MIXED`: with strong sentences on both sides."""
    score: float
    """P(positive) - P(negative)."""
    probabilities: Probabilities


class Factors(TypedDict):
    mentions: int
    """Mentions outside of bylines, datelines and other credits."""
    leading: int
    """Mentions that begin their sentence, as its subject mostly does."""
    first: float
    """Where it is first named: 0 at the beginning of the article, 1 at its end."""
    in_title: bool
    """Without a title, a first line that reads like a headline counts as one."""


class Mention(TypedDict):
    section: Literal["title", "text"]
    """What `start` and `end` point into."""
    start: int
    end: int
    """One past the last, in the unit that `offsets` asks for."""
    text: str
    """Exactly what stands from `start` to `end`."""
    sentence: int
    """Index of its sentence in `sentences`."""
    confidence: float
    sentiment: NotRequired[Sentiment]
    """Towards the entity here, if `mention_sentiment` asked for it."""


class Entity(TypedDict):
    name: str
    """Its fullest mention."""
    type: str
    """One of the types that the model tells apart."""
    salience: float
    """Its share of the article's attention; all entities together have 1."""
    sentiment: Sentiment
    """Towards it, not of what stands around it."""
    factors: Factors
    mentions: list[Mention]


class Sentence(TypedDict):
    section: Literal["title", "text"]
    """What `start` and `end` point into."""
    start: int
    end: int
    """One past the last, in the unit that `offsets` asks for."""
    quoted: bool
    """Whether at least half of its words stand between quotation marks, or it follows the label of a speaker in a transcript."""
    speaker: str | None
    """Name of the entity that is quoted, if the text beside the words says so."""
    sentiment: Sentiment


class Voice(TypedDict):
    share: float
    """Of the words of the article."""
    sentiment: Sentiment


class QuotedVoice(TypedDict):
    share: float
    """Of the words of the article."""
    sentiment: Sentiment
    speaker: str | None
    """Name of the entity; null if the article does not say, or names it nowhere."""


class Voices(TypedDict):
    article: Voice | None
    quoted: list[QuotedVoice]
    """Largest share first."""


class ArticleText(TypedDict):
    title: str | None
    text: str


class Coverage(TypedDict):
    characters: int
    """Code points of title and text."""
    analyzed: int
    """Of these, those that the model read."""
    sentences: int
    tokens: int
    windows: int
    """Passes of the model."""


class Capabilities(TypedDict):
    target_sentiment: Literal["trained", "pairs", "sentences"]
    """Where the sentiment towards an entity comes from: the model was `trained` to tell it where the entity stands; it reads `pairs` of a sentence and a name; or it is that of the `sentences`, and of the clauses, which mention the entity."""


class ModelIdentity(TypedDict):
    name: str
    version: str
    digest: str
    capabilities: Capabilities


class Warning(TypedDict):
    code: str
    detail: str


class Enrichment(TypedDict):
    id: str | None
    """The one that the caller gave."""
    language: Language
    sentiment: NotRequired[Sentiment]
    """Of the article as a whole."""
    entities: NotRequired[list[Entity]]
    """Most salient first."""
    sentences: NotRequired[list[Sentence]]
    """In their order, title first."""
    voices: NotRequired[Voices]
    """Comes with `sentiment`."""
    article: NotRequired[ArticleText]
    coverage: Coverage
    model: ModelIdentity
    warnings: list[Warning]


class Batch(TypedDict):
    articles: list[Any]
    """Each like the body of `/v1/enrich`; one that is wrong spoils no other."""


class Result(TypedDict):
    line: NotRequired[int]
    """Number of its line, from 1 on; of application/x-ndjson only."""
    status: int
    """The HTTP status that it would have had by itself."""
    enrichment: NotRequired[Enrichment]
    problem: NotRequired[Problem]


class Results(TypedDict):
    results: list[Result]


class TrainingSet(TypedDict):
    name: str
    licence: str
    use: str


class Model(TypedDict):
    name: str
    version: str
    digest: str
    capabilities: Capabilities
    description: str
    licence: str
    base: str
    """What it was trained from."""
    quantization: str
    languages: list[str]
    """ISO 639-1 codes."""
    entity_types: list[str]
    polarities: list[str]
    window: int
    """Most tokens that one pass reads."""
    training_data: list[TrainingSet]
    files: dict[str, str]
    """SHA-256 of each file of the model."""


class NamedModel(TypedDict):
    name: str
    """What the parameter `model` calls it."""
    default: bool
    loaded: bool
    """By the worker that answers; another may have loaded others."""


class Models(TypedDict):
    default: str
    """Name of the one that is meant if none is named."""
    models: list[NamedModel]


class Health(TypedDict):
    status: Literal["ok", "ready"]
