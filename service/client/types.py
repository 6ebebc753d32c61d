# Generated from openapi.yaml by `make openapi`; do not edit.
"""The JSON objects of the API, as ``TypedDict``s."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict


class Fault(TypedDict):
    pointer: NotRequired[str]
    """JSON Pointer (RFC 6901) into the body."""
    parameter: NotRequired[str]
    """Name of a query parameter or header field."""
    detail: str


class Problem(TypedDict):
    type: str
    """Identifies the problem type; a path with an explanation."""
    title: str
    """Summary of the problem type."""
    status: int
    """The HTTP status code."""
    detail: str
    """Explanation of this occurrence."""
    errors: NotRequired[list[Fault]]
    """Each invalid part of the request."""
    request_id: str
    """The value of `X-Request-Id`, also in the logs."""


class Article(TypedDict):
    text: str
    """The body of the article, of any length."""
    title: NotRequired[str | None]
    """The headline, if it is not part of the text."""
    id: NotRequired[str | None]
    """The client's own identifier of the article, returned unchanged."""
    language: NotRequired[str | None]
    """ISO 639-1 code of the language; detected if absent."""
    published: NotRequired[str | None]
    """The day of publication, which relative dates among the `values` refer to: an ISO 8601 date, or a date-time, of which the day counts."""


class Language(TypedDict):
    code: str
    """ISO 639-1."""
    confidence: float
    """Confidence of the language detector."""


class Probabilities(TypedDict):
    negative: float
    neutral: float
    positive: float


class Sentiment(TypedDict):
    label: Literal["NEGATIVE", "NEUTRAL", "POSITIVE", "MIXED"]
    """The likeliest polarity. Articles and voices only: `MIXED`, much of both polarities."""
    score: float
    """P(positive) - P(negative)."""
    probabilities: Probabilities


class Factors(TypedDict):
    mentions: int
    """Mentions outside of bylines, datelines and other credits."""
    leading: int
    """Mentions at the beginning of a sentence, where its subject usually is."""
    first: float
    """Position of the first mention: 0 at the start of the article, 1 at its end."""
    in_title: bool
    """Without a title, a first line that reads like a headline counts."""
    in_lead: bool
    """Whether the first sentence after the headline has a mention."""


class Mention(TypedDict):
    section: Literal["title", "text"]
    """The section that `start` and `end` point into."""
    start: int
    end: int
    """Exclusive, in the unit of the parameter `offsets`."""
    text: str
    """The exact text from `start` to `end`."""
    sentence: int
    """Index of its sentence in `sentences`."""
    confidence: float
    sentiment: NotRequired[Sentiment]
    """Towards the entity at this mention; only with `mention_sentiment`."""


class Link(TypedDict):
    source: str
    """`geonames` for places, `pytickersymbols` for companies; `list:` and the name of a list for its entries."""
    id: str
    """Of the entry in its source; of a company its symbol at Yahoo Finance."""
    uri: NotRequired[str]
    """Of the entry, or of the company's article in Wikipedia, if it is known; absent for entries of lists."""
    name: str
    """Of the entry."""
    confidence: float
    """The probability that the entity is the entry."""
    country: NotRequired[str]
    """ISO 3166-1 alpha-2 code; absent for places in several countries, or if it is unknown."""
    admin1: NotRequired[str]
    """GeoNames code of the region, such as a state; if it has one."""
    latitude: NotRequired[float]
    """In degrees."""
    longitude: NotRequired[float]
    """In degrees."""
    feature: NotRequired[str]
    """The kind of place: `city`, `capital`, `district` (a county), `region` (a state), `country`, `area` or `continent`."""
    wikidata: NotRequired[str]
    """Wikidata item of the entry, if it is known."""
    ticker: NotRequired[str]
    """Of a company at its `exchange`."""
    exchange: NotRequired[str]
    """Market identifier code (ISO 10383), if it is known."""
    isin: NotRequired[str]
    """Of a company's shares (ISO 6166), if it is known."""
    mentions: NotRequired[list[int]]
    """Only of entries of lists: the mentions that have one of their names, as positions in the `mentions` of the entity."""
    extra: NotRequired[dict[str, Any]]
    """Only of entries of lists: their other members, unchanged."""


class Entity(TypedDict):
    name: str
    """The most complete mention."""
    type: str
    """One of the model's entity types."""
    salience: float
    """Its share of the article's attention; all entities sum to 1."""
    sentiment: Sentiment
    """Towards the entity, not of the sentences around it."""
    factors: Factors
    mentions: list[Mention]
    links: NotRequired[list[Link]]
    """Likeliest first; empty if no entry of the knowledge base is likely enough. Only with `links`."""
    links_reason: NotRequired[Literal["no entry", "not likely enough", "type not linked"]]
    """Why `links` is empty: the knowledge base does not have the name, has it but no entry is likely enough, or has no entries for this type."""
    origin: NotRequired[Literal["list"]]
    """`list` if only a list has the name; absent if the model finds it."""


