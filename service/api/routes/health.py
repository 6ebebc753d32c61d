"""``GET /healthz``, ``GET /readyz`` and ``GET /metrics``, for monitoring."""

from __future__ import annotations

from flask import Response, request

from service.api.blueprint import Blueprint
from service.api.context import get_app_context
from service.api.problem_types import ProblemType
from service.api.problems import Problem
from service.api.schemas.models import HealthSchema
from service.observability.prometheus_export import exposition

blueprint = Blueprint("health", __name__, description="Health and metrics, for monitoring.")


@blueprint.operation("GET", "/healthz", returns=HealthSchema, operationId="get_health")
def health() -> dict[str, str]:
    """Report that the process is alive."""
    return {"status": "ok"}


@blueprint.operation(
    "GET",
    "/readyz",
    returns=HealthSchema,
    problems=(ProblemType.NOT_READY,),
    operationId="get_readiness",
)
def readiness() -> dict[str, str]:
    """Report whether the default model is loaded and has run once."""
    if not get_app_context().warm.is_set():
        raise Problem(ProblemType.NOT_READY, "The model has not run yet.")
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
    """Export the metrics of all workers in the format of Prometheus or OpenMetrics."""
    body, media_type = exposition(request.headers.get("Accept", ""))
    return Response(body, content_type=media_type, headers={"Cache-Control": "no-store"})
