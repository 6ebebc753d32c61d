"""The client's types match the API."""

import subprocess
import sys
from typing import get_args, get_type_hints

import pytest
from marshmallow import Schema, fields

from service.api.schemas import request as request_schemas
from service.api.schemas import response as response_schemas
from service.client import parameters, types
from tests.bundle import ROOT


def test_the_generated_types_are_up_to_date():
    pytest.importorskip(
        "datamodel_code_generator", reason="datamodel-code-generator is not installed"
    )
    check = subprocess.run(
        [sys.executable, "-m", "datamodel_code_generator", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert check.returncode == 0, f"run `make openapi`: {check.stdout}{check.stderr}"


@pytest.mark.parametrize(
    ("schema", "typed_dict"),
    [
        (response_schemas.EnrichmentSchema, types.Enrichment),
        (response_schemas.ProblemSchema, types.Problem),
        (request_schemas.ArticleSchema, types.Article),
        (request_schemas.OptionsSchema, parameters.Parameters),
    ],
)
def test_the_types_have_the_members_of_the_schemas(schema, typed_dict):
    assert names_in(schema()) == names_of(typed_dict)


def names_in(schema: Schema) -> dict:
    """Names of a schema's members, and of their members."""
    names = {}
    for name, member in schema.fields.items():
        inner = member.inner if isinstance(member, fields.List) else member
        names[name] = names_in(inner.schema) if isinstance(inner, fields.Nested) else {}
    return names


def names_of(hint: object) -> dict:
    """The same for a ``TypedDict``, also within a list or a union."""
    if hasattr(hint, "__required_keys__"):
        return {name: names_of(member) for name, member in get_type_hints(hint).items()}
    return next((names for part in get_args(hint) if (names := names_of(part))), {})
