"""What goes out, as marshmallow schemas, by which it is written, checked and described."""

from __future__ import annotations

from typing import Any, get_args

from marshmallow import EXCLUDE, Schema, fields, missing
from marshmallow.validate import Length, OneOf, Range, Regexp

from service.api.schemas.fields import Count, Flag, Many, Part, Rounded, Table, Text, says
from service.enrichment.types import Polarity, Section


class _Response(Schema):
    """May get more fields one day; readers should not mind."""

    class Meta:
        unknown = EXCLUDE

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """Of dataclasses and dictionaries, all that is ever written."""
        return obj.get(attr, default) if isinstance(obj, dict) else getattr(obj, attr, default)


class ProbabilitiesSchema(_Response):
    """How likely each polarity is; together 1, but for rounding."""

    negative = Rounded(required=True, validate=Range(0, 1))
    neutral = Rounded(required=True, validate=Range(0, 1))
    positive = Rounded(required=True, validate=Range(0, 1))


class SentimentSchema(_Response):
    """A sentiment: towards an entity, of a sentence, or of the article."""

    label = Text(
        required=True,
        validate=OneOf([polarity.value for polarity in Polarity]),
        metadata=says("Only an article can be `MIXED`: with strong sentences on both sides."),
    )
    score = Rounded(
        required=True, validate=Range(-1, 1), metadata=says("P(positive) - P(negative).")
    )
    probabilities = Part(ProbabilitiesSchema, required=True)

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """The probabilities are attributes of the sentiment itself."""
        return obj if attr == "probabilities" else super().get_attribute(obj, attr, default)


class _SpanSchema(_Response):
    section = Text(
        required=True,
        validate=OneOf(get_args(Section)),
        metadata=says("What `start` and `end` point into."),
    )
    start = Count(required=True, validate=Range(0))
    end = Count(
        required=True,
        validate=Range(0),
        metadata=says("One past the last, in the unit that `offsets` asks for."),
    )


class MentionSchema(_SpanSchema):
    """One place where an entity is named."""

    text = Text(required=True, metadata=says("Exactly what stands from `start` to `end`."))
    sentence = Count(
        required=True, validate=Range(0), metadata=says("Index of its sentence in `sentences`.")
    )
    confidence = Rounded(required=True, validate=Range(0, 1))
    sentiment = Part(
        SentimentSchema,
        metadata=says("Towards the entity here, if `mention_sentiment` asked for it."),
    )

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """What was not asked for is absent, not null."""
        value = super().get_attribute(obj, attr, default)
        return missing if value is None else value


class FactorsSchema(_Response):
    """What an entity's salience was made of."""

    mentions = Count(
        required=True,
        metadata=says("Mentions outside of bylines, datelines and other credits."),
    )
    leading = Count(
        required=True,
        metadata=says("Mentions that begin their sentence, as its subject mostly does."),
    )
    first = Rounded(
        required=True,
        validate=Range(0, 1),
        metadata=says("Where it is first named: 0 at the beginning of the article, 1 at its end."),
    )
    in_title = Flag(
        required=True,
        metadata=says("Without a title, a first line that reads like a headline counts as one."),
    )


class EntitySchema(_Response):
    """All mentions of one person, organisation, place or thing."""

    name = Text(required=True, metadata=says("Its fullest mention."))
    type = Text(
        required=True,
        metadata=says("One of the types that the model tells apart.", example="PERSON"),
    )
    salience = Rounded(
        required=True,
        validate=Range(0, 1),
        metadata=says("Its share of the article's attention; all entities together have 1."),
    )
    sentiment = Part(
        SentimentSchema, required=True, metadata=says("Towards it, not of what stands around it.")
    )
    factors = Part(FactorsSchema, required=True)
    mentions = Many(Part(MentionSchema), required=True, validate=Length(min=1))


class SentenceSchema(_SpanSchema):
    """A sentence and its own sentiment."""

    quoted = Flag(
        required=True,
        metadata=says(
            "Whether at least half of its words stand between quotation marks, or it follows the "
            "label of a speaker in a transcript."
        ),
    )
    speaker = Text(
        required=True,
        allow_none=True,
        metadata=says("Name of the entity that is quoted, if the text beside the words says so."),
    )
    sentiment = Part(SentimentSchema, required=True)


class VoiceSchema(_Response):
    """What the article says in its own words."""

    share = Rounded(
        required=True, validate=Range(0, 1), metadata=says("Of the words of the article.")
    )
    sentiment = Part(SentimentSchema, required=True)


class QuotedVoiceSchema(VoiceSchema):
    """What is quoted of one speaker."""

    speaker = Text(
        required=True,
        allow_none=True,
        metadata=says("Name of the entity; null if the article does not say, or names it nowhere."),
    )


class VoicesSchema(_Response):
    """The sentiment of the article split into its own voice and those that it quotes."""

    article = Part(VoiceSchema, required=True, allow_none=True)
    quoted = Many(Part(QuotedVoiceSchema), required=True, metadata=says("Largest share first."))


class LanguageSchema(_Response):
    """The language that the article was read in."""

    code = Text(required=True, metadata=says("ISO 639-1.", example="en"))
    confidence = Rounded(
        required=True, validate=Range(0, 1), metadata=says("The language detector's, in it.")
    )


