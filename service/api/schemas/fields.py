"""Fields of response schemas, which validate the values that they serialize.

marshmallow validates what it deserializes only. :mod:`service.api.schemas.dumping` compiles them.
"""

from __future__ import annotations

import math
from typing import Any

from marshmallow import ValidationError, fields, missing
from marshmallow.utils import get_value

DECIMALS = 4
"""Decimal places of probabilities and scores in responses."""


def describe(text: str, **more: Any) -> dict[str, Any]:
    """Metadata of a field, for the OpenAPI document."""
    return {"description": text, **more}


class _ValidatedField(fields.Field[Any]):
    """Raises ``ValidationError`` for a value that violates its schema."""

    def serialize(self, attr: str, obj: Any, accessor: Any = None, **kwargs: Any) -> Any:
        value = (accessor or get_value)(obj, attr, missing)
        if value is missing:
            if self.required:
                raise ValidationError("Is missing from the response.", attr)
        elif value is not None:
            value = self._serialize(value, attr, obj)
            for check in self.validators:
                check(value)
        elif not self.allow_none:
            raise ValidationError("Is null in the response.", attr)
        return value


class Text(_ValidatedField, fields.String):
    """A string."""


class Flag(_ValidatedField, fields.Boolean):
    """``true`` or ``false``."""


class Count(_ValidatedField, fields.Integer):
    """An integer."""


class Rounded(_ValidatedField, fields.Float):
    """A number rounded to :data:`DECIMALS` places, never ``-0.0``, NaN or infinite."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return rounded(value)


def rounded(value: float) -> float:
    """The value of a :class:`Rounded` field.

    Raises:
        ValidationError: it is NaN or infinite.
    """
    if not math.isfinite(value):
        raise ValidationError("Is not a number.")
    return round(float(value), DECIMALS) + 0.0


class Amount(_ValidatedField, fields.Float):
    """A number as it is, whole or not."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return value


class Day(_ValidatedField, fields.Date):
    """An ISO 8601 date."""


class Part(_ValidatedField, fields.Nested):
    """An object."""


class Own(Part):
    """An object whose members are attributes of the object around it."""

    def serialize(self, attr: str, obj: Any, accessor: Any = None, **kwargs: Any) -> Any:
        """The whole object is the value."""
        return super().serialize(attr, obj, lambda *_: obj)


class Many(_ValidatedField, fields.List[Any]):
    """An array."""


class Table(_ValidatedField, fields.Dict):
    """An object with any names."""
