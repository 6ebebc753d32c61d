"""Requires API keys: finds the key of a request, and checks its scope."""

from __future__ import annotations

from flask import Flask, Response, request

from service.access.api_key import ApiKey
from service.access.keyring import Keyring
from service.api.context import get_request_context
from service.api.problem_types import ProblemType
from service.api.problems import Problem
from service.api.scopes import OPEN_ROUTES, ROUTE_SCOPES
from service.observability import metrics

_REALM = 'Bearer realm="article-enrichment"'


def require_keys(app: Flask, keyring: Keyring) -> None:
    """Make ``app`` reject requests without a key of ``keyring``, except for open routes.

    Raises:
        ValueError: a route has no scope, and is not declared open either.
    """
    rules = {rule.rule for rule in app.url_map.iter_rules()}
    if undeclared := rules - ROUTE_SCOPES.keys() - OPEN_ROUTES:
        raise ValueError(f"routes without a scope: {undeclared}")

    def check_key() -> None:
        rule = request.url_rule
        if rule is None or rule.rule in OPEN_ROUTES:
            return
        context = get_request_context()
        key = _identify(keyring)
        context.key = key
        scope = ROUTE_SCOPES[rule.rule]
        if scope not in key.scopes:
            challenge = f'{_REALM}, error="insufficient_scope", scope="{scope}"'
            detail = f"The API key {key.id} does not have the scope {scope}."
            raise Problem(
                ProblemType.MISSING_SCOPE, detail, headers={"WWW-Authenticate": challenge}
            )

    app.before_request(check_key)
    app.after_request(_finish)


def _identify(keyring: Keyring) -> ApiKey:
    """The valid key of the current request.

    Raises:
        Problem: there is none.
    """
    sent = _sent_secrets()
    if not sent:
        detail = "The request has no API key; send it in Authorization: Bearer or X-API-Key."
        raise _unauthorized(detail, _REALM)
    if len(sent) > 1:
        raise _unauthorized("The request has two different API keys.")
    key = keyring.find(sent.pop())
    if key is None:
        raise _unauthorized("The API key is not known.")
    if key.expired:
        get_request_context().expired_key = key.id
        raise _unauthorized(f"The API key {key.id} expired at {key.expires}.")
    return key


def _sent_secrets() -> set[str]:
    secrets = set(request.headers.getlist("X-API-Key"))
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        secrets.add(credentials.strip())
    return secrets - {""}


def _unauthorized(detail: str, challenge: str = f'{_REALM}, error="invalid_token"') -> Problem:
    return Problem(ProblemType.INVALID_KEY, detail, headers={"WWW-Authenticate": challenge})


def _finish(response: Response) -> Response:
    """Keep caches from storing responses that require a key, and count the request."""
    key = get_request_context().key
    if key is not None:
        metrics.key_used(key.id, response.status_code)
        response.cache_control.no_store = True
    return response
