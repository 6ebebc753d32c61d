"""JSON files, with errors that name the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from service.inference.errors import ModelError

T = TypeVar("T")


def read_typed(path: Path, content_type: type[T]) -> T:
    """Read a JSON file that this service writes.

    Args:
        path: the file.
        content_type: the type of its content; anything that msgspec decodes.

    Raises:
        ModelError: the file cannot be read, is not JSON, or has content of another type.
    """
    try:
        return decode_typed(path.read_bytes(), content_type, path)
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}") from None


def decode_typed(content: bytes, content_type: type[T], path: Path) -> T:
    """Decode the content of a JSON file; ``path`` is for error messages only.

    Raises:
        ModelError: the content is not JSON, or is of another type.
    """
    try:
        return msgspec.json.decode(content, type=content_type)
    except msgspec.ValidationError as error:
        raise ModelError(f"{path} is invalid: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ModelError(f"{path} is not JSON: {error}") from None


def read_object(path: Path) -> dict[str, Any]:
    """Read a JSON object from a file of a third party, which may contain ``NaN`` or ``Infinity``.

    Raises:
        ModelError: the file cannot be read, or is not a JSON object.
    """
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise ModelError(f"{path} is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise ModelError(f"{path} is not a JSON object")
    return content


def write_json(path: Path, content: Any) -> None:
    """Write a JSON file atomically: readers see the old content or the new."""
    temporary = path.with_name(f".{path.name}")
    temporary.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n")
    temporary.replace(path)
