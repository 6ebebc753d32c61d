"""``GET /healthz``, ``/readyz`` and ``/metrics``: for whoever watches over the process."""

from __future__ import annotations

from flask import Response, request

from service.api.blueprint import Blueprint
from service.api.context import state
from service.api.problem_types import NOT_READY
from service.api.problems import Problem
from service.api.schemas.response import HealthSchema
from service.observability.prometheus_export import exposition

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


@blueprint.operation(
    "GET",
    "/metrics",
    returns=None,
    operationId="get_metrics",
    responses={
        "200": {
            "description": "OK",
            "content": {
                media_type: {"schema": {"type": "string"}}
                for media_type in ("text/plain", "application/openmetrics-text")
            },
        }
    },
)
def metrics() -> Response:
    """Tell the metrics of all workers together, in the format of Prometheus or OpenMetrics."""
    body, media_type = exposition(request.headers.get("Accept", ""))
    return Response(body, content_type=media_type, headers={"Cache-Control": "no-store"})
