"""The file of API keys: YAML, or JSON lines if its name ends in ``.jsonl`` or ``.ndjson``."""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from io import StringIO
from pathlib import Path
from typing import Any

import yaml
from marshmallow import ValidationError, fields, post_load, validates_schema
from marshmallow.validate import Length, OneOf, Range, Regexp

from service.access.api_key import DEFAULT_SCOPES, SCOPES, ApiKey
from service.config.access_settings import LIMIT_NAMES
from service.config.setting_fields import MAX_LIMIT
from service.config.settings import SettingError
from service.config.validation import (
    NOT_A_MAPPING,
    StrictSchema,
    describe_error,
    first_error,
    parse_yaml,
)

MAX_KEYS = 10_000
"""Most keys of a file. A presented secret is compared with each."""

MAX_PRIORITY = 100

_PRIORITY = f"Must be a whole number from 1 to {MAX_PRIORITY}."
_LINE_SUFFIXES = (".jsonl", ".ndjson")
_NOT_TEXT = "Must be text; put it in quotes."
_NOT_A_LIST = "Must be a list of keys, each a mapping with `id` and `sha256` or `scrypt`."
_SCRYPT_COSTS = [2**bits for bits in range(10, 18)]  # 1 to 128 MiB for a comparison
_NEW_MODE = 0o644  # the server often runs as another user, and hashes of random keys reveal nothing


def _text(*validators: Any, **options: Any) -> fields.String:
    messages = {"invalid": _NOT_TEXT, "null": _NOT_TEXT, "required": "Is required."}
    return fields.String(validate=list(validators), error_messages={**messages}, **options)


def _limit() -> fields.Integer:
    message = f"Must be a whole number from 1 to {MAX_LIMIT}, or null for no limit."
    return fields.Integer(
        strict=True,
        allow_none=True,
        validate=Range(1, MAX_LIMIT, error=message),
        error_messages={"invalid": message},
    )


