"""``GET /healthz`` and ``GET /readyz``: for whoever watches over the process."""

from __future__ import annotations

from service.api.contract import Blueprint
from service.api.kinds import NOT_READY
from service.api.problems import Problem
from service.api.response_schemas import HealthSchema
from service.api.state import state

blueprint = Blueprint("health", __name__, description="For whoever watches over the process.")


@blueprint.operation("GET", "/healthz", returns=HealthSchema, operationId="get_health")
def health() -> dict[str, str]:
    """Say whether the process is alive."""
    return {"status": "ok"}


@blueprint.operation(
    "GET", "/readyz", returns=HealthSchema, refuses=(NOT_READY,), operationId="get_readiness"
)
def readiness() -> dict[str, str]:
    """Say whether the model is loaded and has been run once."""
    if not state().warm.is_set():
        raise Problem(NOT_READY, "The model has not been run yet.")
    return {"status": "ready"}
