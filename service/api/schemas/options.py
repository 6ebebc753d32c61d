"""The options of an enrichment: which results the client requests, and in what form."""

from __future__ import annotations

from dataclasses import dataclass, replace

from service.api.problem_types import ProblemType
from service.api.problems import Fault, Problem
from service.enrichment.offsets import Unit
from service.enrichment.types import Article
from service.inference.model_info import ModelInfo

DEFAULT_FEATURES = ("entities", "sentiment", "sentences")
"""The features of a response by default."""

MENTION_SENTIMENT = "mention_sentiment"
"""The feature of entities with a sentiment for each mention."""

FEATURES = (*DEFAULT_FEATURES, MENTION_SENTIMENT)
"""All values of the parameter ``features``."""


@dataclass(frozen=True)
class Options:
    """The query parameters of an enrichment.

    Attributes:
        features: a subset of :data:`FEATURES`.
        types: entity types in the response; ``None`` for all.
        offsets: the unit of offsets.
        include_text: whether the response includes the article.
        model: name of the model; ``None`` for the default.
        language: ISO 639-1 code of the articles' language; ``None`` to detect it.
        language_hints: codes in header fields, as evidence for detection.
        pin: digest that the model must have; ``None`` for any.
    """

    features: frozenset[str]
    types: frozenset[str] | None
    offsets: Unit
    include_text: bool
    model: str | None
    pin: str | None
    language: str | None = None
    language_hints: tuple[str, ...] = ()

    def resolve(self, article: Article, *hints: str) -> Article:
        """Give an article the language of the request, unless it has its own.

        Args:
            article: as sent.
            hints: codes that came with the article, in addition to those of the request.

        Raises:
            Problem: the article has another language than the request.
        """
        named = article.language or self.language
        if self.language not in (None, named):
            fault = Fault(
                f"Is '{self.language}', but the article's `language` is '{named}'.",
                None,
                "language",
            )
            raise Problem(ProblemType.INVALID_PARAMETER, f"language: {fault.detail}", [fault])
        return replace(article, language=named, language_hints=(*self.language_hints, *hints))

    def check(self, model: ModelInfo) -> None:
        """Check the options against the model.

        Raises:
            Problem: the model does not match ``pin``, or does not support the language or one of
                ``types``.
        """
        if self.language is not None and self.language not in model.languages:
            known = ", ".join(model.languages)
            detail = f"The model does not support '{self.language}'. It supports: {known}."
            fault = Fault(detail, None, "language")
            raise Problem(ProblemType.UNSUPPORTED_LANGUAGE, detail, [fault])
        if self.pin is not None and self.pin != model.digest:
            detail = f"The model is {model.name}, {model.digest}."
            raise Problem(ProblemType.OTHER_MODEL, detail)
        if unknown := sorted((self.types or frozenset()).difference(model.entity_types)):
            known = ", ".join(model.entity_types)
            faults = [Fault(f"'{name}' is not one of: {known}.", None, "types") for name in unknown]
            raise Problem(ProblemType.INVALID_PARAMETER, f"types: {faults[0].detail}", faults)
