"""The settings of the service, read from environment variables.

``python -m service.config.settings`` prints them as the Markdown table of the documentation.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

from marshmallow import EXCLUDE, Schema, ValidationError
from marshmallow import fields as ma
from marshmallow.validate import Length, OneOf, Regexp

from service.config.access_settings import AccessSettings
from service.config.cpu import usable_cores
from service.config.setting_fields import (
    REDIS_URL,
    LabelMapping,
    LanguageCodes,
    integer,
    require_otlp_exporter,
    setting,
)
from service.config.validation import ENTITY_TYPE, POLARITY, first_error

MAX_CORES = 4
"""Cores that a worker uses at the same time if the machine has as many, so that a long article can
use more than its worker's share of them while other workers are idle."""

MODELS = Path(__file__).parents[2] / "models"
KNOWLEDGE = MODELS / "knowledge/knowledge.sqlite"
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
SENTIMENT_INPUTS = ("sentence", "pair")

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


@dataclass(frozen=True)
class Settings(AccessSettings):
    """Settings of a server, each from the environment variable of its name in capitals."""

    workers: int = setting(
        integer(1, 256),
        usable_cores,
        "Number of worker processes. Each loads the model and has its own queue.",
        "number of usable cores",
    )
    threads: int = setting(
        integer(8, 1024),
        128,
        "Requests that a worker handles concurrently. At most three quarters of them can wait in "
        "the queue, and at most a quarter can be streams.",
    )
    queue_tokens: int = setting(
        integer(1024, 1024**3),
        8192,
        "Tokens that can be queued per core. The default is about 15 articles, or one to three "
        "seconds of work. When the queue is full, requests are rejected with status 503.",
    )
    request_timeout: int = setting(
        integer(1, 86400),
        300,
        "Maximum time in seconds for a request, or for a line of a stream. A request can set a "
        "shorter time with the `X-Request-Timeout` header.",
    )
    enrich_model: str = setting(
        ma.String(validate=Length(min=1, error="Must not be empty.")),
        "enrich-en-small",
        "Model bundle: the name of a folder in `models/`, or a path.",
    )
    ner_model: str = setting(
        ma.String(),
        "",
        "Checkpoint for named entity recognition, in place of the bundle's: a path, or the id of a "
        "checkpoint pulled from the hub, `owner/name` or `owner/name@revision`.",
        "none",
    )
    sentiment_model: str = setting(
        ma.String(),
        "",
        "Checkpoint for sentiment, in place of the bundle's: a path or an id, as for NER_MODEL.",
        "none",
    )
    model_languages: tuple[str, ...] = setting(
        LanguageCodes(),
        (),
        "ISO 639-1 codes of the languages that the checkpoints support, such as `de,fr`.",
        "from their model cards",
    )
    ner_labels: tuple[tuple[str, str], ...] = setting(
        LabelMapping(ENTITY_TYPE),
        (),
        "Entity types for labels of NER_MODEL, such as `PER=PERSON,LOC=LOCATION`. Spans of a label "
        "that is mapped to `O` are ignored.",
        "derived from the labels",
    )
    sentiment_labels: tuple[tuple[str, str], ...] = setting(
        LabelMapping(POLARITY),
        (),
        "Polarities (`negative`, `neutral`, `positive`) for labels of SENTIMENT_MODEL, such as "
        "`LABEL_0=negative,LABEL_1=positive`.",
        "derived from the labels",
    )
    sentiment_input: Literal["sentence", "pair"] = setting(
        ma.String(validate=OneOf(SENTIMENT_INPUTS, error="Must be one of {choices}.")),
        "sentence",
        "Input of SENTIMENT_MODEL: a `sentence`, or a `pair` of a sentence and a name in it.",
    )
    model_store: str = setting(
        ma.String(validate=Length(min=1, error="Must not be empty.")),
        str(MODELS / "hub"),
        "Folder of the checkpoints pulled from the hub.",
        "`models/hub`",
    )
    models_file: str = setting(
        ma.String(),
        "",
        "YAML file with several models. A request selects one with `model=NAME`. Replaces the "
        "settings from ENRICH_MODEL to SENTIMENT_INPUT.",
        "none",
    )
    models_memory: int = setting(
        integer(1, 1024**4),
        2 * 1024**3,
        "With MODELS_FILE: bytes of model files that a worker keeps loaded. The default model "
        "always stays loaded; of the others, the least recently used are unloaded first.",
    )
    watchlists: str = setting(
        ma.String(),
        "",
        "Folder with lists of names that `features=links` finds and links: CSV, JSON lines or "
        "YAML; or one such file. Read again on SIGHUP.",
        "none",
    )
    max_body_bytes: int = setting(
        integer(1024, 1024**3),
        4 * 1024**2,
        "Maximum size of a request body. The default fits an article of more than 600,000 words.",
    )
    max_batch: int = setting(
        integer(1, 10_000),
        100,
        "Maximum number of articles in a JSON batch. Does not limit the lines of an "
        "`application/x-ndjson` stream.",
    )
    cache_bytes: int = setting(
        integer(0, 1024**4),
        64 * 1024**2,
        "Memory per worker for cached enrichments. `0` disables all caching.",
    )
    cache_url: str = setting(
        ma.String(validate=REDIS_URL),
        "",
        "Redis for a second cache that replicas share, such as `redis://host:6379/0`. They also "
        "need the same CACHE_SECRET.",
        "none",
        secret=True,
    )
    cache_secret: str = setting(
        ma.String(
            validate=Regexp(r"(\S{16,})?\Z", error="Must have at least 16 characters, no spaces.")
        ),
        "",
        "Authenticates the entries of the Redis, so that nobody who can write to it can forge an "
        "enrichment. Without it, each start of a server begins with an empty Redis cache.",
        "random at each start",
        secret=True,
    )
    spool_bytes: int = setting(
        integer(1024**2, 1024**4),
        256 * 1024**2,
        "Disk space for the waiting lines of all streams, in the folder of temporary files. When "
        "it is used up, clients have to wait before they can send more.",
    )
    otel_exporter_otlp_endpoint: str = setting(
        ma.String(
            validate=[
                Regexp(r"(https?://\S+)?\Z", error="Must begin with http:// or https://."),
                require_otlp_exporter,
            ]
        ),
        "",
        "Collector that receives traces by OTLP over HTTP, such as `http://collector:4318`. "
        "Requires the extra `otel`.",
        "none",
    )
    log_level: str = setting(
        ma.String(validate=OneOf(LOG_LEVELS, error="Must be one of {choices}.")),
        "INFO",
        f"Minimum level of log messages: {', '.join(f'`{level}`' for level in LOG_LEVELS)}.",
    )
    graceful_timeout: int = setting(
        integer(1, 3600),
        30,
        "Seconds that requests in flight have to finish when the server shuts down.",
    )

    @property
    def cores(self) -> int:
        """Cores per worker."""
        return math.ceil(usable_cores() / self.workers)

    @property
    def most_cores(self) -> int:
        """Most cores that each worker uses at the same time."""
        return max(self.cores, min(usable_cores(), MAX_CORES))

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
        secret = {f.name.upper(): f.metadata["secret"] for f in fields(Settings)}[str(name)]
        shown = "(not shown)" if secret else repr(environment[str(name)])
        raise SettingError(f"{name}={shown}: {message}") from None
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
    exposed = (settings.expose_metrics, settings.expose_docs, settings.expose_page)
    if "admin" in exposed and not settings.admin_port:
        raise SettingError("`admin` requires ADMIN_PORT, which is not set.")
    if settings.admin_port == settings.port:
        raise SettingError(f"ADMIN_PORT={settings.port} is the same as PORT.")
    if not settings.tls_certificate and (settings.tls_key or settings.tls_client_ca):
        raise SettingError("TLS_KEY and TLS_CLIENT_CA require TLS_CERTIFICATE, which is not set.")
    if settings.limits_url and not (settings.limits or settings.api_keys_file):
        raise SettingError("LIMITS_URL requires LIMITS or API_KEYS_FILE, neither of which is set.")
    for name, checkpoint in _CHECKPOINT_OPTIONS.items():
        if name in changed and checkpoint not in changed:
            raise SettingError(f"{name.upper()} requires {checkpoint.upper()}, which is not set.")


def markdown() -> str:
    """Return the settings as a Markdown table."""
    rows = ["| variable | default | description |", "|---|---|---|"]
    for each in fields(Settings):
        name, metadata = each.name.upper(), each.metadata
        rows.append(f"| `{name}` | {metadata['shown_default']} | {metadata['description']} |")
    return "\n".join(rows)


if __name__ == "__main__":
    print(markdown())
