"""The settings of the service, read from environment variables.

``python -m service.config.settings`` prints them as the Markdown table of the documentation.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from marshmallow import EXCLUDE, Schema, ValidationError
from marshmallow import fields as ma
from marshmallow.validate import Length, OneOf, Range, Regexp

from service.config.cpu import usable_cores
from service.config.validation import ENTITY_TYPE, LANGUAGE, POLARITY, first_error

MAX_PASSES = 4
"""Encoder passes that a worker runs concurrently if the machine has as many cores, so that a long
article can use more than its worker's share of the cores while other workers are idle."""

MODELS = Path(__file__).parents[2] / "models"
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
SENTIMENT_INPUTS = ("sentence", "pair")
_OTLP_PACKAGE = "opentelemetry.exporter.otlp.proto.http"

_CHECKPOINT_OPTIONS = {
    "ner_labels": "ner_model",
    "sentiment_labels": "sentiment_model",
    "sentiment_input": "sentiment_model",
}
"""Setting → the setting that it requires."""

_SINGLE_MODEL_SETTINGS = (
    "enrich_model",
    "ner_model",
    "sentiment_model",
    "model_languages",
    *_CHECKPOINT_OPTIONS,
)
"""Settings that describe the only model; MODELS_FILE contains the same options for each model."""


class SettingError(Exception):
    """An environment variable or MODELS_FILE is invalid; the message is one line."""


def _integer(minimum: int, maximum: int) -> ma.Integer:
    message = f"Must be a whole number from {minimum} to {maximum}."
    return ma.Integer(
        validate=Range(minimum, maximum, error=message), error_messages={"invalid": message}
    )


class _LanguageCodes(ma.Field[tuple[str, ...]]):
    """Comma-separated language codes."""

    def _deserialize(self, value: str, *_: Any, **__: Any) -> tuple[str, ...]:
        codes = tuple(value.split(",")) if value else ()
        for code in codes:
            LANGUAGE(code)
        return codes


class _LabelMapping(ma.Field[tuple[tuple[str, str], ...]]):
    """Checkpoint labels mapped to entity types or polarities: ``LABEL=VALUE,LABEL=VALUE``.

    Args:
        validate_target: Validator of each text after an ``=``.
    """

    def __init__(self, validate_target: Callable[[str], str]) -> None:
        super().__init__()
        self._validate_target = validate_target

    def _deserialize(self, value: str, *_: Any, **__: Any) -> tuple[tuple[str, str], ...]:
        pairs = [pair.rpartition("=") for pair in value.split(",")] if value else []
        for label, _equals, target in pairs:
            if not label:
                raise ValidationError("Must be LABEL=VALUE pairs, separated by commas.")
            self._validate_target(target)
        if len({label for label, _equals, _target in pairs}) < len(pairs):
            raise ValidationError("Must not contain a label twice.")
        return tuple((label, target) for label, _equals, target in pairs)


def _require_otlp_exporter(endpoint: str) -> None:
    if endpoint and find_spec(f"{_OTLP_PACKAGE}.trace_exporter") is None:
        raise ValidationError("Requires packages that are not installed: pip install '.[otel]'.")


