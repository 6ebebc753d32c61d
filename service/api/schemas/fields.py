"""Fields of responses: what they write is checked as it is written.

marshmallow checks what comes in, not what goes out. For an article of the BBC, on average, these
checks are 0.1 of the 1.2 ms that writing takes; loading the response would check it too, in 3.6.
"""

from __future__ import annotations

import math
from typing import Any

from marshmallow import ValidationError, fields, missing
from marshmallow.utils import get_value

DECIMALS = 4
"""Places to which probabilities and scores are rounded on output."""


def says(description: str, **more: Any) -> dict[str, Any]:
    """Metadata of a field: what the contract says of it."""
    return {"description": description, **more}


class _Promised(fields.Field[Any]):
    """Raises ``ValidationError`` when what it is about to write is not what its schema promises.

    An article has some 700 fields, hence no more calls than it takes: marshmallow's own way to
    read, write and check each takes twice as long.
    """

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


class Text(_Promised, fields.String):
    """A string."""


class Flag(_Promised, fields.Boolean):
    """``true`` or ``false``."""


class Count(_Promised, fields.Integer):
    """A whole number."""


class Rounded(_Promised, fields.Float):
    """A number rounded to :data:`DECIMALS` places, never ``-0.0``, NaN or infinite."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        if not math.isfinite(value):
            raise ValidationError("Is not a number.", attr or "")
        return round(float(value), DECIMALS) + 0.0


class Part(_Promised, fields.Nested):
    """An object."""


class Many(_Promised, fields.List[Any]):
    """An array."""


class Table(_Promised, fields.Dict):
    """An object with any names."""
