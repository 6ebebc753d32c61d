"""Every setting: what it is called in the environment, what it may be, and what it is for.

``python -m service.config.settings`` prints the README's table.
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

PASSES_ALONE = 4
"""Passes that a worker runs at the same time, where there are as many cores, so that a long article
has more than its worker's part of them while the others have nothing to do."""

MODELS = Path(__file__).parents[2] / "models"
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
SENTIMENT_INPUTS = ("sentence", "pair")
_OTEL = "opentelemetry.exporter.otlp.proto.http"

_OF_A_CHECKPOINT = {
    "ner_labels": "ner_model",
    "sentiment_labels": "sentiment_model",
    "sentiment_input": "sentiment_model",
}
_ONE_MODEL = (
    "enrich_model",
    "ner_model",
    "sentiment_model",
    "model_languages",
    *_OF_A_CHECKPOINT,
)
"""What says of which parts the only model is made; a MODELS_FILE says it of each of several."""

LANGUAGE = Regexp(
    r"[a-z]{2}\Z", error="'{input}' is not an ISO 639-1 code: two lower-case letters."
)
ENTITY_TYPE = Regexp(
    r"[A-Za-z][\w-]*\Z",
    error="'{input}' is not an entity type: a letter, then letters, digits, '-' and '_'.",
)
POLARITY = OneOf(("negative", "neutral", "positive"), error="'{input}' is not one of: {choices}.")


class SettingError(Exception):
    """A variable of the environment has a wrong value; the message says all in one line."""


def _whole(least: int, most: int) -> ma.Integer:
    allowed = f"Must be a whole number from {least} to {most}."
    return ma.Integer(
        validate=Range(least, most, error=allowed), error_messages={"invalid": allowed}
    )


class _Codes(ma.Field[tuple[str, ...]]):
    """Codes of languages, with commas between them."""

    def _deserialize(self, value: str, *_: Any, **__: Any) -> tuple[str, ...]:
        codes = tuple(value.split(",")) if value else ()
        for code in codes:
            LANGUAGE(code)
        return codes


class _Labels(ma.Field[tuple[tuple[str, str], ...]]):
    """Labels of a checkpoint and what each means: ``LABEL=TYPE,LABEL=TYPE``.

    Args:
        meaning: checks what stands behind each ``=``.
    """

    def __init__(self, meaning: Callable[[str], str]) -> None:
        super().__init__()
        self._meaning = meaning

    def _deserialize(self, value: str, *_: Any, **__: Any) -> tuple[tuple[str, str], ...]:
        pairs = [pair.rpartition("=") for pair in value.split(",")] if value else []
        for label, _equals, meaning in pairs:
            if not label:
                raise ValidationError("Must be LABEL=MEANING, with commas between several.")
            self._meaning(meaning)
        if len({label for label, _equals, _meaning in pairs}) < len(pairs):
            raise ValidationError("Must not have a label twice.")
        return tuple((label, meaning) for label, _equals, meaning in pairs)


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
        usable_cores,
        "Worker processes. Each holds the model, and has its part of the queue.",
        "one for each usable core",
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
    ner_model: str = _setting(
        ma.String(),
        "",
        "A checkpoint that finds the names instead: an id of the hub, `owner/name` or "
        "`owner/name@revision`, that has been pulled, or a folder.",
        "none",
    )
    sentiment_model: str = _setting(
        ma.String(),
        "",
        "Likewise one that tells the sentiment.",
        "none",
    )
    model_languages: tuple[str, ...] = _setting(
        _Codes(),
        (),
        "ISO 639-1 codes of the languages that these read: `de,fr`.",
        "what their cards say",
    )
    ner_labels: tuple[tuple[str, str], ...] = _setting(
        _Labels(ENTITY_TYPE),
        (),
        "Entity types for labels of NER_MODEL: `PER=PERSON,LOC=LOCATION`; `O` for none.",
        "derived",
    )
    sentiment_labels: tuple[tuple[str, str], ...] = _setting(
        _Labels(POLARITY),
        (),
        "`negative`, `neutral` or `positive` for labels of SENTIMENT_MODEL: "
        "`LABEL_0=negative,LABEL_1=positive`.",
        "derived",
    )
    sentiment_input: Literal["sentence", "pair"] = _setting(
        ma.String(validate=OneOf(SENTIMENT_INPUTS, error="Must be one of {choices}.")),
        "sentence",
        "What SENTIMENT_MODEL reads: a `sentence`, or a `pair` of a sentence and a name in it.",
    )
    model_store: str = _setting(
        ma.String(validate=Length(min=1, error="Must not be empty.")),
        str(MODELS / "hub"),
        "Folder of the checkpoints that have been pulled.",
        "`models/hub`",
    )
    models_file: str = _setting(
        ma.String(),
        "",
        "A file of YAML with several models, of which a request chooses one by `model=NAME`. It "
        "stands in place of the settings from ENRICH_MODEL to SENTIMENT_INPUT.",
        "none",
    )
    models_memory: int = _setting(
        _whole(1, 1024**4),
        2 * 1024**3,
        "With MODELS_FILE: bytes of model files that a worker keeps loaded at the same time. The "
        "default model always is; of the others, those used last.",
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
        """Each worker's part of the cores."""
        return math.ceil(usable_cores() / self.workers)

    @property
    def passes(self) -> int:
        """Passes of the encoder that each worker runs at the same time."""
        return max(self.cores, min(usable_cores(), PASSES_ALONE))

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
    settings = Settings(**{name.lower(): value for name, value in values.items()})
    _check_together(settings)
    return settings


def _check_together(settings: Settings) -> None:
    """See whether what is set makes sense beside what else is."""
    given = [name for name in _ONE_MODEL if getattr(settings, name) != getattr(Settings, name)]
    if settings.models_file and given:
        raise SettingError(
            f"{given[0].upper()} cannot be set beside MODELS_FILE: what it says goes into the file."
        )
    for name, model in _OF_A_CHECKPOINT.items():
        if name in given and model not in given:
            raise SettingError(f"{name.upper()} is about {model.upper()}, which is not set.")


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
