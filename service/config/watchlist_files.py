"""Read watch lists from their files, and check their entries."""

from __future__ import annotations

import datetime
import difflib
import logging
import math
from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from service.config.settings import SettingError, Settings
from service.config.validation import ENTITY_TYPE
from service.config.watchlist_formats import (
    LISTS_OF_NAMES,
    PARSERS,
    Items,
    ListFault,
    Parser,
    decode,
)
from service.enrichment.article import fault_in
from service.enrichment.watchlists.entries import Entry
from service.enrichment.watchlists.index import ListContent, WatchlistIndex

_log = logging.getLogger(__name__)
_MEMBERS = ("id", "name", "type", "case_sensitive", *LISTS_OF_NAMES)
_LARGEST = 2**63 - 1
"""Integer that a list may have; larger ones would not fit into the index."""

_prepared: dict[str, WatchlistIndex] = {}


def prepare_watchlists(settings: Settings) -> None:
    """Read the lists before the workers are forked, which inherit them and share their memory.

    SIGHUP leads to another call. If a list is invalid then, all stay as they were, which is logged:
    an operator's slip must not stop a running server.

    Raises:
        SettingError: as :func:`read_watchlists`, in the first call.
    """
    if settings.watchlists:
        try:
            _prepared[settings.watchlists] = read_watchlists(Path(settings.watchlists))
        except SettingError as error:
            if settings.watchlists not in _prepared:
                raise
            _log.error("Keeping the lists as they were: %s", error)


def prepared_watchlists(settings: Settings) -> WatchlistIndex:
    """The lists of a server, which are read unless that has been done before.

    Raises:
        SettingError: as :func:`read_watchlists`.
    """
    if not settings.watchlists:
        return WatchlistIndex([])
    return _prepared.get(settings.watchlists) or read_watchlists(Path(settings.watchlists))


def read_watchlists(path: Path) -> WatchlistIndex:
    """Index a folder of lists, or one list, without holding all entries in memory.

    Raises:
        SettingError: as :func:`read_lists`.
    """
    return WatchlistIndex(_lists_in(path))


def read_lists(path: Path) -> tuple[ListContent, ...]:
    """Read a folder of lists, or one list, into values that can be sent to other processes.

    The name of a list is that of its file, without suffix. Hidden files are skipped.

    Raises:
        SettingError: a file cannot be read or is invalid; the message names file and line.
    """
    return tuple(each._replace(entries=tuple(each.entries)) for each in _lists_in(path))


def _lists_in(path: Path) -> Iterator[ListContent]:
    try:
        path.stat()
        files = [path]
        if path.is_dir():
            files = [file for file in path.iterdir() if not file.name.startswith(".")]
            files.sort(key=lambda file: (file.stem, file.suffix))
        for one, other in pairwise(files):
            if one.stem == other.stem:
                raise SettingError(f"{other}: There is another list named {other.stem}.")
        yield from map(_read_list, files)
    except OSError as error:
        raise SettingError(f"{error.filename or path}: {error.strerror}.") from None
    if not files:
        raise SettingError(f"{path}: The folder has no lists.")


def _read_list(file: Path) -> ListContent:
    parse = PARSERS.get(file.suffix.lower())
    if parse is None:
        raise SettingError(
            f"{file}: Is not a list; its name must end in one of {', '.join(PARSERS)}."
        )
    if "," in file.stem or not file.stem.isprintable():  # requests separate names by commas
        raise SettingError(
            f"{file}: The name of a list must have neither commas nor control characters."
        )
    content = file.read_bytes()
    digest = f"sha256:{sha256(content).hexdigest()}"
    return ListContent(file.stem, digest, _read_entries(file, content, parse))


def _read_entries(file: Path, content: bytes, parse: Parser) -> Iterator[Entry]:
    try:
        yield from _entries(parse(decode(content)))
    except ListFault as fault:
        at = "" if fault.line is None else f":{fault.line}"
        raise SettingError(f"{file}{at}: {fault}") from None


def _entries(items: Items) -> Iterator[Entry]:
    lines: dict[str, int] = {}
    for line, item in items:
        try:
            entry = _entry(item)
        except ValueError as error:
            raise ListFault(line, str(error)) from None
        except RecursionError:
            raise ListFault(line, "Is nested too deeply.") from None
        if entry.id in lines:
            raise ListFault(line, f"id: '{entry.id}' is that of line {lines[entry.id]}, too.")
        lines[entry.id] = line
        yield entry


def _entry(item: Any) -> Entry:
    """An entry from its members.

    Raises:
        ValueError: it is invalid; the message begins with the member.
    """
    if not isinstance(item, Mapping):
        raise ValueError("Must be a mapping with `id` and `name`.")
    values = {key: value for key, value in item.items() if value is not None}
    for key in values:
        if key not in _MEMBERS:
            _check_member(key)
    case_sensitive = values.get("case_sensitive", True)
    if not isinstance(case_sensitive, bool):
        raise ValueError("case_sensitive: Must be true or false.")
    type_ = values.get("type")
    if type_ is not None:
        type_ = _text("type", type_)
        _check_type(type_)
    return Entry(
        _identifier(values),
        _name("name", values.get("name")),
        _names("aliases", values),
        type_,
        _names("required", values),
        _names("excluded", values),
        case_sensitive,
        {key: _json_value(key, value) for key, value in values.items() if key not in _MEMBERS},
    )


def _identifier(values: Mapping[str, Any]) -> str:
    value = values.get("id")
    if type(value) is int:
        return str(value)
    return _text("id", value)


def _text(member: str, value: Any) -> str:
    if value is None:
        raise ValueError(f"{member}: Is required.")
    if not isinstance(value, str):
        raise ValueError(f"{member}: Must be text; put it in quotes.")
    if fault := fault_in(value):
        raise ValueError(f"{member}: {fault}")
    return value.strip()


def _name(member: str, value: Any) -> str:
    name = _text(member, value)
    if not any(map(str.isalnum, name)):
        raise ValueError(f"{member}: '{name}' has neither a letter nor a digit.")
    return name


def _names(member: str, values: Mapping[str, Any]) -> tuple[str, ...]:
    value = values.get(member, [])
    if not isinstance(value, list):
        raise ValueError(f"{member}: Must be a list.")
    return tuple(_name(member, each) for each in value)


@cache  # of the few members that a list has
def _check_member(name: Any) -> None:
    """Reject a member that is probably a misspelling, which would be lost among the fields."""
    _text("The name of a member", name)
    if similar := difflib.get_close_matches(name.strip().lower(), _MEMBERS, 1, 0.82):
        raise ValueError(f"{name}: Unknown name; did you mean `{similar[0]}`?")


@cache
def _check_type(name: str) -> None:
    try:
        ENTITY_TYPE(name)
    except ValidationError as error:
        raise ValueError(f"type: {error.messages[0]}") from None


def _json_value(name: str, value: Any) -> Any:
    """A JSON value."""
    match value:
        case str():
            if fault := value and fault_in(value):
                raise ValueError(f"{name}: {fault}")
            return value
        case float() if math.isfinite(value):
            return value
        case int() if abs(value) > _LARGEST:
            raise ValueError(f"{name}: Has more than 64 bits; put it in quotes.")
        case bool() | int() | None:
            return value
        case datetime.date():  # of YAML; datetime is a subclass
            return value.isoformat()
        case list():
            return [_json_value(name, each) for each in value]
        case dict() if all(isinstance(key, str) for key in value):
            return {_json_value(name, key): _json_value(name, each) for key, each in value.items()}
    raise ValueError(f"{name}: Must be a JSON value.")
