"""The settings of access: where the server listens, and who may use it for what."""

from __future__ import annotations

from dataclasses import dataclass

from marshmallow import fields as ma
from marshmallow.validate import Length

from service.config.setting_fields import Hosts, integer, setting


@dataclass(frozen=True)
class AccessSettings:
    """The settings of access, each from the environment variable of its name in capitals."""

    host: str = setting(
        ma.String(validate=Length(min=1, error="Must not be empty.")),
        "0.0.0.0",  # noqa: S104  in a container, the published port limits who can connect
        "Address to listen on.",
    )
    port: int = setting(integer(1, 65535), 8000, "Port to listen on.")
    allowed_hosts: tuple[str, ...] = setting(
        Hosts(),
        (),
        "Host names, without ports, that requests may have in `Host`; `.example.com` includes "
        "subdomains. Other requests are rejected with status 400.",
        "all",
    )
    api_keys_file: str = setting(
        ma.String(),
        "",
        "File with the API keys of callers, in YAML or, with the suffix `.jsonl`, one JSON object "
        "a line. Read again when it changes. Without it, requests need no key.",
        "none",
    )
