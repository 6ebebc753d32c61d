"""Schemas of responses: serialize, validate and describe them in the OpenAPI document."""

from __future__ import annotations

from marshmallow import fields
from marshmallow.validate import OneOf, Range, Regexp

from service.api.schemas.base import ResponseSchema, SentimentSchema, SpanSchema
from service.api.schemas.entities import EntitySchema
from service.api.schemas.fields import (
    Count,
    Day,
    Flag,
    Many,
    Part,
    Rounded,
    Text,
    describe,
)
from service.api.schemas.values import ValueSchema


def _digest(**metadata: str) -> Text:
    """A field for a SHA-256 digest."""
    return Text(
        required=True,
        validate=Regexp(r"^sha256:[0-9a-f]{64}\Z"),
        metadata={**metadata, "pattern": "^sha256:[0-9a-f]{64}$"},
    )


class SentenceSchema(SpanSchema):
    """A sentence and its sentiment."""

    quoted = Flag(
        required=True,
        metadata=describe(
            "Whether at least half of its words are inside quotation marks, or it follows the "
            "label of a speaker in a transcript."
        ),
    )
    speaker = Text(
        required=True,
        allow_none=True,
        metadata=describe(
            "Name of the entity that is quoted, if the text attributes the quotation; also where "
            "less than half of the sentence is quoted."
        ),
    )
    sentiment = Part(SentimentSchema, required=True)


class VoiceSchema(ResponseSchema):
    """The words of the article itself, outside quotations."""

    share = Rounded(
        required=True, validate=Range(0, 1), metadata=describe("Share of the words of the article.")
    )
    sentiment = Part(SentimentSchema, required=True)


class QuotedVoiceSchema(VoiceSchema):
    """The quotations of one speaker."""

    speaker = Text(
        required=True,
        allow_none=True,
        metadata=describe("Name of the entity; null if the article does not name the speaker."),
    )


class VoicesSchema(ResponseSchema):
    """The sentiment of the article, split into its own voice and the quoted ones."""

    article = Part(VoiceSchema, required=True, allow_none=True)
    quoted = Many(Part(QuotedVoiceSchema), required=True, metadata=describe("Largest share first."))


class LanguageSchema(ResponseSchema):
    """The language of the article."""

    code = Text(required=True, metadata=describe("ISO 639-1.", example="en"))
    confidence = Rounded(
        required=True,
        validate=Range(0, 1),
        metadata=describe("Confidence of the language detector."),
    )


class CoverageSchema(ResponseSchema):
    """How much of the article was analysed: all of it, or `analyzed` is lower than `characters`."""

    characters = Count(
        required=True, validate=Range(0), metadata=describe("Code points of title and text.")
    )
    analyzed = Count(
        required=True, validate=Range(0), metadata=describe("Code points that the model read.")
    )
    sentences = Count(required=True, validate=Range(0))
    tokens = Count(required=True, validate=Range(0))
    windows = Count(
        required=True, validate=Range(0), metadata=describe("Passes of the model over the article.")
    )


class CapabilitiesSchema(ResponseSchema):
    """What the model was trained for, and what is derived from it."""

    target_sentiment = Text(
        required=True,
        validate=OneOf(("trained", "pairs", "sentences")),
        metadata=describe(
            "Source of the sentiment towards an entity: the model is `trained` to predict it at "
            "each mention; the model reads `pairs` of a sentence and a name; or it is that of the "
            "`sentences` and clauses that mention the entity."
        ),
    )


class KnowledgeSchema(ResponseSchema):
    """The knowledge base that links refer to."""

    version = Text(required=True, metadata=describe("Year and month of its sources."))
    digest = _digest()


class ListSchema(ResponseSchema):
    """A list of the operator, which entities are linked to."""

    name = Text(required=True, metadata=describe("For the parameter `lists`."))
    entries = Count(required=True, validate=Range(0))
    digest = _digest(description="SHA-256 of its file.")


class ModelIdentitySchema(ResponseSchema):
    """The model of an enrichment."""

    name = Text(required=True)
    version = Text(required=True)
    digest = _digest()
    capabilities = Part(CapabilitiesSchema, required=True)
    knowledge = Part(KnowledgeSchema, metadata=describe("Only with `links`."))
    lists = Many(
        Part(ListSchema),
        metadata=describe("By name. Only with `links`, if the article was searched for lists."),
    )


class WarningSchema(ResponseSchema):
    """A reason to treat the enrichment with caution."""

    code = Text(required=True)
    detail = Text(required=True)


class ArticleTextSchema(ResponseSchema):
    """The article that offsets point into: of a web page, or with `include_text`."""

    title = Text(required=True, allow_none=True)
    text = Text(required=True)
    published = Day(
        metadata=describe("The day of publication, which relative dates refer to; if known.")
    )


class EnrichmentSchema(ResponseSchema):
    """The entities and the sentiment of an article."""

    id = Text(required=True, allow_none=True, metadata=describe("The client's own identifier."))
    language = Part(LanguageSchema, required=True)
    sentiment = Part(SentimentSchema, metadata=describe("Of the article as a whole."))
    entities = Many(Part(EntitySchema), metadata=describe("Most salient first."))
    sentences = Many(Part(SentenceSchema), metadata=describe("In order, the title first."))
    voices = Part(VoicesSchema, metadata=describe("Present if `sentiment` is."))
    values = Many(Part(ValueSchema), metadata=describe("In order, those of the title first."))
    article = Part(ArticleTextSchema)
    coverage = Part(CoverageSchema, required=True)
    model = Part(ModelIdentitySchema, required=True)
    warnings = Many(Part(WarningSchema), required=True)


class FaultSchema(ResponseSchema):
    """One invalid part of a request."""

    pointer = fields.String(metadata=describe("JSON Pointer (RFC 6901) into the body."))
    parameter = fields.String(metadata=describe("Name of a query parameter or header field."))
    detail = fields.String(required=True)


class ProblemSchema(ResponseSchema):
    """An error (RFC 9457)."""

    type = fields.String(
        required=True,
        metadata=describe(
            "Identifies the problem type; a path with an explanation.",
            format="uri-reference",
            example="/problems/invalid-article",
        ),
    )
    title = fields.String(required=True, metadata=describe("Summary of the problem type."))
    status = fields.Integer(required=True, metadata=describe("The HTTP status code."))
    detail = fields.String(required=True, metadata=describe("Explanation of this occurrence."))
    errors = fields.List(
        fields.Nested(FaultSchema), metadata=describe("Each invalid part of the request.")
    )
    request_id = fields.String(
        required=True, metadata=describe("The value of `X-Request-Id`, also in the logs.")
    )


class ResultSchema(ResponseSchema):
    """The result for one article of a batch: its `enrichment`, or a `problem`."""

    line = fields.Integer(
        metadata=describe("Number of its line, from 1 on; for application/x-ndjson only.")
    )
    status = fields.Integer(
        required=True, metadata=describe("The HTTP status code of the article by itself.")
    )
    enrichment = fields.Nested(EnrichmentSchema)
    problem = fields.Nested(ProblemSchema)


class ResultsSchema(ResponseSchema):
    """The result for each article, in the order of the request."""

    results = fields.List(fields.Nested(ResultSchema), required=True)
