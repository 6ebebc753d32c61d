"""The options of an enrichment: which results the client requests, and in what form."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from service.api.problem_types import ProblemType
from service.api.problems import Fault, Problem
from service.enrichment.article import Article
from service.enrichment.links.entries import KnowledgeIdentity
from service.enrichment.links.linker import Linker
from service.enrichment.offsets import Unit
from service.enrichment.types import Enrichment
from service.enrichment.values.finder import LANGUAGE
from service.enrichment.watchlists.index import WatchlistIndex
from service.execution.enrich_article import Extras
from service.inference.model_info import ModelInfo

DEFAULT_FEATURES = ("entities", "sentiment", "sentences")
"""The features of a response by default."""

MENTION_SENTIMENT = "mention_sentiment"
"""The feature of entities with a sentiment for each mention."""

VALUES = "values"
"""The feature of dates and amounts of money."""

LINKS = "links"
"""The feature of entities with links."""

FEATURES = (*DEFAULT_FEATURES, MENTION_SENTIMENT, VALUES, LINKS)
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
        published: the day of publication of articles that come without one; ``None`` if unknown.
        links: whether entities have the likeliest link only.
        lists: names of the lists that entities are linked to; ``None`` for all.
        pins: digests that the model, the knowledge base and each of the lists must have, in this
            order; those that are missing are not checked.
    """

    features: frozenset[str]
    types: frozenset[str] | None
    offsets: Unit
    include_text: bool
    model: str | None
    pins: tuple[str, ...]
    language: str | None = None
    language_hints: tuple[str, ...] = ()
    published: date | None = None
    links: Literal["best", "all"] = "best"
    lists: tuple[str, ...] | None = None

    @property
    def with_values(self) -> bool:
        """Whether the response has values."""
        return VALUES in self.features

    @property
    def with_links(self) -> bool:
        """Whether the entities in the response have links."""
        return LINKS in self.features

    def extras(self, linker: Linker, watchlists: WatchlistIndex) -> Extras:
        """What to add to an enrichment, with ``linker`` and ``watchlists`` for the links.

        Raises:
            UnknownList: there is no list of a name in ``lists``.
        """
        if not self.with_links:
            return Extras(self.with_values)
        return Extras(self.with_values, linker, self.links == "all", watchlists.select(self.lists))

    def resolve(self, article: Article, *hints: str, published: date | None = None) -> Article:
        """Give an article the language and the day of the request, unless it has its own.

        Args:
            article: as sent.
            hints: codes that came with the article, in addition to those of the request.
            published: day of publication that the article's page declares.

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
        return replace(
            article,
            language=named,
            language_hints=(*self.language_hints, *hints),
            published=article.published or self.published or published,
        )

    def check(
        self, model: ModelInfo, knowledge: KnowledgeIdentity, watchlists: WatchlistIndex
    ) -> None:
        """Check the options against the model, the knowledge base and the lists.

        Raises:
            Problem: ``pins`` are other digests, or the model does not support the language,
                one of ``types`` or the language of values.
            UnknownList: there is no list of a name in ``lists``.
        """
        selection = watchlists.select(self.lists)
        lists = selection.lists if selection else ()
        if self.language is not None and self.language not in model.languages:
            known = ", ".join(model.languages)
            detail = f"The model does not support '{self.language}'. It supports: {known}."
            fault = Fault(detail, None, "language")
            raise Problem(ProblemType.UNSUPPORTED_LANGUAGE, detail, [fault])
        if self.with_values and LANGUAGE not in model.languages:
            raise self._no_values(f"the model reads: {', '.join(model.languages)}.")
        digests = (model.digest, knowledge.digest, *(each.digest for each in lists))
        if self.pins != digests[: len(self.pins)]:
            detail = f"The model is {model.name}, {model.digest}."
            if len(self.pins) > 1:
                detail += f" The knowledge base is {knowledge.version}, {knowledge.digest}."
            if len(self.pins) > 2:
                described = "; ".join(f"{each.name}, {each.digest}" for each in lists)
                detail += f" The lists are {described or 'none'}."
            raise Problem(ProblemType.OTHER_MODEL, detail)
        types = dict.fromkeys([*model.entity_types, *sorted(watchlists.types)])
        if unknown := sorted((self.types or frozenset()).difference(types)):
            known = ", ".join(types)
            faults = [Fault(f"'{name}' is not one of: {known}.", None, "types") for name in unknown]
            raise Problem(ProblemType.INVALID_PARAMETER, f"types: {faults[0].detail}", faults)

    def check_language(self, enrichment: Enrichment) -> None:
        """Check the options against the language in which an article was read.

        Raises:
            Problem: values are requested, and the language is not that of values.
        """
        if self.with_values and enrichment.language.code != LANGUAGE:
            raise self._no_values(f"the article was read as '{enrichment.language.code}'.")

    @staticmethod
    def _no_values(reason: str) -> Problem:
        detail = f"'{VALUES}' are found in '{LANGUAGE}' only; {reason}"
        return Problem(
            ProblemType.UNSUPPORTED_LANGUAGE,
            f"features: {detail}",
            [Fault(detail, None, "features")],
        )
