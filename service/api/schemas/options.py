"""What a caller wants to know of an article, and how."""

from __future__ import annotations

from dataclasses import dataclass, replace

from service.api.problem_types import INVALID_PARAMETER, OTHER_MODEL, UNSUPPORTED_LANGUAGE
from service.api.problems import Fault, Problem
from service.enrichment.offsets import Unit
from service.enrichment.types import Article
from service.inference.model_info import ModelInfo

BY_DEFAULT = ("entities", "sentiment", "sentences")
"""The members of the response that can be asked for one by one."""

MENTION_SENTIMENT = "mention_sentiment"
"""Asks for the entities, with the sentiment towards each at each of its mentions."""

FEATURES = (*BY_DEFAULT, MENTION_SENTIMENT)
"""What can be asked for."""


@dataclass(frozen=True)
class Options:
    """The query parameters of an enrichment.

    Attributes:
        features: those of :data:`FEATURES` that are wanted.
        types: entity types that are wanted; ``None`` for all.
        offsets: what offsets count.
        include_text: whether the article comes back with its enrichment.
        model: name of the model that is to read; ``None`` for the default.
        language: ISO 639-1 code of the articles' language; ``None`` to detect it.
        language_hints: codes that came in header fields; evidence for detection.
        pin: digest of the only model that the caller wants to hear.
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
        """``article`` with the language of the request where it names none itself.

        Args:
            article: as it was sent.
            hints: codes that came with the article, beside those of the request.

        Raises:
            Problem: article and request name different languages.
        """
        named = article.language or self.language
        if self.language not in (None, named):
            fault = Fault(
                f"Is '{self.language}', but the article's `language` is '{named}'.",
                None,
                "language",
            )
            raise Problem(INVALID_PARAMETER, f"language: {fault.detail}", [fault])
        return replace(article, language=named, language_hints=(*self.language_hints, *hints))

    def check(self, model: ModelInfo) -> None:
        """Hold what depends on the model to it.

        Raises:
            Problem: another model is pinned, or the model does not know the language or an entity
                type.
        """
        if self.language is not None and self.language not in model.languages:
            known = ", ".join(model.languages)
            fault = Fault(
                f"The model does not know '{self.language}'. It knows: {known}.", None, "language"
            )
            raise Problem(UNSUPPORTED_LANGUAGE, fault.detail, [fault])
        if self.pin is not None and self.pin != model.digest:
            raise Problem(OTHER_MODEL, f"The model here is {model.name}, {model.digest}.")
        if unknown := sorted((self.types or frozenset()).difference(model.entity_types)):
            known = ", ".join(model.entity_types)
            faults = [Fault(f"'{name}' is not one of: {known}.", None, "types") for name in unknown]
            raise Problem(INVALID_PARAMETER, f"types: {faults[0].detail}", faults)
