"""Every setting: what it is called in the environment, what it may be, and what it is for.

``python -m service.settings`` prints the README's table.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError
from marshmallow import fields as ma
from marshmallow.validate import Length, OneOf, Range, Regexp

from service.cores import usable_cores

CORES_A_WORKER = 4
"""Cores that one process keeps busy: docs/performance.md has what was measured."""

MODELS = Path(__file__).parent.parent / "models"
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_OTEL = "opentelemetry.exporter.otlp.proto.http"


class SettingError(Exception):
    """A variable of the environment has a wrong value; the message says all in one line."""


def _whole(least: int, most: int) -> ma.Integer:
    allowed = f"Must be a whole number from {least} to {most}."
    return ma.Integer(
        validate=Range(least, most, error=allowed), error_messages={"invalid": allowed}
    )


def _extra_for_traces(endpoint: str) -> None:
    if endpoint and find_spec(f"{_OTEL}.trace_exporter") is None:
        raise ValidationError("Needs packages that are not installed: pip install '.[otel]'.")


def _setting(kind: ma.Field[Any], default: Any, says: str, shown: str = "") -> Any:
    """A field of :class:`Settings`.

    Args:
        kind: reads and checks the variable.
        default: its value when the variable is not set, or what finds it out.
        says: its line in the README.
        shown: the default as the README puts it, where that is found out at the start.
    """
    metadata = {"kind": kind, "says": says, "shown": shown or f"`{default}`"}
    if callable(default):
        return field(default_factory=default, metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Settings:
    """The settings of a service. Each is read from the variable of its name in capitals."""

    host: str = _setting(
        ma.String(validate=Length(min=1, error="Must not be empty.")),
        "0.0.0.0",  # noqa: S104  a container's port is published by whoever runs it
        "Address to listen on.",
    )
    port: int = _setting(_whole(1, 65535), 8000, "Port to listen on.")
    workers: int = _setting(
        _whole(1, 256),
        lambda: math.ceil(usable_cores() / CORES_A_WORKER),
        "Worker processes. Each holds the model, and keeps its part of the cores busy.",
        f"one for every {CORES_A_WORKER} usable cores",
    )
    threads: int = _setting(
        _whole(8, 1024),
        128,
        "Requests that a worker takes on at once. Three quarters of them may wait for their turn; "
        "a quarter may be streams.",
    )
    queue_tokens: int = _setting(
        _whole(1024, 1024**3),
        8192,
        "Tokens that may wait for each core: one to three seconds of its work, some fifteen "
        "articles. From there on, articles are refused with a 503.",
    )
    request_timeout: int = _setting(
        _whole(1, 86400),
        300,
        "Seconds that a request, or a line of a stream, may take; then its work is stopped. A "
        "caller can ask for less with `X-Request-Timeout`.",
    )
    enrich_model: str = _setting(
        ma.String(validate=Length(min=1, error="Must not be empty.")),
        "enrich-en-small",
        "The model bundle: the name of a folder in `models/`, or the path of one elsewhere.",
    )
    max_body_bytes: int = _setting(
        _whole(1024, 1024**3),
        4 * 1024**2,
        "Largest request body. The default takes an article of more than 600,000 words.",
    )
    max_batch: int = _setting(
        _whole(1, 10_000),
        100,
        "Most articles in one JSON batch. Lines of application/x-ndjson are not counted.",
    )
    cache_bytes: int = _setting(
        _whole(0, 1024**4),
        64 * 1024**2,
        "Memory in each worker for enrichments, so that an article that comes again is answered at "
        "once. `0` turns all caching off.",
    )
    cache_url: str = _setting(
        ma.String(
            validate=Regexp(
                r"((rediss?|unix)://\S+)?\Z",
                error="Must begin with redis://, rediss:// or unix://.",
            )
        ),
        "",
        "A Redis to keep enrichments in as well, for all replicas: `redis://host:6379/0`.",
        "none",
    )
    otel_exporter_otlp_endpoint: str = _setting(
        ma.String(
            validate=[
                Regexp(r"(https?://\S+)?\Z", error="Must begin with http:// or https://."),
                _extra_for_traces,
            ]
        ),
        "",
        "Where traces go, by OTLP over HTTP: `http://collector:4318`. Needs the extra `otel`.",
        "none",
    )
    log_level: str = _setting(
        ma.String(validate=OneOf(LOG_LEVELS, error="Must be one of {choices}.")),
        "INFO",
        f"Least important messages to log: {', '.join(f'`{level}`' for level in LOG_LEVELS)}.",
    )
    graceful_timeout: int = _setting(
        _whole(1, 3600), 30, "Seconds that requests in flight are given to finish at the end."
    )

    @property
    def cores(self) -> int:
        """Cores that each worker keeps busy."""
        return math.ceil(usable_cores() / self.workers)

    @property
    def model_folder(self) -> Path:
        """Where the model bundle is."""
        return MODELS / self.enrich_model  # a path from the root replaces what stands before it


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings that ``environment`` asks for.

    Raises:
        SettingError: a variable has a value that it cannot have.
    """
    kinds = {f.name.upper(): f.metadata["kind"] for f in fields(Settings)}
    try:
        values = Schema.from_dict(kinds)().load(environment, unknown=EXCLUDE)
    except ValidationError as error:
        name, (reason, *_) = next(iter(error.messages_dict.items()))
        raise SettingError(f"{name}={environment[name]!r}: {reason}") from None
    return Settings(**{name.lower(): value for name, value in values.items()})


def markdown() -> str:
    """The settings as a Markdown table."""
    rows = ["| variable | default | what it is |", "|---|---|---|"]
    for each in fields(Settings):
        rows.append(
            f"| `{each.name.upper()}` | {each.metadata['shown']} | {each.metadata['says']} |"
        )
    return "\n".join(rows)


if __name__ == "__main__":
    print(markdown())
