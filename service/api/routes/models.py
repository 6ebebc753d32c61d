"""``GET /v1/model`` and ``/v1/models``: what the articles are read with."""

from __future__ import annotations

from service.api.blueprint import Blueprint
from service.api.context import state
from service.api.deadlines import deadline
from service.api.problem_types import INVALID_PARAMETER, MODEL_UNAVAILABLE, OUT_OF_TIME, OVERLOADED
from service.api.schemas.request import ModelChoiceSchema
from service.api.schemas.response import ModelSchema, ModelsSchema
from service.inference.model_info import ModelInfo

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
def describe(model: str | None) -> ModelInfo:
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
