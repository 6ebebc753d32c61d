"""The models of a server: one from the settings, or several from a YAML file (MODELS_FILE)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from marshmallow import ValidationError, fields, validates_schema
from marshmallow.validate import Length, OneOf, Regexp

from service.config.settings import MODELS, SENTIMENT_INPUTS, SettingError, Settings
from service.config.validation import (
    ENTITY_TYPE,
    LANGUAGE,
    NOT_A_MAPPING,
    POLARITY,
    StrictSchema,
    describe_error,
    first_error,
    parse_yaml,
)
from service.inference.errors import ModelError
from service.inference.model_files import ModelSpec, check_model

DEFAULT_NAME = "default"
"""Name of the only model of a server without MODELS_FILE."""

_NAME = r"[a-z0-9._-]{1,64}\Z"


@dataclass(frozen=True)
class ModelsConfig:
    """The models of a server.

    Attributes:
        specs: Model name → its files and options, in the order of MODELS_FILE.
        default: Name of the model for requests that name none.
    """

    specs: Mapping[str, ModelSpec]
    default: str

    def select(self, name: str | None) -> ModelsConfig:
        """Return a configuration with one of the models.

        Args:
            name: Name of the model; ``None`` selects the default.

        Raises:
            SettingError: No model has this name.
        """
        name = name or self.default
        if name not in self.specs:
            raise SettingError(f"Unknown model '{name}'; known models: {', '.join(self.specs)}.")
        return ModelsConfig({name: self.specs[name]}, name)


@cache
def prepare_models_config(settings: Settings) -> tuple[ModelsConfig, Mapping[str, int]]:
    """Read the models configuration and check its models, once per process.

    The gunicorn arbiter calls this before it forks the workers, which inherit the result: all
    workers, replacements included, serve the same models even if MODELS_FILE is edited meanwhile.

    Returns:
        The configuration, and model name → bytes of its files.

    Raises:
        ModelError, SettingError: As for :func:`read_models_config` and :func:`check_models`.
    """
    config = read_models_config(settings)
    return config, check_models(config, settings)


def read_models_config(settings: Settings) -> ModelsConfig:
    """Return the models that the settings select.

    Raises:
        SettingError: MODELS_FILE cannot be read or is invalid.
    """
    if settings.models_file:
        return read_models_file(Path(settings.models_file))
    spec = ModelSpec(
        settings.model_folder,
        settings.ner_model,
        settings.sentiment_model,
        settings.model_languages,
        dict(settings.ner_labels) or None,
        dict(settings.sentiment_labels) or None,
        settings.sentiment_input,
    )
    return ModelsConfig({DEFAULT_NAME: spec}, DEFAULT_NAME)


def check_models(config: ModelsConfig, settings: Settings) -> dict[str, int]:
    """Check that all files of each model exist and that its memory suffices, without loading it.

    Returns:
        Model name → bytes of its files.

    Raises:
        ModelError: A model is missing or incomplete.
        SettingError: A model does not fit into MODELS_MEMORY beside the default model.
    """
    sizes = {}
    for name, spec in config.specs.items():
        try:
            sizes[name] = check_model(spec, Path(settings.model_store))
        except ModelError as error:
            if settings.models_file:
                raise ModelError(f"model {name} of {settings.models_file}: {error}") from None
            raise
    if len(sizes) > 1:
        _check_memory(sizes, config.default, settings.models_memory)
    return sizes


def _check_memory(sizes: dict[str, int], default: str, limit: int) -> None:
    for name, size in sizes.items():
        required = size if name == default else size + sizes[default]
        if required > limit:
            beside = "" if name == default else f" together with the default model {default}"
            raise SettingError(
                f"MODELS_MEMORY={limit}: model {name} needs {required} bytes{beside}; raise the "
                "limit or remove the model."
            )


def read_models_file(path: Path) -> ModelsConfig:
    """Read a models file. Relative paths in it are relative to its folder.

    Raises:
        SettingError: The file cannot be read or is invalid; the message names the location.
    """
    try:
        content = parse_yaml(path.read_bytes())
    except OSError as error:
        raise SettingError(f"MODELS_FILE={str(path)!r}: {error.strerror}.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingError(f"{path}: {describe_error(error)}") from None
    try:
        data = _ModelsFileSchema().load(content)
    except ValidationError as error:
        keys, message = first_error(error)
        location = ", ".join(map(str, keys))
        raise SettingError(f"{path}: {f'{location}: ' if location else ''}{message}") from None
    folder = path.absolute().parent
    specs = {name: _to_spec(model, folder) for name, model in data["models"].items()}
    return ModelsConfig(specs, data.get("default", next(iter(specs))))


def _to_spec(model: Mapping[str, Any], folder: Path) -> ModelSpec:
    bundle = model.get("bundle", Settings.enrich_model)
    local_bundle = folder / bundle
    return ModelSpec(
        bundle=local_bundle if local_bundle.is_dir() else MODELS / bundle,
        ner=_resolve_checkpoint(model.get("ner", ""), folder),
        sentiment=_resolve_checkpoint(model.get("sentiment", ""), folder),
        languages=tuple(model.get("languages", ())),
        ner_labels=model.get("ner_labels"),
        sentiment_labels=model.get("sentiment_labels"),
        sentiment_input=model.get("sentiment_input", Settings.sentiment_input),
    )


def _resolve_checkpoint(checkpoint: str, folder: Path) -> str:
    """Make a relative path absolute; leave the id of a hub checkpoint as it is."""
    is_path = checkpoint != "" and (checkpoint[0] in "./" or (folder / checkpoint).is_dir())
    return str(folder / checkpoint) if is_path else checkpoint


_NOT_TEXT = "Must be text; put it in quotes."


def _text(*validators: Any) -> fields.String:
    return fields.String(
        validate=[Length(min=1, error="Must not be empty."), *validators],
        error_messages={"invalid": _NOT_TEXT, "null": _NOT_TEXT},
    )


def _mapping(keys: fields.String, values: fields.Field[Any], **options: Any) -> fields.Dict:
    messages = {"invalid": NOT_A_MAPPING, "null": NOT_A_MAPPING, "required": "Is required."}
    return fields.Dict(keys, values, error_messages={**messages}, **options)


class _ModelSchema(StrictSchema):
    bundle = _text()
    ner = _text()
    sentiment = _text()
    languages = fields.List(
        _text(LANGUAGE), error_messages={"invalid": "Must be a list, such as [de, fr]."}
    )
    ner_labels = _mapping(_text(), _text(ENTITY_TYPE))
    sentiment_labels = _mapping(_text(), _text(POLARITY))
    sentiment_input = _text(OneOf(SENTIMENT_INPUTS, error="Must be one of {choices}."))

    @validates_schema
    def _check_dependencies(self, model: Mapping[str, Any], **_: Any) -> None:
        for option in ("ner_labels", "sentiment_labels", "sentiment_input"):
            checkpoint = option.partition("_")[0]
            if option in model and checkpoint not in model:
                raise ValidationError(f"Requires `{checkpoint}`, which is not given.", option)


class _ModelsFileSchema(StrictSchema):
    default = _text()
    models = _mapping(
        _text(
            Regexp(
                _NAME,
                error="Must consist of 1 to 64 lower-case letters, digits, '-', '_' and '.'.",
            )
        ),
        fields.Nested(
            _ModelSchema,
            error_messages={"null": "Must be a mapping; {{}} selects the embedded bundle."},
        ),
        required=True,
        validate=Length(min=1, error="Must contain at least one model."),
    )

    @validates_schema
    def _check_default(self, data: Mapping[str, Any], **_: Any) -> None:
        if data.get("default", "") not in ("", *data["models"]):
            names = ", ".join(data["models"])
            raise ValidationError(f"'{data['default']}' is not one of: {names}.", "default")