class Sentence(TypedDict):
    section: Literal["title", "text"]
    """The section that `start` and `end` point into."""
    start: int
    end: int
    """Exclusive, in the unit of the parameter `offsets`."""
    quoted: bool
    """Whether at least half of its words are inside quotation marks, or it follows the label of a speaker in a transcript."""
    speaker: str | None
    """Name of the entity that is quoted, if the text attributes the quotation; also where less than half of the sentence is quoted."""
    sentiment: Sentiment


class Voice(TypedDict):
    share: float
    """Share of the words of the article."""
    sentiment: Sentiment


class QuotedVoice(TypedDict):
    share: float
    """Share of the words of the article."""
    sentiment: Sentiment
    speaker: str | None
    """Name of the entity; null if the article does not name the speaker."""


class Voices(TypedDict):
    article: Voice | None
    quoted: list[QuotedVoice]
    """Largest share first."""


class Money(TypedDict):
    amount: float | None
    """In the main unit of the currency; null for a range and for vague amounts, such as millions of dollars."""
    currency: str | None
    """ISO 4217 code; null if several currencies have the name."""


class Value(TypedDict):
    section: Literal["title", "text"]
    """The section that `start` and `end` point into."""
    start: int
    end: int
    """Exclusive, in the unit of the parameter `offsets`."""
    type: Literal["DATE", "MONEY"]
    text: str
    """The exact text from `start` to `end`."""
    value: str | Money | None
    """Of a `DATE` in ISO 8601: a day (2024-03-15), a month (2024-03), a year (2024), or the first and the last of a range (2024-03-11/2024-03-17). Of `MONEY` an object. Null if the text leaves it open, and for relative dates in an article without `published`."""


class ArticleText(TypedDict):
    title: str | None
    text: str
    published: NotRequired[str]
    """The day of publication, which relative dates refer to; if known."""


class Coverage(TypedDict):
    characters: int
    """Code points of title and text."""
    analyzed: int
    """Code points that the model read."""
    sentences: int
    tokens: int
    windows: int
    """Passes of the model over the article."""


class Capabilities(TypedDict):
    target_sentiment: Literal["trained", "pairs", "sentences"]
    """Source of the sentiment towards an entity: the model is `trained` to predict it at each mention; the model reads `pairs` of a sentence and a name; or it is that of the `sentences` and clauses that mention the entity."""


class Knowledge(TypedDict):
    version: str
    """Year and month of its sources."""
    digest: str


class List(TypedDict):
    name: str
    """For the parameter `lists`."""
    entries: int
    digest: str
    """SHA-256 of its file."""


class ModelIdentity(TypedDict):
    name: str
    version: str
    digest: str
    capabilities: Capabilities
    knowledge: NotRequired[Knowledge]
    """Only with `links`."""
    lists: NotRequired[list[List]]
    """By name. Only with `links`, if the article was searched for lists."""


class Warning(TypedDict):
    code: str
    detail: str


class Enrichment(TypedDict):
    id: str | None
    """The client's own identifier."""
    language: Language
    sentiment: NotRequired[Sentiment]
    """Of the article as a whole."""
    entities: NotRequired[list[Entity]]
    """Most salient first."""
    sentences: NotRequired[list[Sentence]]
    """In order, the title first."""
    voices: NotRequired[Voices]
    """Present if `sentiment` is."""
    values: NotRequired[list[Value]]
    """In order, those of the title first."""
    article: NotRequired[ArticleText]
    coverage: Coverage
    model: ModelIdentity
    warnings: list[Warning]


class Batch(TypedDict):
    articles: list[Any]
    """Each like the body of `/v1/enrich`; an invalid one does not affect the others."""


class Result(TypedDict):
    line: NotRequired[int]
    """Number of its line, from 1 on; for application/x-ndjson only."""
    status: int
    """The HTTP status code of the article by itself."""
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
    knowledge: Knowledge
    lists: list[List]
    """The lists of the server, by name."""
    description: str
    licence: str
    base: str
    """The pre-trained model that it was trained from."""
    quantization: str
    languages: list[str]
    """ISO 639-1 codes."""
    entity_types: list[str]
    polarities: list[str]
    window: int
    """Most tokens of one pass."""
    training_data: list[TrainingSet]
    files: dict[str, str]
    """SHA-256 of each file of the model."""


class NamedModel(TypedDict):
    name: str
    """Value of the parameter `model`."""
    default: bool
    loaded: bool
    """Whether this worker has loaded it; other workers may differ."""


class Models(TypedDict):
    default: str
    """Name of the default model."""
    models: list[NamedModel]


class Health(TypedDict):
    status: Literal["ok", "ready"]
