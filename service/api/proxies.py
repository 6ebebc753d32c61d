"""Takes the address, the scheme and the host of a request from proxies that are trusted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from werkzeug.middleware.proxy_fix import ProxyFix

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class TrustedProxies:
    """A WSGI middleware for requests that come through proxies.

    The address is the last one in ``X-Forwarded-For`` that is not a proxy's: what a client has
    written there itself comes before it.

    Args:
        application: receives the corrected request.
        networks: of the proxies.
    """

    def __init__(self, application: Application, networks: Sequence[str]) -> None:
        self._application = application
        self._forwarded = ProxyFix(application, x_for=0, x_proto=1, x_host=1)
        self._networks = [ip_network(network) for network in networks]

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Handle a request."""
        address = _parse(environ.get("REMOTE_ADDR", ""))
        if address is None or not self._is_proxy(address):
            return self._application(environ, start_response)
        for sent in reversed(environ.get("HTTP_X_FORWARDED_FOR", "").split(",")):
            forwarded = _parse(sent.strip())
            if forwarded is None:
                break
            address = forwarded
            if not self._is_proxy(address):
                break
        environ["REMOTE_ADDR"] = str(address)
        return self._forwarded(environ, start_response)

    def _is_proxy(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self._networks)


def _parse(address: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed
