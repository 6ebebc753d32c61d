"""Schemas of responses: serialize, validate and describe them in the OpenAPI document."""

from __future__ import annotations

from functools import cached_property
from typing import Any, cast, get_args

from marshmallow import EXCLUDE, Schema, fields, missing
from marshmallow.validate import Length, OneOf, Range, Regexp

from service.api.schemas.dumping import Dump, compile_dump
from service.api.schemas.fields import (
    Amount,
    Count,
    Day,
    Flag,
    Many,
    Own,
    Part,
    Rounded,
    Table,
    Text,
    describe,
)
from service.enrichment.links.entries import Unlinked
from service.enrichment.types import Polarity, Section


class ResponseSchema(Schema):
    """Later versions may add fields; clients should ignore unknown ones."""

    class Meta:  # noqa: D106
        unknown = EXCLUDE

    @cached_property
    def _omitted(self) -> frozenset[str]:
        """Attributes that are absent from a response instead of null."""
        return frozenset(
            field.attribute or name
            for name, field in self.fields.items()
            if not field.required and not field.allow_none
        )

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """A member of a dictionary or an attribute of a dataclass, absent if it may not be null."""
        value = obj.get(attr, default) if isinstance(obj, dict) else getattr(obj, attr, default)
        return missing if value is None and attr in self._omitted else value

    @cached_property
    def _dump(self) -> Dump:
        return compile_dump(self, lambda nested: cast(ResponseSchema, nested)._dump)

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        """What ``Schema.dump`` returns, in a third of the time.

        Raises:
            ValidationError: ``obj`` violates the schema.
        """
        return [self._dump(each) for each in obj] if many else self._dump(obj)


class ProbabilitiesSchema(ResponseSchema):
    """The probability of each polarity; they sum to 1, up to rounding."""

    negative = Rounded(required=True, validate=Range(0, 1))
    neutral = Rounded(required=True, validate=Range(0, 1))
    positive = Rounded(required=True, validate=Range(0, 1))


class SentimentSchema(ResponseSchema):
    """A sentiment: towards an entity, of a sentence, or of the article."""

    label = Text(
        required=True,
        validate=OneOf([polarity.value for polarity in Polarity]),
        metadata=describe(
            "The likeliest polarity. Articles and voices only: `MIXED`, much of both polarities."
        ),
    )
    score = Rounded(
        required=True, validate=Range(-1, 1), metadata=describe("P(positive) - P(negative).")
    )
    probabilities = Own(ProbabilitiesSchema, required=True)


class _SpanSchema(ResponseSchema):
    section = Text(
        required=True,
        validate=OneOf(get_args(Section)),
        metadata=describe("The section that `start` and `end` point into."),
    )
    start = Count(required=True, validate=Range(0))
    end = Count(
        required=True,
        validate=Range(0),
        metadata=describe("Exclusive, in the unit of the parameter `offsets`."),
    )


class MentionSchema(_SpanSchema):
    """One place in the article that names an entity."""

    text = Text(required=True, metadata=describe("The exact text from `start` to `end`."))
    sentence = Count(
        required=True, validate=Range(0), metadata=describe("Index of its sentence in `sentences`.")
    )
    confidence = Rounded(required=True, validate=Range(0, 1))
    sentiment = Part(
        SentimentSchema,
        metadata=describe("Towards the entity at this mention; only with `mention_sentiment`."),
    )


class FactorsSchema(ResponseSchema):
    """The factors of an entity's salience."""

    mentions = Count(
        required=True,
        metadata=describe("Mentions outside of bylines, datelines and other credits."),
    )
    leading = Count(
        required=True,
        metadata=describe("Mentions at the beginning of a sentence, where its subject usually is."),
    )
    first = Rounded(
        required=True,
        validate=Range(0, 1),
        metadata=describe(
            "Position of the first mention: 0 at the start of the article, 1 at its end."
        ),
    )
    in_title = Flag(
        required=True,
        metadata=describe("Without a title, a first line that reads like a headline counts."),
    )
    in_lead = Flag(
        required=True,
        metadata=describe("Whether the first sentence after the headline has a mention."),
    )


