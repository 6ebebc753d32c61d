"""Compiles schemas of responses to functions that serialize.

marshmallow serializes field by field, each through several calls. An article has some 700 fields.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from marshmallow import Schema, ValidationError, fields, missing
from marshmallow.validate import OneOf, Range

from service.api.schemas.fields import (
    DECIMALS,
    Count,
    Flag,
    Many,
    Own,
    Part,
    Rounded,
    Text,
    rounded,
)

Dump = Callable[[Any], dict[str, Any]]


class _Member(NamedTuple):
    """How a field becomes a member of a document.

    Attributes:
        name: of the member.
        attribute: of the object that has the value; ``None`` if that is the object itself.
        convert: serializes and checks a value other than ``None``.
        required: whether it must not be missing.
        nullable: whether it may be null.
    """

    name: str
    attribute: str | None
    convert: Callable[[Any], Any]
    required: bool
    nullable: bool


def compile_dump(schema: Schema, dump_of: Callable[[Schema], Dump]) -> Dump:
    """A function that returns what ``schema.dump`` returns, and raises the same errors.

    Args:
        schema: whose members are absent if they are ``None`` but neither required nor nullable.
        dump_of: the compiled function of a nested schema.
    """
    members = [_member(name, field, schema, dump_of) for name, field in schema.fields.items()]

    def dump(obj: Any) -> dict[str, Any]:
        is_dict = isinstance(obj, dict)
        document: dict[str, Any] = {}
        for name, attribute, convert, required, nullable in members:
            if attribute is None:
                value = obj
            else:
                value = obj.get(attribute, missing) if is_dict else getattr(obj, attribute, missing)
            if value is not None and value is not missing:
                value = convert(value)
                if value is not missing:
                    document[name] = value
            elif value is None and nullable:
                document[name] = None
            elif required:
                fault = "Is missing from" if value is missing else "Is null in"
                raise ValidationError(f"{fault} the response.", name)
        return document

    return dump


def _member(
    name: str, field: fields.Field[Any], schema: Schema, dump_of: Callable[[Schema], Dump]
) -> _Member:
    attribute: str | None = name
    convert: Callable[[Any], Any]
    match field:
        case Many(inner=Part() as part) if type(field) is Many:
            dump_part = dump_of(part.schema)
            convert = lambda values: [dump_part(value) for value in values]  # noqa: E731
        case Own() | Part() if type(field) in (Own, Part):
            attribute = None if isinstance(field, Own) else name
            convert = dump_of(field.schema)
        case Rounded():
            convert = rounded
        case Text():
            convert = str
        case Count():
            convert = int
        case Flag():
            convert = bool
        case _:  # marshmallow's own way
            convert = partial(_serialize, field, name, schema)
            return _Member(name, None, convert, required=False, nullable=False)
    convert = _checked(convert, field.validators)
    return _Member(name, attribute, convert, field.required, bool(field.allow_none))


def _serialize(field: fields.Field[Any], name: str, schema: Schema, obj: Any) -> Any:
    return field.serialize(name, obj, schema.get_attribute)


def _checked(
    convert: Callable[[Any], Any], checks: list[Callable[[Any], Any]]
) -> Callable[[Any], Any]:
    """``convert``, followed by the ``checks`` of its result."""
    if not checks:
        return convert

    def convert_and_check(value: Any) -> Any:
        value = convert(value)
        for check in checks:
            check(value)
        return value

    # The same with fewer calls, for most of the fields.
    match checks:
        case [Range(min=low, max=high)] if convert is rounded:

            def round_and_compare(value: Any) -> Any:
                result = round(float(value), DECIMALS) + 0.0
                return result if low <= result <= high else convert_and_check(value)

            return round_and_compare
        case [Range(min=0, max=None)] if convert is int:

            def count(value: Any) -> Any:
                return value if type(value) is int and value >= 0 else convert_and_check(value)

            return count
        case [OneOf(choices=choices)] if convert is str:
            known = {choice: choice for choice in choices}
            return lambda value: known.get(value) or convert_and_check(value)
    return convert_and_check
