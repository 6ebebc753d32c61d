"""``POST /v1/enrich``: one article."""

from __future__ import annotations

from dataclasses import replace

from flask import g, request

from service.api.blueprint import Blueprint
from service.api.content_language import HEADER, content_language
from service.api.context import state
from service.api.deadlines import PARAMETER, admission, deadline
from service.api.parsing import PAGE_TYPES
from service.api.problem_types import (
    BODY_TOO_LARGE,
    INVALID_ARTICLE,
    INVALID_PARAMETER,
    MALFORMED_JSON,
    MALFORMED_REQUEST,
    MODEL_UNAVAILABLE,
    OTHER_MODEL,
    OUT_OF_TIME,
    OVERLOADED,
    TOO_SLOW,
    UNSUPPORTED_LANGUAGE,
    UNSUPPORTED_MEDIA_TYPE,
)
from service.api.schemas.options import Options
from service.api.schemas.request import ANALYSABLE, ArticleSchema, OptionsSchema
from service.api.schemas.response import EnrichmentSchema
from service.api.serialization import to_response
from service.enrichment.types import Article

blueprint = Blueprint("enrichment", __name__, description="Articles and what is in them.")

_TEXT = {
    "schema": {
        "type": "string",
        "pattern": ANALYSABLE,
        "example": "President Joe Biden praised South Korea at the APEC summit in Lima.",
        "description": "The text of an article, in UTF-8 or the charset named.",
    }
}

_PAGE = {
    "schema": {
        "type": "string",
        "description": "A web page. Its article and headline come back as `article`, which the "
        "offsets point into. In UTF-8, or the encoding that it, or the media type, names.",
    }
}


@blueprint.operation(
    "POST",
    "/v1/enrich",
    query=OptionsSchema,
    article=ArticleSchema,
    returns=EnrichmentSchema,
    refuses=(
        MALFORMED_REQUEST,
        MALFORMED_JSON,
        OTHER_MODEL,
        BODY_TOO_LARGE,
        UNSUPPORTED_MEDIA_TYPE,
        INVALID_ARTICLE,
        INVALID_PARAMETER,
        UNSUPPORTED_LANGUAGE,
        TOO_SLOW,
        OVERLOADED,
        MODEL_UNAVAILABLE,
        OUT_OF_TIME,
    ),
    operationId="enrich",
    headers=(PARAMETER, HEADER),
    requestBody={"content": {"text/plain": _TEXT, **dict.fromkeys(PAGE_TYPES, _PAGE)}},
)
def enrich(options: Options, article: Article) -> dict[str, object]:
    """Enrich an article.

    The whole text is read, however long it is; `coverage` says so. Parameters are the same for
    every content type.
    """
    model = state().models.get(options.model, deadline)
    options.check(model.about)
    if request.mimetype in PAGE_TYPES:
        options = replace(options, include_text=True)
    options = replace(options, language_hints=content_language(request))
    page_language = g.get("page_language")
    article = options.resolve(article, *filter(None, [page_language]))
    enrichment, g.cache_status = model.enricher.enrich(article, g.stages, admission())
    notices = (*g.get("page_warnings", ()), *enrichment.notices)
    enrichment = replace(enrichment, notices=notices)
    g.coverage = enrichment.coverage
    return to_response(enrichment, article, options)
