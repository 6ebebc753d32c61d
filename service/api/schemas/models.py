"""Schemas of responses about models, and of probes."""

from __future__ import annotations

from marshmallow import fields
from marshmallow.validate import Length, OneOf, Range

from service.api.schemas.fields import Count, Flag, Many, Part, Table, Text, describe
from service.api.schemas.response import (
    KnowledgeSchema,
    ListSchema,
    ModelIdentitySchema,
    ResponseSchema,
)


class TrainingSetSchema(ResponseSchema):
    """A data set of the model's training."""

    name = Text(required=True)
    licence = Text(required=True)
    use = Text(required=True)


class ModelSchema(ModelIdentitySchema):
    """The description of a model."""

    description = Text(required=True)
    licence = Text(required=True)
    base = Text(required=True, metadata=describe("The pre-trained model that it was trained from."))
    quantization = Text(required=True)
    languages = Many(fields.String(), required=True, metadata=describe("ISO 639-1 codes."))
    entity_types = Many(fields.String(), required=True)
    polarities = Many(fields.String(), required=True)
    window = Count(required=True, validate=Range(1), metadata=describe("Most tokens of one pass."))
    training_data = Many(Part(TrainingSetSchema), required=True)
    knowledge = Part(KnowledgeSchema, required=True)
    lists = Many(
        Part(ListSchema), required=True, metadata=describe("The lists of the server, by name.")
    )
    files = Table(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata=describe("SHA-256 of each file of the model."),
    )


class NamedModelSchema(ResponseSchema):
    """One of the models of a server."""

    name = Text(required=True, metadata=describe("Value of the parameter `model`."))
    default = Flag(required=True)
    loaded = Flag(
        required=True,
        metadata=describe("Whether this worker has loaded it; other workers may differ."),
    )


class ModelsSchema(ResponseSchema):
    """The models of a server."""

    default = Text(required=True, metadata=describe("Name of the default model."))
    models = Many(Part(NamedModelSchema), required=True, validate=Length(min=1))


class HealthSchema(ResponseSchema):
    """The status of the process."""

    status = Text(required=True, validate=OneOf(("ok", "ready")))
