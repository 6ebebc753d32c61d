"""``GET /v1/model`` and ``GET /v1/models``: the models of the server."""

from __future__ import annotations

from service.api.blueprint import Blueprint
from service.api.context import get_app_context
from service.api.deadlines import deadline
from service.api.problem_types import ProblemType
from service.api.schemas.models import ModelSchema, ModelsSchema
from service.api.schemas.request import ModelChoiceSchema

blueprint = Blueprint("model", __name__, description="The models of the server.")


@blueprint.operation(
    "GET",
    "/v1/model",
    query=ModelChoiceSchema,
    returns=ModelSchema,
    problems=(
        ProblemType.INVALID_PARAMETER,
        ProblemType.OVERLOADED,
        ProblemType.MODEL_UNAVAILABLE,
        ProblemType.OUT_OF_TIME,
    ),
    operationId="get_model",
    responses={"304": {"description": "Not modified since the `ETag` in `If-None-Match`"}},
)
def describe(model: str | None) -> dict[str, object]:
    """Describe a model, the knowledge base and the lists. Loads the model if it never was."""
    context = get_app_context()
    info = context.models.describe(model, deadline)
    lists = context.watchlists.lists
    return {**vars(info), "knowledge": context.linker.identity, "lists": lists}


@blueprint.operation("GET", "/v1/models", returns=ModelsSchema, operationId="get_models")
def describe_all() -> dict[str, object]:
    """List the values of the parameter `model`. No model is loaded."""
    models = get_app_context().models
    listed = [
        {"name": name, "default": name == models.default, "loaded": models.is_loaded(name)}
        for name in models.names
    ]
    return {"default": models.default, "models": listed}
