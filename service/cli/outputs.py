"""The forms that results can have. Each takes the lines as they come and keeps none."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from service.cli.engines import Line
from service.cli.report import write_html
from service.cli.table import write_tables

Writer = Callable[[Iterator[Line], TextIO], None]


def write_ndjson(lines: Iterator[Line], file: TextIO) -> None:
    """One line of JSON for each article, each there as soon as it is known."""
    for line in lines:
        file.write(_json(line) + "\n")
        file.flush()


def write_json(lines: Iterator[Line], file: TextIO) -> None:
    """An array of what :func:`write_ndjson` writes."""
    before = "[\n"
    for line in lines:
        file.write(before + _json(line))
        before = ",\n"
    file.write("\n]\n" if before != "[\n" else "[]\n")


def _json(line: Line) -> str:
    return json.dumps(line, ensure_ascii=False)


WRITERS: dict[str, Writer] = {
    "json": write_json,
    "ndjson": write_ndjson,
    "table": write_tables,
    "html": write_html,
}
_SUFFIXES = {".json": "json", ".ndjson": "ndjson", ".jsonl": "ndjson", ".html": "html"}


def form_for(file: Path | None, terminal: bool) -> str:
    """The form that is meant when none is named: that of the file's name, or what suits its reader.

    Args:
        file: where the output goes; ``None`` for standard output.
        terminal: whether a person will see it there.
    """
    if file is not None:
        return _SUFFIXES.get(file.suffix.lower(), "ndjson")
    return "table" if terminal else "ndjson"
