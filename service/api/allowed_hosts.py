"""Rejects requests for host names that are not this server's.

A page can give its own name the address of a server that only the browser reaches (DNS rebinding),
and is then of the same origin as the server.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask, request
from werkzeug.wsgi import get_host

_PROBES = frozenset({"/healthz", "/readyz"})
_METRICS = "/metrics"


def allow_hosts(app: Flask, hosts: Sequence[str], admin_port: int) -> None:
    """Make ``app`` answer 400 to requests whose ``Host`` is not in ``hosts``.

    Balancers, Kubernetes and Prometheus address a replica by its IP address. Probes, which reveal
    nothing, and the metrics on the second port are therefore exempt.

    Args:
        app: one with all routes.
        hosts: names without ports; a leading dot includes subdomains.
        admin_port: the second port; 0 if there is none.
    """
    trusted = list(hosts)

    def check_host() -> None:
        rule = request.url_rule.rule if request.url_rule else None
        # gunicorn sets SERVER_PORT to the port that the connection came to.
        internal = rule == _METRICS and request.environ["SERVER_PORT"] == str(admin_port)
        if rule not in _PROBES and not internal:
            get_host(request.environ, trusted)  # raises the 400

    app.before_request(check_host)
