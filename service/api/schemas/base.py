"""What schemas of responses have in common, and the sentiment that several contain."""

from __future__ import annotations

from functools import cached_property
from typing import Any, cast, get_args

from marshmallow import EXCLUDE, Schema, missing
from marshmallow.validate import OneOf, Range

from service.api.schemas.dumping import Dump, compile_dump
from service.api.schemas.fields import Count, Own, Rounded, Text, describe
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


class SpanSchema(ResponseSchema):
    """A stretch of a section of the article."""

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