def _setting(
    field_type: ma.Field[Any], default: Any, description: str, shown_default: str = ""
) -> Any:
    """Declare a field of :class:`Settings`.

    Args:
        field_type: Parses and validates the variable.
        default: Value if the variable is not set, or a function that computes it.
        description: Text of the documentation's table.
        shown_default: The default as the table shows it, if not the value itself.
    """
    metadata = {
        "field_type": field_type,
        "description": description,
        "shown_default": shown_default or f"`{default}`",
    }
    if callable(default):
        return field(default_factory=default, metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Settings:
    """Settings of a server, each from the environment variable of its name in capitals."""

    host: str = _setting(
        ma.String(validate=Length(min=1, error="Must not be empty.")),
        "0.0.0.0",  # noqa: S104  in a container, the published port limits who can connect
        "Address to listen on.",
    )
    port: int = _setting(_integer(1, 65535), 8000, "Port to listen on.")
    workers: int = _setting(
        _integer(1, 256),
        usable_cores,
        "Number of worker processes. Each loads the model and has its own queue.",
        "number of usable cores",
    )
    threads: int = _setting(
        _integer(8, 1024),
        128,
        "Requests that a worker handles concurrently. At most three quarters of them can wait in "
        "the queue, and at most a quarter can be streams.",
    )
    queue_tokens: int = _setting(
        _integer(1024, 1024**3),
        8192,
        "Tokens that can be queued per core. The default is about 15 articles, or one to three "
        "seconds of work. When the queue is full, requests are rejected with status 503.",
    )
    request_timeout: int = _setting(
        _integer(1, 86400),
        300,
        "Maximum time in seconds for a request, or for a line of a stream. A request can set a "
        "shorter time with the `X-Request-Timeout` header.",
    )
    enrich_model: str = _setting(
        ma.String(validate=Length(min=1, error="Must not be empty.")),
        "enrich-en-small",
        "Model bundle: the name of a folder in `models/`, or a path.",
    )
    ner_model: str = _setting(
        ma.String(),
        "",
        "Checkpoint for named entity recognition, in place of the bundle's: a path, or the id of a "
        "checkpoint pulled from the hub, `owner/name` or `owner/name@revision`.",
        "none",
    )
    sentiment_model: str = _setting(
        ma.String(),
        "",
        "Checkpoint for sentiment, in place of the bundle's: a path or an id, as for NER_MODEL.",
        "none",
    )
    model_languages: tuple[str, ...] = _setting(
        _LanguageCodes(),
        (),
        "ISO 639-1 codes of the languages that the checkpoints support, such as `de,fr`.",
        "from their model cards",
    )
    ner_labels: tuple[tuple[str, str], ...] = _setting(
        _LabelMapping(ENTITY_TYPE),
        (),
        "Entity types for labels of NER_MODEL, such as `PER=PERSON,LOC=LOCATION`. Spans of a label "
        "that is mapped to `O` are ignored.",
        "derived from the labels",
    )
    sentiment_labels: tuple[tuple[str, str], ...] = _setting(
        _LabelMapping(POLARITY),
        (),
        "Polarities (`negative`, `neutral`, `positive`) for labels of SENTIMENT_MODEL, such as "
        "`LABEL_0=negative,LABEL_1=positive`.",
        "derived from the labels",
    )
    sentiment_input: Literal["sentence", "pair"] = _setting(
        ma.String(validate=OneOf(SENTIMENT_INPUTS, error="Must be one of {choices}.")),
        "sentence",
        "Input of SENTIMENT_MODEL: a `sentence`, or a `pair` of a sentence and a name in it.",
    )
    model_store: str = _setting(
        ma.String(validate=Length(min=1, error="Must not be empty.")),
        str(MODELS / "hub"),
        "Folder of the checkpoints pulled from the hub.",
        "`models/hub`",
    )
    models_file: str = _setting(
        ma.String(),
        "",
        "YAML file with several models. A request selects one with `model=NAME`. Replaces the "
        "settings from ENRICH_MODEL to SENTIMENT_INPUT.",
        "none",
    )
    models_memory: int = _setting(
        _integer(1, 1024**4),
        2 * 1024**3,
        "With MODELS_FILE: bytes of model files that a worker keeps loaded. The default model "
        "always stays loaded; of the others, the least recently used are unloaded first.",
    )
    max_body_bytes: int = _setting(
        _integer(1024, 1024**3),
        4 * 1024**2,
        "Maximum size of a request body. The default fits an article of more than 600,000 words.",
    )
    max_batch: int = _setting(
        _integer(1, 10_000),
        100,
        "Maximum number of articles in a JSON batch. Does not limit the lines of an "
        "`application/x-ndjson` stream.",
    )
    cache_bytes: int = _setting(
        _integer(0, 1024**4),
        64 * 1024**2,
        "Memory per worker for cached enrichments. `0` disables all caching.",
    )
    cache_url: str = _setting(
        ma.String(
            validate=Regexp(
                r"((rediss?|unix)://\S+)?\Z",
                error="Must begin with redis://, rediss:// or unix://.",
            )
        ),
        "",
        "Redis for a second cache that replicas share, such as `redis://host:6379/0`.",
        "none",
    )
    otel_exporter_otlp_endpoint: str = _setting(
        ma.String(
            validate=[
                Regexp(r"(https?://\S+)?\Z", error="Must begin with http:// or https://."),
                _require_otlp_exporter,
            ]
        ),
        "",
        "Collector that receives traces by OTLP over HTTP, such as `http://collector:4318`. "
        "Requires the extra `otel`.",
        "none",
    )
    log_level: str = _setting(
        ma.String(validate=OneOf(LOG_LEVELS, error="Must be one of {choices}.")),
        "INFO",
        f"Minimum level of log messages: {', '.join(f'`{level}`' for level in LOG_LEVELS)}.",
    )
    graceful_timeout: int = _setting(
        _integer(1, 3600),
        30,
        "Seconds that requests in flight have to finish when the server shuts down.",
    )

    @property
    def cores(self) -> int:
        """Cores per worker."""
        return math.ceil(usable_cores() / self.workers)

    @property
    def passes(self) -> int:
        """Encoder passes that each worker runs concurrently."""
        return max(self.cores, min(usable_cores(), MAX_PASSES))

    @property
    def model_folder(self) -> Path:
        """Folder of the model bundle."""
        return MODELS / self.enrich_model  # an absolute path replaces MODELS


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from environment variables.

    Raises:
        SettingError: A variable has an invalid value, or two variables contradict each other.
    """
    field_types = {f.name.upper(): f.metadata["field_type"] for f in fields(Settings)}
    try:
        values = Schema.from_dict(field_types)().load(environment, unknown=EXCLUDE)
    except ValidationError as error:
        (name, *_), message = first_error(error)
        raise SettingError(f"{name}={environment[str(name)]!r}: {message}") from None
    settings = Settings(**{name.lower(): value for name, value in values.items()})
    _check_combinations(settings)
    return settings


def _check_combinations(settings: Settings) -> None:
    changed = [
        name
        for name in _SINGLE_MODEL_SETTINGS
        if getattr(settings, name) != getattr(Settings, name)
    ]
    if settings.models_file and changed:
        raise SettingError(
            f"{changed[0].upper()} cannot be combined with MODELS_FILE; set it in the file instead."
        )
    for name, checkpoint in _CHECKPOINT_OPTIONS.items():
        if name in changed and checkpoint not in changed:
            raise SettingError(f"{name.upper()} requires {checkpoint.upper()}, which is not set.")


def markdown() -> str:
    """Return the settings as a Markdown table."""
    rows = ["| variable | default | description |", "|---|---|---|"]
    for setting in fields(Settings):
        name, metadata = setting.name.upper(), setting.metadata
        rows.append(f"| `{name}` | {metadata['shown_default']} | {metadata['description']} |")
    return "\n".join(rows)


if __name__ == "__main__":
    print(markdown())
