"""The files of watch lists (WATCHLISTS): CSV, JSON lines and YAML."""

from __future__ import annotations

import codecs
import csv
import datetime
import difflib
import io
import json
import logging
import math
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml
from marshmallow import ValidationError

from service.config.settings import SettingError, Settings
from service.config.validation import ENTITY_TYPE
from service.enrichment.article import fault_in
from service.enrichment.watchlists.entries import Entry
from service.enrichment.watchlists.index import ListContent, WatchlistIndex

_log = logging.getLogger(__name__)
_MANY = ("aliases", "required", "excluded")
_MEMBERS = ("id", "name", "type", "case_sensitive", *_MANY)
_SEPARATOR = "|"
"""Between the names and words in a cell of CSV."""
_LARGEST = 2**63 - 1
"""Integer that a list may have; larger ones would not fit into the index."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_YamlLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_Items = Iterator[tuple[int, Any]]
"""The line at which each entry begins, and the entry as a mapping."""

_Parser = Callable[[str], _Items]


class _Fault(Exception):
    """A line of a list is invalid; the message gives the reason.

    Attributes:
        line: its number; ``None`` if the whole file is meant.
    """

    def __init__(self, line: int | None, message: str) -> None:
        super().__init__(message)
        self.line = line


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
    """Read a folder of lists, or one list. The name of a list is that of its file, without suffix.

    Hidden files are skipped.

    Raises:
        SettingError: a file cannot be read or is invalid; the message names file and line.
    """
    try:
        path.stat()
        files = [path]
        if path.is_dir():
            files = [file for file in path.iterdir() if not file.name.startswith(".")]
            files.sort(key=lambda file: (file.stem, file.suffix))
        for one, other in pairwise(files):
            if one.stem == other.stem:
                raise SettingError(f"{other}: There is another list named {other.stem}.")
        index = WatchlistIndex(map(_read_list, files))
    except OSError as error:
        raise SettingError(f"{error.filename or path}: {error.strerror}.") from None
    if not files:
        raise SettingError(f"{path}: The folder has no lists.")
    return index


def _read_list(file: Path) -> ListContent:
    parse = _PARSERS.get(file.suffix.lower())
    if parse is None:
        raise SettingError(f"{file}: Is no list; its name ends in none of {', '.join(_PARSERS)}.")
    if "," in file.stem or not file.stem.isprintable():  # requests separate names by commas
        raise SettingError(
            f"{file}: The name of a list must have neither commas nor control characters."
        )
    content = file.read_bytes()
    digest = f"sha256:{sha256(content).hexdigest()}"
    return ListContent(file.stem, digest, _read_entries(file, content, parse))


def _read_entries(file: Path, content: bytes, parse: _Parser) -> Iterator[Entry]:
    try:
        yield from _entries(parse(_decode(content)))
    except _Fault as fault:
        at = "" if fault.line is None else f":{fault.line}"
        raise SettingError(f"{file}{at}: {fault}") from None


def _decode(content: bytes) -> str:
    encoding = next((name for bom, name in _BOMS if content.startswith(bom)), "utf-8")
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _Fault(line, "Is not UTF-8; save the file with that encoding.") from None


def _entries(items: _Items) -> Iterator[Entry]:
    lines: dict[str, int] = {}
    for line, item in items:
        try:
            entry = _entry(item)
        except ValueError as error:
            raise _Fault(line, str(error)) from None
        except RecursionError:
            raise _Fault(line, "Is nested too deeply.") from None
        if entry.id in lines:
            raise _Fault(line, f"id: '{entry.id}' is that of line {lines[entry.id]}, too.")
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
        _check_type(_text("type", type_))
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
        raise ValueError(f"{name}: Is not known; is `{similar[0]}` meant?")


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


def _parse_csv(text: str) -> _Items:
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)  # some spreadsheets write semicolons or tabs
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        names = [name.strip() for name in next(rows, [])]
        for name in ("id", "name"):
            if name not in names:
                raise _Fault(1, f"There is no column '{name}'; the first line names the columns.")
        if len(set(names)) < len(names) or "" in names:
            raise _Fault(1, "Each column needs a name of its own.")
        line = rows.line_num + 1
        for row in rows:
            if any(cell.strip() for cell in row):
                if len(row) > len(names):
                    raise _Fault(line, f"Has {len(row)} cells; there are {len(names)} columns.")
                yield line, _from_cells(dict(zip(names, row, strict=False)))
            line = rows.line_num + 1
    except csv.Error as error:
        raise _Fault(line, f"Is not CSV: {error}.") from None


def _from_cells(cells: dict[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, cell in cells.items():
        if not cell.strip():
            continue
        if name in _MANY:
            values[name] = [part for part in cell.split(_SEPARATOR) if part.strip()]
        elif name == "case_sensitive":
            lower = cell.strip().lower()
            values[name] = {"true": True, "false": False}.get(lower, cell)
        else:
            values[name] = cell
    return values


def _parse_json_lines(text: str) -> _Items:
    for number, line in enumerate(io.StringIO(text), 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError) as error:
                raise _Fault(number, f"Is not JSON: {error}.") from None


def _parse_yaml(text: str) -> _Items:
    loader = _YamlLoader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            return
        if not isinstance(root, yaml.SequenceNode):
            raise _Fault(root.start_mark.line + 1, "Must be a list of entries.")
        for node in root.value:
            line = node.start_mark.line + 1
            if isinstance(node, yaml.MappingNode):
                keys = [key.value for key, _ in node.value]
                if repeated := [key for key in keys if keys.count(key) > 1]:
                    raise _Fault(line, f"{repeated[0]}: Must not occur twice.")
            try:
                item = loader.construct_object(node, deep=True)
            except ValueError as error:  # such as a 13th month
                raise _Fault(line, f"Is not YAML: {error}.") from None
            yield line, item
    except yaml.MarkedYAMLError as error:
        mark = error.context_mark or error.problem_mark
        raise _Fault(mark.line + 1 if mark else None, f"Is not YAML: {error.problem}.") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise _Fault(None, f"Is not YAML: {' '.join(str(error).split())}.") from None
    finally:
        loader.dispose()


_PARSERS: Mapping[str, _Parser] = {
    ".csv": _parse_csv,
    ".jsonl": _parse_json_lines,
    ".ndjson": _parse_json_lines,
    ".yaml": _parse_yaml,
    ".yml": _parse_yaml,
}
