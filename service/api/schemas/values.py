"""Schemas of the dates and amounts of money in a response."""

from __future__ import annotations

from typing import Any

from marshmallow.validate import OneOf

from service.api.schemas.base import ResponseSchema, SpanSchema
from service.api.schemas.fields import Amount, Part, Text, describe


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


class ValueSchema(SpanSchema):
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
