"""The table of enriched articles: its Arrow schema, derived from the schemas of the API, and rows.

The columns are ``source``, ``id``, ``status``, the members of an enrichment, ``problem``, and the
columns of the input that the user names.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

import pyarrow as pa
from marshmallow import Schema, fields

from service.api.schemas import fields as api
from service.api.schemas.response import EnrichmentSchema, ProblemSchema
from service.cli.columns import Document
from service.cli.results import Result

DATE = "date"
"""Member of a value that is a date. In JSON, such a value is a string and that of money an object;
a column has one type, so here both are an object."""

_SCALARS: tuple[tuple[type[fields.Field[Any]], pa.DataType], ...] = (
    (api.Day, pa.date32()),
    (fields.String, pa.string()),
    (fields.Boolean, pa.bool_()),
    (fields.Integer, pa.int64()),
    (fields.Float, pa.float64()),
    (fields.Dict, pa.string()),  # members of any name and type: JSON
)

_ADDED_BY_SERVERS = "request_id"  # of a problem: as for the other engines, no row has it


class CarriedColumnTaken(ValueError):
    """A column of the input has the name of a column of the table. The message names it."""


def table_schema(carried: Sequence[pa.Field] = ()) -> pa.Schema:
    """The Arrow schema of enriched articles.

    Args:
        carried: columns of the input that accompany the enrichments.

    Raises:
        CarriedColumnTaken: one of them has the name of another column.
    """
    own = _own_columns()
    for field in carried:
        if any(field.name == column.name for column in own):
            raise CarriedColumnTaken(f"'{field.name}' is a column of every output.")
    return pa.schema([*own, *(field.with_nullable(True) for field in carried)])


@cache
def _own_columns() -> tuple[pa.Field, ...]:
    """The columns of every table. An article has an enrichment or a problem: both may be null."""
    members = (_member(name, field) for name, field in EnrichmentSchema().fields.items())
    return (
        pa.field("source", pa.string()),
        pa.field("id", pa.string()),
        pa.field("status", pa.int64(), nullable=False),
        *(member.with_nullable(True) for member in members if member.name != "id"),
        pa.field("problem", _struct(ProblemSchema())),
    )


def _member(name: str, field: fields.Field[Any]) -> pa.Field:
    return pa.field(name, _type(field), nullable=field.allow_none or not field.required)


def _type(field: fields.Field[Any]) -> pa.DataType:
    if isinstance(field, fields.Nested):
        return _struct(field.schema, has_date=hasattr(field, "alternatives"))
    if isinstance(field, fields.List):
        return pa.list_(pa.field("element", _type(field.inner), nullable=False))
    for kind, data_type in _SCALARS:
        if isinstance(field, kind):
            return data_type
    raise TypeError(f"There is no Arrow type for {type(field).__name__}.")


def _struct(schema: Schema, has_date: bool = False) -> pa.StructType:
    members = [
        _member(name, field) for name, field in schema.fields.items() if name != _ADDED_BY_SERVERS
    ]
    if has_date:
        members = [pa.field(DATE, pa.string()), *(one.with_nullable(True) for one in members)]
    return pa.struct(members)


def to_row(document: Document, result: Result) -> dict[str, Any]:
    """The row of an article."""
    members: Mapping[str, Any] = result.get("enrichment", {})
    return {
        "source": result["source"] or None,
        "id": _id(document, members),
        "status": result["status"],
        **{name: value for name, value in members.items() if name != "id"},
        "problem": result.get("problem"),
        **document.carried,
    }


def to_batch(rows: Iterable[Mapping[str, Any]], schema: pa.Schema) -> pa.RecordBatch:
    """Rows as an Arrow batch of :func:`table_schema`.

    Raises:
        pyarrow.ArrowInvalid: a carried value does not have the type of its column.
    """
    rows = list(rows)
    columns = [
        pa.array([_fit(row.get(field.name), field.type) for row in rows], field.type)
        for field in schema
    ]
    return pa.record_batch(columns, schema=schema)


def _fit(value: Any, data_type: pa.DataType) -> Any:
    """A value of JSON as pyarrow expects it for a type."""
    if value is None:
        return None
    if pa.types.is_list(data_type) and isinstance(value, list):
        inner = data_type.value_type
        return [_fit(item, inner) for item in value] if pa.types.is_nested(inner) else value
    if pa.types.is_struct(data_type):
        if isinstance(value, str):
            return {DATE: value}
        return {member.name: _fit(value.get(member.name), member.type) for member in data_type}
    if pa.types.is_date(data_type) and isinstance(value, str):
        return date.fromisoformat(value)
    if pa.types.is_string(data_type):
        text = (
            value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        )
        # Lone surrogates, which Arrow rejects, are not printable.
        return text if text.isprintable() else text.encode("utf-8", "replace").decode()
    return value


def _id(document: Document, enrichment: Mapping[str, Any]) -> str | None:
    """The id of an article, also of one that fails."""
    if "id" in enrichment or document.id is not None:
        found = enrichment.get("id") or document.id
        return found if isinstance(found, str) else None
    try:
        article = json.loads(document.body)
    except (ValueError, RecursionError):
        return None
    found = article.get("id") if isinstance(article, dict) else None
    return found if isinstance(found, str) else None
