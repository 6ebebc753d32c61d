"""The results of the articles of a batch or stream, each with a status of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from marshmallow import ValidationError

from service.access.limiter import LimitExceeded
from service.api.parsing import invalid_body
from service.api.problem_types import ProblemType
from service.api.problems import problem_document, problem_from
from service.api.rate_limits import wait_for_tokens
from service.api.schemas.options import Options
from service.api.schemas.request import ArticleSchema
from service.api.schemas.response import EnrichmentSchema
from service.api.serialization import to_response
from service.enrichment.article import Article
from service.enrichment.timings import StageTimer
from service.execution.enrich_article import EnrichedArticle, Extras, enrich_article
from service.execution.job import JobLimits
from service.execution.model_registry import ServedModel
from service.execution.scheduler import Scheduler
from service.execution.text_budget import TextBudget
from service.observability import metrics

Result = dict[str, object]
"""Input of ``ResultSchema``."""

_ARTICLE, _ENRICHMENT = ArticleSchema(), EnrichmentSchema()


@dataclass(frozen=True)
class BatchEnricher:
    """Enriches the articles of one request. Usable from threads outside the request.

    Attributes:
        model, scheduler, texts: process the articles.
        extras: what to add to their enrichments.
        options: of the request.
        source: what the articles are counted as.
        request_id, trace_id: of the request, for problems and logs.
    """

    model: ServedModel
    extras: Extras
    scheduler: Scheduler
    texts: TextBudget
    options: Options
    source: Literal["batch", "stream"]
    request_id: str
    trace_id: str | None

    def enrich(self, parse: Callable[[], Any], limits: JobLimits, pointer: str = "") -> Result:
        """The result of one article, which is a problem if anything goes wrong.

        Args:
            parse: returns the article as a JSON value; what it raises becomes the problem.
            limits: deadline and disconnection.
            pointer: JSON Pointer to the article in the body.
        """
        timer = StageTimer()
        try:
            article = self.options.resolve(_ARTICLE.load(parse()))
            enriched, document = self._enrich(article, timer, limits)
        except Exception as error:  # an error of one article must not end the batch
            problem_type, result = self._problem(error, pointer)
            metrics.article_failed(self.source, problem_type)
            return result
        coverage = enriched.enrichment.coverage
        metrics.article_read(self.source, coverage, timer, enriched.cache_status)
        return {"status": 200, "enrichment": document}

    def _enrich(
        self, article: Article, timer: StageTimer, limits: JobLimits
    ) -> tuple[EnrichedArticle, Any]:
        """Enrich an article of a batch, or of a stream, which waits for the tokens of its caller.

        It holds nothing that others need while it waits.
        """
        while True:
            try:
                with self.texts.hold(article.characters, limits):
                    enriched = enrich_article(
                        self.model, self.scheduler, article, timer, limits, self.extras
                    )
                    response = to_response(enriched.enrichment, article, self.options)
                    return enriched, _ENRICHMENT.dump(response)
            except LimitExceeded as error:
                if self.source != "stream" or not wait_for_tokens(error, limits.deadline):
                    raise

    def problem(self, error: Exception) -> Result:
        """The result for an error that belongs to no article."""
        return self._problem(error, "")[1]

    def _problem(self, error: Exception, pointer: str) -> tuple[str, Result]:
        if isinstance(error, ValidationError):
            error = invalid_body(ProblemType.INVALID_ARTICLE, error.messages_dict)
        problem = problem_from(error, self.request_id, self.trace_id).within(pointer)
        document = problem_document(problem, self.request_id)
        result: Result = {"status": problem.problem_type.status, "problem": document}
        return problem.problem_type.type, result
