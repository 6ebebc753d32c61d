"""The formats of watch lists: CSV, JSON lines and YAML, each as numbered entries."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import yaml

LISTS_OF_NAMES = ("aliases", "required", "excluded")
"""Members of an entry that are lists."""

_SEPARATOR = "|"
"""Between the names and words in a cell of CSV."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_YamlLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Items = Iterator[tuple[int, Any]]
"""The line at which each entry begins, and the entry as a mapping."""

Parser = Callable[[str], Items]
"""Reads the entries of a text one by one; raises :class:`ListFault` where it is invalid."""


class ListFault(Exception):
    """A line of a list is invalid; the message gives the reason.

    Attributes:
        line: its number; ``None`` if the whole file is meant.
    """

    def __init__(self, line: int | None, message: str) -> None:
        super().__init__(message)
        self.line = line


def decode(content: bytes) -> str:
    """The text of a file in UTF-8 or, with a byte order mark, UTF-16.

    Raises:
        ListFault: the file has another encoding.
    """
    encoding = next((name for bom, name in _BOMS if content.startswith(bom)), "utf-8")
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ListFault(line, "Is not UTF-8; save the file with that encoding.") from None


def _parse_csv(text: str) -> Items:
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)  # some spreadsheets write semicolons or tabs
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        names = [name.strip() for name in next(rows, [])]
        for name in ("id", "name"):
            if name not in names:
                raise ListFault(
                    1, f"There is no column '{name}'; the first line names the columns."
                )
        if len(set(names)) < len(names) or "" in names:
            raise ListFault(1, "Each column needs a name of its own.")
        line = rows.line_num + 1
        for row in rows:
            if any(cell.strip() for cell in row):
                if len(row) > len(names):
                    raise ListFault(line, f"Has {len(row)} cells; there are {len(names)} columns.")
                yield line, _from_cells(dict(zip(names, row, strict=False)))
            line = rows.line_num + 1
    except csv.Error as error:
        raise ListFault(line, f"Is not CSV: {error}.") from None


def _from_cells(cells: dict[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, cell in cells.items():
        if not cell.strip():
            continue
        if name in LISTS_OF_NAMES:
            values[name] = [part for part in cell.split(_SEPARATOR) if part.strip()]
        elif name == "case_sensitive":
            lower = cell.strip().lower()
            values[name] = {"true": True, "false": False}.get(lower, cell)
        else:
            values[name] = cell
    return values


def _parse_json_lines(text: str) -> Items:
    for number, line in enumerate(io.StringIO(text), 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError) as error:
                raise ListFault(number, f"Is not JSON: {error}.") from None


def _parse_yaml(text: str) -> Items:
    loader = _YamlLoader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            return
        if not isinstance(root, yaml.SequenceNode):
            raise ListFault(root.start_mark.line + 1, "Must be a list of entries.")
        for node in root.value:
            line = node.start_mark.line + 1
            if isinstance(node, yaml.MappingNode):
                keys = [key.value for key, _ in node.value]
                if repeated := [key for key in keys if keys.count(key) > 1]:
                    raise ListFault(line, f"{repeated[0]}: Must not occur twice.")
            try:
                item = loader.construct_object(node, deep=True)
            except ValueError as error:  # such as a 13th month
                raise ListFault(line, f"Is not YAML: {error}.") from None
            yield line, item
    except yaml.MarkedYAMLError as error:
        mark = error.context_mark or error.problem_mark
        raise ListFault(mark.line + 1 if mark else None, f"Is not YAML: {error.problem}.") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise ListFault(None, f"Is not YAML: {' '.join(str(error).split())}.") from None
    finally:
        loader.dispose()


PARSERS: Mapping[str, Parser] = {
    ".csv": _parse_csv,
    ".jsonl": _parse_json_lines,
    ".ndjson": _parse_json_lines,
    ".yaml": _parse_yaml,
    ".yml": _parse_yaml,
}
