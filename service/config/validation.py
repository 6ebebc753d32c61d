"""Strict parsing and validation of YAML files and settings, with error messages for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml
from marshmallow import RAISE, Schema, ValidationError
from marshmallow.validate import OneOf, Regexp

from service.inference.model_info import POLARITY_NAMES

NOT_A_MAPPING = "Must be a mapping."

LANGUAGE = Regexp(
    r"[a-z]{2}\Z", error="'{input}' is not an ISO 639-1 code: two lower-case letters."
)
ENTITY_TYPE = Regexp(
    r"[A-Za-z][\w-]*\Z",
    error="'{input}' is not an entity type: a letter, then letters, digits, '-' and '_'.",
)
POLARITY = OneOf(POLARITY_NAMES, error="'{input}' is not one of: {choices}.")


class StrictSchema(Schema):
    """A schema that rejects unknown keys."""

    error_messages = {"unknown": "Unknown key.", "type": NOT_A_MAPPING}  # noqa: RUF012

    class Meta:  # noqa: D106
        unknown = RAISE


def first_error(error: ValidationError) -> tuple[list[str | int], str]:
    """Return the first message of a validation error and its location.

    Returns:
        The path to the invalid value, outermost first: mapping keys as ``str``, positions in lists
        as ``int`` counted from 1; and the message.
    """
    messages: Any = error.messages
    path: list[str | int] = []
    while isinstance(messages, Mapping):
        key, messages = next(iter(messages.items()))
        if key in ("_schema", "key", "value"):  # added by marshmallow, not part of the input
            continue
        in_mapping = isinstance(messages, Mapping) and messages.keys() <= {"key", "value"}
        path.append(key + 1 if type(key) is int and not in_mapping else str(key))
    return path, str(messages[0])


class _UniqueKeyLoader(yaml.SafeLoader):
    """Rejects duplicate keys, which the YAML specification forbids and PyYAML accepts."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"duplicate key '{key}'", node.start_mark
                )
        return super().construct_mapping(node, deep)


def parse_yaml(text: bytes) -> Any:
    """Parse a YAML document.

    Raises:
        yaml.YAMLError: The text is not valid YAML, a mapping has a duplicate key, or the nesting is
            too deep.
    """
    try:
        return yaml.load(text, _UniqueKeyLoader)  # noqa: S506  a SafeLoader
    except RecursionError:
        raise yaml.YAMLError("the nesting is too deep") from None


def describe_error(error: Exception) -> str:
    """One line about an error of :func:`parse_yaml`, without the YAML, which may hold a secret."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"line {error.problem_mark.line + 1}: {error.problem}."
    return " ".join(str(error).split())
