"""``POST /v1/enrich``: one article."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

from flask import Response, after_this_request, request

from service.api.blueprint import Blueprint
from service.api.content_language import HEADER, content_language
from service.api.context import get_app_context, get_request_context
from service.api.deadlines import TIMEOUT_PARAMETER, deadline, disconnection_check
from service.api.parsing import PAGE_TYPES
from service.api.problem_types import ProblemType
from service.api.rate_limits import cache_owner, share, spender
from service.api.schemas.options import Options
from service.api.schemas.request import ANALYSABLE, ArticleSchema, OptionsSchema
from service.api.schemas.response import EnrichmentSchema
from service.api.serialization import to_response
from service.enrichment.article import Article
from service.execution.enrich_article import enrich_article
from service.execution.job import JobLimits

blueprint = Blueprint("enrichment", __name__, description="One article.")

_TEXT = {
    "schema": {
        "type": "string",
        "pattern": ANALYSABLE,
        "example": "President Joe Biden praised South Korea at the APEC summit in Lima.",
        "description": "The text of an article, in UTF-8 or the charset of `Content-Type`.",
    }
}

_PAGE = {
    "schema": {
        "type": "string",
        "description": "A web page. The response has its article and headline as `article`, which "
        "the offsets point into. The encoding is that of a byte order mark, of `Content-Type` or "
        "of the page's own declaration, in this order. Without any, it is detected.",
    }
}


@blueprint.operation(
    "POST",
    "/v1/enrich",
    query=OptionsSchema,
    article=ArticleSchema,
    returns=EnrichmentSchema,
    problems=(
        ProblemType.MALFORMED_REQUEST,
        ProblemType.MALFORMED_JSON,
        ProblemType.FOREIGN_ORIGIN,
        ProblemType.OTHER_MODEL,
        ProblemType.BODY_TOO_LARGE,
        ProblemType.UNSUPPORTED_MEDIA_TYPE,
        ProblemType.INVALID_ARTICLE,
        ProblemType.INVALID_PARAMETER,
        ProblemType.TOO_MUCH_WORK,
        ProblemType.UNSUPPORTED_LANGUAGE,
        ProblemType.TOO_SLOW,
        ProblemType.OVERLOADED,
        ProblemType.MODEL_UNAVAILABLE,
        ProblemType.OUT_OF_TIME,
    ),
    operationId="enrich",
    headers=(TIMEOUT_PARAMETER, HEADER),
    requestBody={"content": {"text/plain": _TEXT, **dict.fromkeys(PAGE_TYPES, _PAGE)}},
)
def enrich(options: Options, article: Article) -> dict[str, object]:
    """Enrich an article.

    The whole text is analysed, whatever its length; `coverage` confirms it. The parameters are the
    same for every content type.
    """
    context, recorded = get_app_context(), get_request_context()
    model = context.models.get(options.model, deadline)
    options.check(model.info, context.linker.identity, context.watchlists)
    if request.mimetype in PAGE_TYPES:
        options = replace(options, include_text=True)
    options = replace(options, language_hints=content_language(request))
    page_hints = [recorded.page_language] if recorded.page_language else []
    article = options.resolve(article, *page_hints, published=recorded.page_published)
    # A page has been admitted for its extraction; now it only waits for its turn.
    admitted = request.mimetype in PAGE_TYPES
    limits = JobLimits(
        deadline(),
        disconnection_check(),
        bounded=not admitted,
        spend=spender(),
        share=share(),
        cache_owner=cache_owner(),
    )
    held = ExitStack()
    held.enter_context(context.texts.hold(article.characters, limits))

    @after_this_request
    def release(response: Response) -> Response:
        held.close()
        return response

    extras = options.extras(context.linker, context.watchlists)
    enriched = enrich_article(model, context.scheduler, article, recorded.timer, limits, extras)
    enrichment = enriched.enrichment
    recorded.coverage = enrichment.coverage
    recorded.cache_status = enriched.cache_status
    warnings = (*recorded.page_warnings, *enrichment.warnings)
    return to_response(replace(enrichment, warnings=warnings), article, options)