class Moment(fields.Field[datetime]):
    """A date, whose first moment counts, or a date with a time; in UTC unless it has an offset."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> datetime:
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                raise ValidationError("Must be a date, such as 2030-01-31.") from None
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time())
        if not isinstance(value, datetime):
            raise ValidationError("Must be a date, such as 2030-01-31.")
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class _KeySchema(StrictSchema):
    id = _text(
        Regexp(
            r"[A-Za-z0-9._-]{1,64}\Z",
            error="Must consist of 1 to 64 letters, digits, '-', '_' and '.'.",
        ),
        required=True,
    )
    sha256 = _text(Regexp(r"[0-9a-fA-F]{64}\Z", error="Must be 64 hexadecimal digits."))
    scrypt = _text(
        Regexp(
            rf"scrypt:({'|'.join(map(str, _SCRYPT_COSTS))}):8:[1-4]\$[^$]+\$[0-9a-f]{{128}}\Z",
            error="Must be a hash such as scrypt:32768:8:1$SALT$HASH, of at most 128 MiB.",
        )
    )
    scopes = fields.List(
        _text(OneOf(SCOPES, error="'{input}' is not one of: {choices}.")),
        validate=Length(min=1, error="Must not be empty."),
        error_messages={"invalid": "Must be a list, such as [enrich, models]."},
    )
    limits = fields.Dict(
        fields.String(validate=OneOf(LIMIT_NAMES, error="Must be one of: {choices}.")),
        _limit(),
        error_messages={"invalid": NOT_A_MAPPING},
    )
    priority = fields.Integer(
        strict=True,
        validate=Range(1, MAX_PRIORITY, error=_PRIORITY),
        error_messages={"invalid": _PRIORITY, "null": _PRIORITY},
    )
    expires = Moment(allow_none=True)
    note = _text()

    @validates_schema
    def _check_hash(self, key: Mapping[str, Any], **_: Any) -> None:
        if ("sha256" in key) == ("scrypt" in key):
            raise ValidationError("Must have either `sha256` or `scrypt`.")

    @post_load
    def _to_key(self, key: dict[str, Any], **_: Any) -> ApiKey:
        key["scopes"] = tuple(key.get("scopes", DEFAULT_SCOPES))
        key["sha256"] = key.get("sha256", "").lower()
        return ApiKey(**key)


@dataclass(frozen=True)
class _Entry:
    """A key of a file, as lines ``first`` to ``end`` of it, counted from 0, ``end`` excluded."""

    content: Any
    first: int
    end: int


def read_keys(path: Path) -> tuple[ApiKey, ...]:
    """Read a file of keys.

    Raises:
        SettingError: the file cannot be read or is invalid; the message names the location.
    """
    return tuple(key for key, _ in _read(path))


def add_key(path: Path, key: ApiKey) -> None:
    """Add a key to a file, which is created if it does not exist. The rest of it stays as it is.

    Raises:
        SettingError: the file cannot be written or is invalid, or has a key of that id.
    """
    with _locked(path):
        text = ""
        if path.exists():
            if key.id in [existing.id for existing, _ in _read(path)]:
                raise SettingError(f"{path}: there is a key {key.id!r} already.")
            text = path.read_text("utf-8")
        members = _members(key)
        if _has_lines(path):
            added = json.dumps(members) + "\n"
        else:
            indent = " " * _indent(path, text)
            block = yaml.safe_dump([members], sort_keys=False, allow_unicode=True)
            added = "".join(f"{indent}{line}\n" for line in block.splitlines())
        _write(path, text + ("\n" if text and not text.endswith("\n") else "") + added)


def remove_key(path: Path, key_id: str) -> None:
    """Remove a key from a file. The rest of it stays as it is.

    Raises:
        SettingError: the file cannot be written or is invalid, or has no key of that id.
    """
    with _locked(path):
        entries = [entry for key, entry in _read(path) if key.id == key_id]
        if not entries:
            raise SettingError(f"{path}: there is no key {key_id!r}.")
        text = path.read_text("utf-8")
        lines = text.splitlines(keepends=True)
        if _has_lines(path):
            lines = StringIO(text, newline="\n").readlines()
        else:
            _indent(path, text)
        del lines[entries[0].first : entries[0].end]
        _write(path, "".join(lines))


def _members(key: ApiKey) -> dict[str, Any]:
    members: dict[str, Any] = {
        "id": key.id,
        "sha256": key.sha256,
        "scopes": list(key.scopes),
        "expires": key.expires.isoformat() if key.expires else None,
    }
    return {name: value for name, value in members.items() if value}


def _has_lines(path: Path) -> bool:
    return path.suffix in _LINE_SUFFIXES


def _read(path: Path) -> list[tuple[ApiKey, _Entry]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SettingError(f"{path}: {error.strerror}.") from None
    return _parse(path, content)


def _parse(path: Path, content: bytes) -> list[tuple[ApiKey, _Entry]]:
    try:
        entries = list(_json_entries(content) if _has_lines(path) else _yaml_entries(content))
    except (yaml.YAMLError, ValueError) as error:
        raise SettingError(f"{path}: {describe_error(error)}") from None
    if len(entries) > MAX_KEYS:
        raise SettingError(f"{path}: has more than {MAX_KEYS} keys.")
    keys: list[tuple[ApiKey, _Entry]] = []
    seen: set[str] = set()
    for entry in entries:
        place = f"{path}, line {entry.first + 1}"
        try:
            key = _KeySchema().load(entry.content)
        except ValidationError as error:
            location, message = first_error(error)
            name = ", ".join(map(str, location))
            raise SettingError(f"{place}: {f'{name}: ' if name else ''}{message}") from None
        if key.id in seen:
            raise SettingError(f"{place}: the id {key.id!r} appears twice.")
        seen.add(key.id)
        keys.append((key, entry))
    return keys


def _json_entries(content: bytes) -> Iterator[_Entry]:
    for number, line in enumerate(StringIO(content.decode(), newline="\n")):
        if line.strip():
            try:
                yield _Entry(json.loads(line), number, number + 1)
            except json.JSONDecodeError as error:
                raise ValueError(f"line {number + 1}: {error.msg}.") from None


def _yaml_entries(content: bytes) -> Iterator[_Entry]:
    keys = parse_yaml(content)
    if keys is None:
        return
    if not isinstance(keys, list):
        raise ValueError(_NOT_A_LIST)
    node = yaml.compose(content, yaml.SafeLoader)
    nodes = node.value if node else []
    lines = content.decode().splitlines()
    starts = [node.start_mark.line for node in nodes]
    for key, start, end in zip(keys, starts, [*starts[1:], len(lines)], strict=True):
        # Comments between two keys belong to the second.
        while end > start + 1 and not lines[end - 1].partition("#")[0].strip():
            end -= 1
        yield _Entry(key, start, end)


def _indent(path: Path, text: str) -> int:
    """Columns before the dash of a key in YAML.

    Raises:
        SettingError: the keys are not one below the other, so that lines cannot be edited.
    """
    node = yaml.compose(text, yaml.SafeLoader)
    if node is None:
        return 0
    lines = text.splitlines()
    before = [lines[m.line][: m.column].strip() for m in (each.start_mark for each in node.value)]
    if getattr(node, "flow_style", False) or set(before) - {"-"}:
        raise SettingError(f"{path}: not one key below the other, after dashes; edit it by hand.")
    return int(node.start_mark.column)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Keep other commands from changing files of the folder in the ``with`` block."""
    try:
        folder = os.open(path.absolute().parent, os.O_RDONLY)
    except OSError as error:
        raise SettingError(f"{path}: {error.strerror}.") from None
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _write(path: Path, text: str) -> None:
    """Replace a file at once, so that a server never reads half of it.

    Raises:
        SettingError: the file cannot be written, or ``text`` is not a valid file.
    """
    _parse(path, text.encode())
    target = path.resolve()
    temporary = None
    try:
        mode = target.stat().st_mode & 0o777 if target.exists() else _NEW_MODE
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=target.parent, prefix=f".{target.name}.", delete=False
        ) as file:
            temporary = Path(file.name)
            file.write(text)
        temporary.chmod(mode)
        temporary.replace(target)
    except OSError as error:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink()
        raise SettingError(f"{path}: {error.strerror}.") from None
