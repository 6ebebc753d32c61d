"""The settings of access: where the server listens, and who may use it for what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from marshmallow import fields as ma
from marshmallow.validate import Length, OneOf

from service.config.setting_fields import (
    REDIS_URL,
    Hosts,
    NamedLimits,
    Networks,
    Origins,
    integer,
    setting,
)

LIMIT_NAMES = (
    "requests_per_minute",
    "tokens_per_minute",
    "tokens_per_day",
    "concurrent_requests",
    "concurrent_streams",
)
"""What can be limited for each caller."""


EXPOSURES = ("public", "admin", "off")
"""Where some paths are served: on both ports, on ADMIN_PORT only, or nowhere."""


def _exposure(paths: str) -> Any:
    return setting(
        ma.String(validate=OneOf(EXPOSURES, error="Must be one of {choices}.")),
        "public",
        f"Where {paths} served: `public` for both ports, `admin` for ADMIN_PORT only, or `off`.",
    )


@dataclass(frozen=True)
class AccessSettings:
    """The settings of access, each from the environment variable of its name in capitals."""

    host: str = setting(
        ma.String(validate=Length(min=1, error="Must not be empty.")),
        "0.0.0.0",  # noqa: S104  in a container, the published port limits who can connect
        "Address to listen on.",
    )
    port: int = setting(integer(1, 65535), 8000, "Port to listen on.")
    admin_port: int = setting(
        integer(0, 65535),
        0,
        "Second port, with all paths, for what the public must not reach.",
        "none",
    )
    expose_metrics: Literal["public", "admin", "off"] = _exposure("`/metrics` is")
    expose_docs: Literal["public", "admin", "off"] = _exposure("`/docs` and `/openapi.json` are")
    expose_page: Literal["public", "admin", "off"] = _exposure("the page `/` is")
    tls_certificate: str = setting(
        ma.String(), "", "PEM file with the certificate, and its chain, for HTTPS.", "none"
    )
    tls_key: str = setting(
        ma.String(), "", "PEM file with the private key of TLS_CERTIFICATE.", "in the same file"
    )
    tls_client_ca: str = setting(
        ma.String(),
        "",
        "PEM file with the authorities of client certificates. If set, clients need a certificate.",
        "none",
    )
    forwarded_allow_ips: tuple[str, ...] = setting(
        Networks(),
        (),
        "Addresses and networks of proxies, such as `10.0.0.0/8`, whose `X-Forwarded-For`, "
        "`X-Forwarded-Proto` and `X-Forwarded-Host` count; `*` for all.",
        "none",
    )
    cors_origins: tuple[str, ...] = setting(
        Origins(),
        (),
        "Origins of web pages, such as `https://news.example`, that may use the API in a browser.",
        "none",
    )
    allowed_hosts: tuple[str, ...] = setting(
        Hosts(),
        (),
        "Host names, without ports, that requests may have in `Host`; `.example.com` includes "
        "subdomains. Other requests are rejected with status 400, except for `/healthz`, `/readyz` "
        "and, on ADMIN_PORT, `/metrics`.",
        "all",
    )
    api_keys_file: str = setting(
        ma.String(),
        "",
        "File with the API keys of callers, in YAML or, with the suffix `.jsonl`, one JSON object "
        "a line. Read again when it changes. Without it, requests need no key.",
        "none",
    )
    cache_shared: bool = setting(
        ma.Boolean(error_messages={"invalid": "Must be true or false."}),
        False,
        "With API keys: whether keys share cached articles. The response time then reveals that "
        "another caller has sent an article.",
        "`false`",
    )
    limits: tuple[tuple[str, int], ...] = setting(
        NamedLimits(LIMIT_NAMES),
        (),
        "Limits of each API key, unless API_KEYS_FILE has others for it, or of each address if "
        f"there are no keys: {', '.join(f'`{name}`' for name in LIMIT_NAMES)}, such as "
        "`requests_per_minute=600,tokens_per_day=5000000`. Above them, requests are rejected with "
        "status 429.",
        "none",
    )
    limits_url: str = setting(
        ma.String(validate=REDIS_URL),
        "",
        "Redis in which all workers and replicas count together, such as `redis://host:6379/1`. "
        "Without it, each worker counts for itself.",
        "none",
        secret=True,
    )