class CoverageSchema(_Response):
    """What was analysed. The whole article is, or `analyzed` says how much less."""

    characters = Count(
        required=True, validate=Range(0), metadata=says("Code points of title and text.")
    )
    analyzed = Count(
        required=True, validate=Range(0), metadata=says("Of these, those that the model read.")
    )
    sentences = Count(required=True, validate=Range(0))
    tokens = Count(required=True, validate=Range(0))
    windows = Count(required=True, validate=Range(0), metadata=says("Passes of the model."))


class CapabilitiesSchema(_Response):
    """What the model was made for, and what is derived from what it was made for."""

    target_sentiment = Text(
        required=True,
        validate=OneOf(("trained", "pairs", "sentences")),
        metadata=says(
            "Where the sentiment towards an entity comes from: the model was `trained` to tell it "
            "where the entity stands; it reads `pairs` of a sentence and a name; or it is that of "
            "the `sentences`, and of the clauses, which mention the entity."
        ),
    )


class ModelIdentitySchema(_Response):
    """Which model said so."""

    name = Text(required=True)
    version = Text(required=True)
    digest = Text(
        required=True,
        validate=Regexp(r"^sha256:[0-9a-f]{64}\Z"),
        metadata={"pattern": "^sha256:[0-9a-f]{64}$"},
    )
    capabilities = Part(CapabilitiesSchema, required=True)


class WarningSchema(_Response):
    """Something that a reader of the enrichment should know."""

    code = Text(required=True)
    detail = Text(required=True)


class ArticleTextSchema(_Response):
    """The article that offsets point into: of a web page, or if `include_text` asked for it."""

    title = Text(required=True, allow_none=True)
    text = Text(required=True)


class EnrichmentSchema(_Response):
    """Everything that was found out about an article."""

    id = Text(required=True, allow_none=True, metadata=says("The one that the caller gave."))
    language = Part(LanguageSchema, required=True)
    sentiment = Part(SentimentSchema, metadata=says("Of the article as a whole."))
    entities = Many(Part(EntitySchema), metadata=says("Most salient first."))
    sentences = Many(Part(SentenceSchema), metadata=says("In their order, title first."))
    voices = Part(VoicesSchema, metadata=says("Comes with `sentiment`."))
    article = Part(ArticleTextSchema)
    coverage = Part(CoverageSchema, required=True)
    model = Part(ModelIdentitySchema, required=True)
    warnings = Many(Part(WarningSchema), required=True)


class TrainingSetSchema(_Response):
    """A data set that the model was trained on."""

    name = Text(required=True)
    licence = Text(required=True)
    use = Text(required=True)


class ModelSchema(ModelIdentitySchema):
    """The model that is running."""

    description = Text(required=True)
    licence = Text(required=True)
    base = Text(required=True, metadata=says("What it was trained from."))
    quantization = Text(required=True)
    languages = Many(fields.String(), required=True, metadata=says("ISO 639-1 codes."))
    entity_types = Many(fields.String(), required=True)
    polarities = Many(fields.String(), required=True)
    window = Count(
        required=True, validate=Range(1), metadata=says("Most tokens that one pass reads.")
    )
    training_data = Many(Part(TrainingSetSchema), required=True)
    files = Table(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata=says("SHA-256 of each file of the model."),
    )


class NamedModelSchema(_Response):
    """One of the models of a server."""

    name = Text(required=True, metadata=says("What the parameter `model` calls it."))
    default = Flag(required=True)
    loaded = Flag(
        required=True, metadata=says("By the worker that answers; another may have loaded others.")
    )


class ModelsSchema(_Response):
    """The models of a server."""

    default = Text(required=True, metadata=says("Name of the one that is meant if none is named."))
    models = Many(Part(NamedModelSchema), required=True, validate=Length(min=1))


class HealthSchema(_Response):
    """A sign of life."""

    status = Text(required=True, validate=OneOf(("ok", "ready")))


class FaultSchema(_Response):
    """One thing that is wrong with a request."""

    pointer = fields.String(metadata=says("JSON Pointer (RFC 6901) into the body."))
    parameter = fields.String(metadata=says("Name of a query parameter."))
    detail = fields.String(required=True)


class ProblemSchema(_Response):
    """Why there is no better answer (RFC 9457)."""

    type = fields.String(
        required=True,
        metadata=says(
            "Tells the kind of problem to programs; a path with more about it.",
            format="uri-reference",
            example="/problems/invalid-article",
        ),
    )
    title = fields.String(required=True, metadata=says("The kind of problem, in a few words."))
    status = fields.Integer(required=True, metadata=says("The HTTP status again."))
    detail = fields.String(required=True, metadata=says("What it is this time."))
    errors = fields.List(
        fields.Nested(FaultSchema), metadata=says("Each thing that is wrong with the request.")
    )
    request_id = fields.String(
        required=True, metadata=says("The `X-Request-Id`, to look up in the logs.")
    )


class ResultSchema(_Response):
    """What became of one article of a batch: its `enrichment`, or a `problem`."""

    line = fields.Integer(
        metadata=says("Number of its line, from 1 on; of application/x-ndjson only.")
    )
    status = fields.Integer(
        required=True, metadata=says("The HTTP status that it would have had by itself.")
    )
    enrichment = fields.Nested(EnrichmentSchema)
    problem = fields.Nested(ProblemSchema)


class ResultsSchema(_Response):
    """What became of each article, in the order in which they came."""

    results = fields.List(fields.Nested(ResultSchema), required=True)
