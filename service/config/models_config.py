"""MODELS_FILE: the models of one server, by name, in YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from marshmallow import RAISE, Schema, ValidationError, fields, validates_schema
from marshmallow.validate import Length, OneOf, Regexp

from service.config.settings import (
    ENTITY_TYPE,
    LANGUAGE,
    MODELS,
    POLARITY,
    SENTIMENT_INPUTS,
    SettingError,
    Settings,
)
from service.config.validation import parse_yaml
from service.inference.model_files import ModelSpec

NAME = r"[a-z0-9._-]{1,64}"
"""Names that a model may have, as a regular expression."""


@dataclass(frozen=True)
class ModelsConfig:
    """Which models a server has.

    Attributes:
        specs: name → what the model is made of; in their order.
        default: name of the one that is meant where none is named.
    """

    specs: Mapping[str, ModelSpec]
    default: str

    def only(self, name: str | None) -> ModelsConfig:
        """The plan of a server that has no other model than this.

        Args:
            name: of the model; ``None`` for the default.

        Raises:
            SettingError: there is none of that name.
        """
        name = name or self.default
        if name not in self.specs:
            raise SettingError(f"There is no model '{name}' here, only: {', '.join(self.specs)}.")
        return ModelsConfig({name: self.specs[name]}, name)


def read_models_file(path: Path) -> ModelsConfig:
    """The models that the file names. Relative paths in it are relative to its folder.

    Raises:
        SettingError: it cannot be read, or something in it makes no sense; says where.
    """
    try:
        content = parse_yaml(path.read_bytes())
    except OSError as error:
        raise SettingError(f"MODELS_FILE={str(path)!r}: {error.strerror}.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingError(f"{path}: {' '.join(str(error).split())}") from None
    try:
        found = _FileSchema().load(content)
    except ValidationError as error:
        raise SettingError(f"{path}: {_first(error.messages)}") from None
    specs = {name: _spec(said, path.absolute().parent) for name, said in found["models"].items()}
    return ModelsConfig(specs, found.get("default", next(iter(specs))))


def _spec(said: Mapping[str, Any], folder: Path) -> ModelSpec:
    bundle = said.get("bundle", Settings.enrich_model)
    beside = folder / bundle
    return ModelSpec(
        bundle=beside if beside.is_dir() else MODELS / bundle,
        ner=_checkpoint(said.get("ner", ""), folder),
        sentiment=_checkpoint(said.get("sentiment", ""), folder),
        languages=tuple(said.get("languages", ())),
        ner_labels=said.get("ner_labels"),
        sentiment_labels=said.get("sentiment_labels"),
        sentiment_input=said.get("sentiment_input", Settings.sentiment_input),
    )


def _checkpoint(said: str, folder: Path) -> str:
    """What a checkpoint is called where nobody knows the folder of the file any more."""
    is_path = said != "" and (said[0] in "./" or (folder / said).is_dir())
    return str(folder / said) if is_path else said


_TEXT = "Must be text; where it is, put it in quotes."
_MAPPING = "Must be a mapping."


def _text(*checks: Any) -> fields.String:
    return fields.String(
        validate=[Length(min=1, error="Must not be empty."), *checks],
        error_messages={"invalid": _TEXT, "null": _TEXT},
    )


def _mapping(keys: fields.String, values: fields.Field[Any], **options: Any) -> fields.Dict:
    messages = {"invalid": _MAPPING, "null": _MAPPING, "required": "Is required."}
    return fields.Dict(keys, values, error_messages={**messages}, **options)


class _Strict(Schema):
    error_messages = {"unknown": "Is not known.", "type": _MAPPING}  # noqa: RUF012

    class Meta:
        unknown = RAISE


class _ModelSchema(_Strict):
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
    def _of_a_checkpoint(self, said: Mapping[str, Any], **_: Any) -> None:
        for name in ("ner_labels", "sentiment_labels", "sentiment_input"):
            checkpoint = name.partition("_")[0]
            if name in said and checkpoint not in said:
                raise ValidationError(f"Is about `{checkpoint}`, which is not given.", name)


class _FileSchema(_Strict):
    default = _text()
    models = _mapping(
        _text(
            Regexp(
                rf"{NAME}\Z",
                error="Must have lower-case letters, digits, '-', '_' and '.', up to 64 of them.",
            )
        ),
        fields.Nested(
            _ModelSchema,
            error_messages={"null": "Must be a mapping; {{}} for the embedded bundle."},
        ),
        required=True,
        validate=Length(min=1, error="Must name at least one."),
    )

    @validates_schema
    def _default_is_one(self, said: Mapping[str, Any], **_: Any) -> None:
        if said.get("default", "") not in ("", *said["models"]):
            known = ", ".join(said["models"])
            raise ValidationError(f"'{said['default']}' is not one of: {known}.", "default")


def _first(messages: Any) -> str:
    """The first message in marshmallow's tree of them, after the place that it is about."""
    place = []
    while isinstance(messages, Mapping):
        name, messages = next(iter(messages.items()))
        place.append(f"{name + 1}" if type(name) is int else str(name))
    shown = ", ".join(part for part in place if part not in ("_schema", "key", "value"))
    return f"{shown}: {messages[0]}" if shown else str(messages[0])
