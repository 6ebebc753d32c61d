"""Compiles schemas of responses to functions that serialize.

marshmallow serializes field by field, each through several calls. An article has some 900 fields.
As in :mod:`dataclasses`, the functions are compiled from source code: a loop over the fields with a
call for each takes twice as long.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

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

_HEAD = """
def dump(obj):
    if isinstance(obj, dict):
        obj = SimpleNamespace(**obj)
    document = {}
"""

_MEMBER = """
    value = {value}
    if value is not None and value is not missing:
        document[{name!r}] = {code}
    else:
        add_absent_{number}(document, value)
"""


class _Member(NamedTuple):
    """How a field becomes a member of a document.

    Attributes:
        value: an expression of ``obj``.
        code: an expression of ``value``, which is neither ``None`` nor missing.
        convert: the function ``convert`` of both expressions: serializes and checks.
        known: the table ``known`` of ``code``: values that need no conversion and no check.
    """

    value: str
    code: str
    convert: Callable[[Any], Any]
    known: dict[str, str] | None = None


def compile_dump(schema: Schema, dump_of: Callable[[Schema], Dump]) -> Dump:
    """A function that returns what ``schema.dump`` returns, and raises the same errors.

    It also raises one for a required field of marshmallow's own that is null.

    Args:
        schema: whose members are absent if they are ``None`` but neither required nor nullable.
        dump_of: the compiled function of a nested schema.
    """
    scope: dict[str, Any] = {"missing": missing, "SimpleNamespace": SimpleNamespace}
    source = _HEAD
    for number, (name, field) in enumerate(schema.fields.items()):
        member = _member(name, field, schema, dump_of)
        scope[f"convert_{number}"] = member.convert
        scope[f"known_{number}"] = member.known
        scope[f"add_absent_{number}"] = partial(_add_absent, name, field)
        value, code = (
            part.replace("convert", f"convert_{number}").replace("known", f"known_{number}")
            for part in (member.value, member.code)
        )
        source += _MEMBER.format(name=name, value=value, code=code, number=number)
    # Nothing of a request is part of the source.
    exec(f"{source}    return document", scope)  # noqa: S102
    return cast(Dump, scope["dump"])


def _add_absent(
    name: str, field: fields.Field[Any], document: dict[str, Any], value: object
) -> None:
    """Add a member whose value is ``None`` or missing.

    Raises:
        ValidationError: the schema requires the member.
    """
    if value is None and field.allow_none:
        document[name] = None
    elif field.required:
        fault = "Is missing from" if value is missing else "Is null in"
        raise ValidationError(f"{fault} the response.", name)


def _member(
    name: str, field: fields.Field[Any], schema: Schema, dump_of: Callable[[Schema], Dump]
) -> _Member:
    value = f"getattr(obj, {name!r}, missing)"
    match field:
        case Many(inner=Part() as part) if type(field) is Many and not field.validators:
            return _Member(value, "[convert(each) for each in value]", dump_of(part.schema))
        case Own() | Part() if type(field) in (Own, Part) and not field.validators:
            value = "obj" if isinstance(field, Own) else value
            return _Member(value, "convert(value)", dump_of(field.schema))
        case Rounded():
            convert: Callable[[Any], Any] = rounded
        case Text():
            convert = str
        case Count():
            convert = int
        case Flag():
            convert = bool
        case _:  # marshmallow's own way
            return _Member("convert(obj)", "value", partial(_serialize, field, name, schema))
    checked = _checked(convert, field.validators)
    # Without a call, for most of the fields.
    match field.validators:
        case [Range(min=low, max=high)] if convert is rounded:
            number = f"(number := round(float(value), {DECIMALS}) + 0.0)"
            return _Member(
                value, f"number if {low} <= {number} <= {high} else convert(value)", checked
            )
        case [Range(min=0, max=None)] if convert is int:
            code = "value if type(value) is int and value >= 0 else convert(value)"
            return _Member(value, code, checked)
        case [OneOf(choices=choices)] if convert is str:
            known = {choice: choice for choice in choices}
            return _Member(value, "known.get(value) or convert(value)", checked, known)
    return _Member(value, "convert(value)", checked)


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

    return convert_and_check
