"""The scope of an API key that each route requires."""

from __future__ import annotations

ROUTE_SCOPES = {
    "/v1/enrich": "enrich",
    "/v1/enrich/batch": "enrich",
    "/v1/model": "models",
    "/v1/models": "models",
    "/metrics": "metrics",
    "/openapi.json": "docs",
}
"""Route → a scope of :data:`service.access.api_key.SCOPES`."""

LIMITED_ROUTES = frozenset(
    route for route, scope in ROUTE_SCOPES.items() if scope in ("enrich", "models")
)
"""Routes whose requests count towards the limits of their callers."""

OPEN_ROUTES = frozenset(
    {
        "/healthz",
        "/readyz",
        "/problems/<slug>",
        # The pages themselves hold nothing that is worth a key, and a browser cannot send one when
        # it opens them. What they show, they fetch with the key that the user enters.
        "/",
        "/docs",
        "/docs/assets/<name>",
        "/docs/static/<path:filename>",
    }
)
"""Routes that require no key."""

BEARER, HEADER = "bearerKey", "headerKey"

SECURITY_SCHEMES = {
    BEARER: {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key in `Authorization: Bearer`. Servers without API keys need none.",
    },
    HEADER: {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "The same key in a header field of its own.",
    },
}
"""Name → how a key is sent, as OpenAPI describes it."""

SECURITY: list[dict[str, list[str]]] = [{BEARER: []}, {HEADER: []}, {}]
"""What an operation with a scope accepts. The last: a server may have no keys."""
