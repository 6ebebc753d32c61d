"""Schemas of the entities in a response: their mentions, salience and links."""

from __future__ import annotations

from marshmallow import fields
from marshmallow.validate import Length, OneOf, Range

from service.api.schemas.base import ResponseSchema, SentimentSchema, SpanSchema
from service.api.schemas.fields import (
    Amount,
    Count,
    Flag,
    Many,
    Part,
    Rounded,
    Table,
    Text,
    describe,
)
from service.enrichment.links.entries import Unlinked


class MentionSchema(SpanSchema):
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
            "Likeliest first; empty if no entry of the knowledge base is likely enough. Only with "
            "`links`."
        ),
    )
    links_reason = Text(
        validate=OneOf([reason.value for reason in Unlinked]),
        metadata=describe(
            "Why `links` is empty: the knowledge base does not have the name, has it but no entry "
            "is likely enough, or has no entries for this type."
        ),
    )
    origin = Text(
        validate=OneOf(("list",)),
        metadata=describe("`list` if only a list has the name; absent if the model finds it."),
    )
