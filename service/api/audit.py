"""The audit log: one line for each refused or privileged action, to be kept longer.

A line names who, what and how it ended: the id of a key, an address, a route, a problem type. It
has nothing that a caller wrote freely.
"""

from __future__ import annotations

import logging
from http import HTTPStatus

from flask import Flask, Response, request

from service.api.context import get_request_context
from service.api.request_hooks import known_method
from service.api.scopes import ROUTE_SCOPES

_REFUSALS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS)
_PRIVILEGED = ("metrics", "docs")
_log = logging.getLogger("service.audit")


def audit(app: Flask, admin_port: int) -> None:
    """Make ``app`` log refused and privileged requests.

    Privileged are requests that require a scope of operators, and all on the second port.

    Args:
        app: one with request hooks.
        admin_port: the second port; 0 if there is none.
    """

    def record(response: Response) -> Response:
        scope = ROUTE_SCOPES.get(get_request_context().route or "")
        on_admin_port = admin_port and request.environ["SERVER_PORT"] == str(admin_port)
        if response.status_code in _REFUSALS:
            _write("refused", response.status_code)
        elif scope in _PRIVILEGED or on_admin_port:
            _write("privileged", response.status_code)
        return response

    app.after_request(record)


def _write(event: str, status: int) -> None:
    context = get_request_context()
    _log.info(
        "%s: %s %s %d",
        event,
        known_method(),
        context.route,
        status,
        extra={
            "event": event,
            "request_id": context.request_id,
            "remote": request.remote_addr,
            "key": context.key.id if context.key else context.expired_key,
            "method": known_method(),
            "route": context.route,
            "status": status,
            "problem": context.problem,
        },
    )
