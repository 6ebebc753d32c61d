"""``GET /v1/model`` and ``/v1/models``: what the articles are read with."""

from __future__ import annotations

from service.api.admission import deadline
from service.api.contract import Blueprint
from service.api.kinds import INVALID_PARAMETER, MODEL_UNAVAILABLE, OUT_OF_TIME, OVERLOADED
from service.api.request_schemas import ModelChoiceSchema
from service.api.response_schemas import ModelSchema, ModelsSchema
from service.api.state import state
from service.inference.description import Description

blueprint = Blueprint("model", __name__, description="What the articles are read with.")


@blueprint.operation(
    "GET",
    "/v1/model",
    query=ModelChoiceSchema,
    returns=ModelSchema,
    refuses=(INVALID_PARAMETER, OVERLOADED, MODEL_UNAVAILABLE, OUT_OF_TIME),
    operationId="get_model",
    responses={"304": {"description": "Not modified since the `ETag` in `If-None-Match`"}},
)
def describe(model: str | None) -> Description:
    """Describe a model, which is loaded if it has not been."""
    return state().models.get(model, deadline).about


@blueprint.operation("GET", "/v1/models", returns=ModelsSchema, operationId="get_models")
def describe_all() -> dict[str, object]:
    """List the models that the parameter `model` may name. None is loaded for it."""
    models = state().models
    listed = [
        {"name": name, "default": name == models.default, "loaded": models.is_loaded(name)}
        for name in models.names
    ]
    return {"default": models.default, "models": listed}
