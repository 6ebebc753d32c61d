"""``GET /v1/model``: the model that is running."""

from __future__ import annotations

from service.api.contract import Blueprint
from service.api.response_schemas import ModelSchema
from service.api.state import state
from service.inference.description import Description

blueprint = Blueprint("model", __name__, description="What the articles are read with.")


@blueprint.operation(
    "GET",
    "/v1/model",
    returns=ModelSchema,
    operationId="get_model",
    responses={"304": {"description": "Not modified since the `ETag` in `If-None-Match`"}},
)
def describe() -> Description:
    """Describe the model that is running."""
    return state().about
