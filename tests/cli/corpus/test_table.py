"""The Arrow schema, which the schemas of the API determine."""

import json
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from marshmallow import Schema, fields

from service.api.schemas.response import EnrichmentSchema, ProblemSchema
from service.cli.columns import Document
from service.cli.corpus.table import CarriedColumnTaken, table_schema, to_batch, to_row
from service.cli.engines import enrich_with
from tests.cli.conftest import fake_app

ARTICLE = {
    "id": "7",
    "title": "Ann praised Paris",
    "text": 'Ann said on 3 May 2024: "I praise Bob." It cost $3m. She left.',
    "published": "2024-05-04",
}
ALL = "entities,sentiment,sentences,mention_sentiment,values"


def members(schema: Schema) -> dict[str, Any]:
    """The names of a marshmallow schema, nested."""
    return {name: member(field) for name, field in schema.fields.items() if name != "request_id"}


def member(field: fields.Field) -> Any:
    if isinstance(field, fields.List):
        return [member(field.inner)]
    if isinstance(field, fields.Nested):
        date_of_value = {"date": None} if hasattr(field, "alternatives") else {}
        return date_of_value | members(field.schema)
    return None


def columns(data_type: pa.DataType) -> Any:
    """The names of an Arrow type, nested."""
    if pa.types.is_list(data_type):
        return [columns(data_type.value_type)]
    if pa.types.is_struct(data_type):
        return {field.name: columns(field.type) for field in data_type}
    return None


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_nulls(item) for name, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def test_the_columns_are_the_members_that_the_api_documents():
    found = {field.name: columns(field.type) for field in table_schema()}
    assert list(found) == [
        "source",
        "id",
        "status",
        *(name for name in EnrichmentSchema().fields if name != "id"),
        "problem",
    ]
    assert {name: found[name] for name in EnrichmentSchema().fields} == members(EnrichmentSchema())
    assert found["problem"] == members(ProblemSchema())


def test_what_the_api_requires_is_not_null_within_an_enrichment():
    entity = table_schema().field("entities").type.value_type
    assert not entity.field("name").nullable
    assert entity.field("links").nullable
    assert table_schema().field("sentences").type.value_type.field("speaker").nullable
    assert table_schema().field("coverage").nullable, "an article that fails has none"


@pytest.mark.parametrize("include_text", [False, True])
def test_a_row_has_every_value_of_the_json(include_text):
    enrich = enrich_with(fake_app(), {"features": ALL, "include_text": include_text})
    document = Document("a.jsonl:1", json.dumps(ARTICLE).encode(), "application/json")
    result = enrich(document)
    [row] = to_batch([to_row(document, result)], table_schema()).to_pylist()
    expected = json.loads(json.dumps(result["enrichment"]))
    assert expected["values"], "the article has a date and an amount"
    for value in expected["values"]:
        if isinstance(value["value"], str):
            value["value"] = {"date": value["value"]}
    if include_text:
        expected["article"]["published"] = date(2024, 5, 4)
    expected = {"source": "a.jsonl:1", "status": 200, **expected}
    assert without_nulls(row) == without_nulls(expected)


def test_a_problem_is_a_row_with_the_id_of_its_article():
    enrich = enrich_with(fake_app(), {})
    document = Document("a.jsonl:1", b'{"id": "7", "text": " "}', "application/json")
    [row] = to_batch([to_row(document, enrich(document))], table_schema()).to_pylist()
    assert (row["id"], row["status"], row["entities"]) == ("7", 422, None)
    assert row["problem"]["type"] == "/problems/invalid-article"
    assert row["problem"]["errors"][0]["pointer"] == "/text"


def test_members_of_any_name_and_type_are_json():
    """Those of an entry of a list, of which no two need to be alike."""
    document = Document("a:1", json.dumps(ARTICLE).encode(), "application/json")
    result = enrich_with(fake_app(), {})(document)
    link = {"source": "list:clients", "id": "1", "name": "Ann", "confidence": 1.0}
    result["enrichment"]["entities"][0]["links"] = [{**link, "extra": {"tier": 1, "où": None}}]
    [row] = to_batch([to_row(document, result)], table_schema()).to_pylist()
    assert row["entities"][0]["links"][0]["extra"] == '{"tier": 1, "où": null}'


def test_carried_values_keep_the_type_of_their_column():
    schema = table_schema([pa.field("day", pa.date32()), pa.field("tags", pa.string())])
    document = Document("a:1", read_error="No.", carried={"day": date(2024, 5, 4), "tags": ["x"]})
    result = enrich_with(fake_app(), {})(document)
    [row] = to_batch([to_row(document, result)], schema).to_pylist()
    assert (row["day"], row["tags"]) == (date(2024, 5, 4), '["x"]')


def test_a_carried_text_that_is_no_unicode_is_kept_as_well_as_possible():
    schema = table_schema([pa.field("note", pa.string())])
    document = Document("a:1", read_error="No.", carried={"note": "caf\udce9\n"})
    result = enrich_with(fake_app(), {})(document)
    [row] = to_batch([to_row(document, result)], schema).to_pylist()
    assert row["note"] == "caf?\n"


def test_a_carried_column_cannot_replace_another():
    with pytest.raises(CarriedColumnTaken, match="'status'"):
        table_schema([pa.field("status", pa.string())])
