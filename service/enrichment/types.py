"""The values that go into an enrichment and come out of it.

Spans count code points, are half-open, and point into the section they name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Section = Literal["title", "text"]
Polarity = Literal["NEGATIVE", "NEUTRAL", "POSITIVE", "MIXED"]

# The C0 controls other than the white space among them (TAB, LF, VT, FF, CR), and DEL.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def fault_in(text: str) -> str | None:
    """What keeps ``text`` from being analysed, in a sentence; ``None`` when nothing does."""
    if found := _SURROGATE.search(text):
        return (
            f"Lone surrogate U+{ord(found[0]):04X} at offset {found.start()}: "
            "it is half a character and cannot be encoded."
        )
    if found := _CONTROL.search(text):
        return f"Control character U+{ord(found[0]):04X} at offset {found.start()}."
    if not text or text.isspace():
        return "Must not be empty or blank."
    return None


@dataclass(frozen=True)
class Article:
    """What a caller hands in.

    Attributes:
        text: the body, any length.
        title: the headline, if it is not part of ``text``.
        id: the caller's own name for the article, returned as it is.
        language: ISO 639-1 code; detected when ``None``.
        language_hints: ISO 639-1 codes that came with the article; evidence, no more.

    Raises:
        ValueError: ``text`` or ``title`` is blank or holds what :func:`fault_in` names.
    """

    text: str
    title: str | None = None
    id: str | None = None
    language: str | None = None
    language_hints: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, value in (("text", self.text), ("title", self.title)):
            if value is not None and (fault := fault_in(value)):
                raise ValueError(f"{name}: {fault}")


class UnsupportedLanguage(Exception):
    """The model does not know the article's language.

    Attributes:
        code: ISO 639-1 code of the language.
        confidence: of the detection, 0–1; ``None`` when the caller named the language.
        supported: the codes that the model knows.
    """

    def __init__(self, code: str, confidence: float | None, supported: tuple[str, ...]) -> None:
        super().__init__(code, confidence, supported)
        self.code = code
        self.confidence = confidence
        self.supported = supported


@dataclass(frozen=True)
class Sentiment:
    """Three probabilities that sum to 1, and the label they amount to."""

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
    """One place where an entity is named.

    ``sentence`` is the index of its sentence in :attr:`Enrichment.sentences`; ``confidence`` the
    mean, over those of its words that the model tagged, of the probability that they belong to a
    name of this type, 0–1, or, where it tagged none of them and the name was found because the
    article has it elsewhere, that they belong to a name of any type; ``sentiment`` that towards the
    entity in this place.
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
    """What an entity's salience was made of.

    ``mentions`` counts them, ``leading`` those that begin their sentence, ``first`` is where the
    first stands as a share of the article, 0 (beginning) to 1, and ``in_title`` whether one is in
    the title.
    """

    mentions: int
    leading: int
    first: float
    in_title: bool


@dataclass(frozen=True)
class Entity:
    """All mentions of one person, organisation, place or thing.

    ``name`` is its fullest mention, ``salience`` its share of the article's attention (they sum to
    1), ``sentiment`` the sentiment *towards it*.
    """

    name: str
    type: str
    salience: float
    sentiment: Sentiment
    factors: Factors
    mentions: tuple[Mention, ...]


@dataclass(frozen=True)
class Sentence:
    """A sentence and its own sentiment.

    ``quoted`` is true when at least half of its words stand between quotation marks; ``speaker`` is
    then the name of the entity whose words they are, ``None`` when that is not said beside them.
    """

    section: Section
    start: int
    end: int
    sentiment: Sentiment
    quoted: bool = False
    speaker: str | None = None


@dataclass(frozen=True)
class Voice:
    """The sentiment of what one voice says, and which share of the article's words that is.

    ``speaker`` is the name of an entity; ``None`` for the article's own voice and for what is
    quoted of nobody in particular.
    """

    share: float
    sentiment: Sentiment
    speaker: str | None = None


@dataclass(frozen=True)
class Voices:
    """Who says what an article says.

    ``article`` is its own voice, ``None`` when every sentence is quoted; ``quoted`` are the others,
    those with the largest share first.
    """

    article: Voice | None
    quoted: tuple[Voice, ...]


@dataclass(frozen=True)
class Language:
    """The language an article was read in; ``confidence`` is that of the detector, 0–1."""

    code: str
    confidence: float


@dataclass(frozen=True)
class Coverage:
    """What was analysed: code points in, code points read, and what they came to."""

    characters: int
    analyzed: int
    sentences: int
    tokens: int
    windows: int


@dataclass(frozen=True)
class ArticleWarning:
    """Something about the article that a reader of its enrichment should know."""

    code: str
    detail: str


@dataclass(frozen=True)
class Capabilities:
    """What a model was made for, and what is derived from what it was made for.

    ``target_sentiment`` says where the sentiment towards an entity comes from: the model was
    ``trained`` to tell it where the entity stands; it reads ``pairs`` of a sentence and a name; or
    it is that of the ``sentences``, and of the clauses, which mention the entity.
    """

    target_sentiment: Literal["trained", "pairs", "sentences"]


@dataclass(frozen=True)
class ModelIdentity:
    """Which model said so. ``digest`` is ``sha256:`` and a hash of all that decides its answers."""

    name: str
    version: str
    digest: str
    capabilities: Capabilities


@dataclass(frozen=True)
class Enrichment:
    """Everything that was found out about an article."""

    language: Language
    sentiment: Sentiment
    voices: Voices
    entities: tuple[Entity, ...]
    sentences: tuple[Sentence, ...]
    coverage: Coverage
    model: ModelIdentity
    notices: tuple[ArticleWarning, ...] = ()