class LinkSchema(ResponseSchema):
    """An entry of a source that an entity is linked to."""

    source = Text(
        required=True,
        metadata=describe(
            "`geonames` for places, `pytickersymbols` for companies; `list:` and the name of a "
            "list for its entries.",
            example="geonames",
        ),
    )
    id = Text(
        required=True,
        metadata=describe("Of the entry in its source; of a company its symbol at Yahoo Finance."),
    )
    uri = Text(
        metadata=describe(
            "Of the entry, or of the company's article in Wikipedia, if it is known; absent for "
            "entries of lists.",
            format="uri",
        )
    )
    name = Text(required=True, metadata=describe("Of the entry."))
    confidence = Rounded(
        required=True,
        validate=Range(0, 1),
        metadata=describe("The probability that the entity is the entry."),
    )
    country = Text(
        metadata=describe(
            "ISO 3166-1 alpha-2 code; absent for places in several countries, or if it is unknown."
        )
    )
    admin1 = Text(metadata=describe("GeoNames code of the region, such as a state; if it has one."))
    latitude = Amount(metadata=describe("In degrees."), validate=Range(-90, 90))
    longitude = Amount(metadata=describe("In degrees."), validate=Range(-180, 180))
    feature = Text(
        metadata=describe(
            "The kind of place: `city`, `capital`, `district` (a county), `region` (a state), "
            "`country`, `area` or `continent`."
        )
    )
    wikidata = Text(metadata=describe("Wikidata item of the entry, if it is known."))
    ticker = Text(metadata=describe("Of a company at its `exchange`.", example="VOD"))
    exchange = Text(
        metadata=describe("Market identifier code (ISO 10383), if it is known.", example="XLON")
    )
    isin = Text(metadata=describe("Of a company's shares (ISO 6166), if it is known."))
    mentions = Many(
        Count(),
        metadata=describe(
            "Only of entries of lists: the mentions that have one of their names, as positions "
            "in the `mentions` of the entity."
        ),
    )
    extra = Table(
        keys=fields.String(),
        values=fields.Raw(allow_none=True),
        metadata=describe("Only of entries of lists: their other members, unchanged."),
    )


class EntitySchema(ResponseSchema):
    """All mentions of one person, organisation, place or thing."""

    name = Text(required=True, metadata=describe("The most complete mention."))
    type = Text(
        required=True, metadata=describe("One of the model's entity types.", example="PERSON")
    )
    salience = Rounded(
        required=True,
        validate=Range(0, 1),
        metadata=describe("Its share of the article's attention; all entities sum to 1."),
    )
    sentiment = Part(
        SentimentSchema,
        required=True,
        metadata=describe("Towards the entity, not of the sentences around it."),
    )
    factors = Part(FactorsSchema, required=True)
    mentions = Many(Part(MentionSchema), required=True, validate=Length(min=1))
    links = Many(
        Part(LinkSchema),
        metadata=describe(
            "Likeliest first; empty if the knowledge has no entry that is likely enough. Only with "
            "`links`."
        ),
    )
    links_reason = Text(
        validate=OneOf([reason.value for reason in Unlinked]),
        metadata=describe(
            "Why `links` is empty: the knowledge does not have the name, has it but no entry is "
            "likely enough, or has no entries for this type."
        ),
    )
    origin = Text(
        validate=OneOf(("list",)),
        metadata=describe("`list` if only a list has the name; absent if the model finds it."),
    )


class SentenceSchema(_SpanSchema):
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


class MoneySchema(ResponseSchema):
    """An amount of money. At least one of its members is not null."""

    amount = Amount(
        required=True,
        allow_none=True,
        metadata=describe(
            "In the main unit of the currency; null for a range and for vague amounts, such as "
            "millions of dollars."
        ),
    )
    currency = Text(
        required=True,
        allow_none=True,
        metadata=describe("ISO 4217 code; null if several currencies have the name."),
    )


class _DateOrMoney(Part):
    """The value of a date, which is a string, or of money."""

    alternatives = ({"type": "string"},)
    """What the field may be besides an object, for the OpenAPI document."""

    def serialize(self, attr: str, obj: Any, accessor: Any = None, **kwargs: Any) -> Any:
        """A string as it is."""
        value = obj.value
        return value if isinstance(value, str) else super().serialize(attr, obj, accessor)

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        """A string as it is."""
        return value if isinstance(value, str) else super().deserialize(value, *args, **kwargs)


class ValueSchema(_SpanSchema):
    """A date or an amount of money in the article."""

    type = Text(required=True, validate=OneOf(("DATE", "MONEY")))
    text = Text(required=True, metadata=describe("The exact text from `start` to `end`."))
    value = _DateOrMoney(
        MoneySchema,
        required=True,
        allow_none=True,
        metadata=describe(
            "Of a `DATE` in ISO 8601: a day (2024-03-15), a month (2024-03), a year (2024), or the "
            "first and the last of a range (2024-03-11/2024-03-17). Of `MONEY` an object. Null if "
            "the text leaves it open, and for relative dates in an article without `published`."
        ),
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
    """The knowledge that links refer to."""

    version = Text(required=True, metadata=describe("Year and month of its sources."))
    digest = Text(
        required=True,
        validate=Regexp(r"^sha256:[0-9a-f]{64}\Z"),
        metadata={"pattern": "^sha256:[0-9a-f]{64}$"},
    )


class ListSchema(ResponseSchema):
    """A list of the operator, which entities are linked to."""

    name = Text(required=True, metadata=describe("For the parameter `lists`."))
    entries = Count(required=True, validate=Range(0))
    digest = Text(
        required=True,
        validate=Regexp(r"^sha256:[0-9a-f]{64}\Z"),
        metadata={"description": "SHA-256 of its file.", "pattern": "^sha256:[0-9a-f]{64}$"},
    )


class ModelIdentitySchema(ResponseSchema):
    """The model of an enrichment."""

    name = Text(required=True)
    version = Text(required=True)
    digest = Text(
        required=True,
        validate=Regexp(r"^sha256:[0-9a-f]{64}\Z"),
        metadata={"pattern": "^sha256:[0-9a-f]{64}$"},
    )
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
