"""Going on where an interrupted run has stopped."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from service.cli.engines import Line
from service.cli.inputs import Document


def skip_done(
    output: Path, documents: Iterator[Document], done: Callable[[Document, Line], None]
) -> None:
    """Take from ``documents`` those that are in ``output``, and cut off its half-written last line.

    The output has the order of the input, so that its lines are held to it one by one: nothing is
    lost or repeated, and nothing has to be remembered.

    Args:
        output: NDJSON of a run over the same input; nothing is done if there is no such file.
        documents: from the first one on; afterwards from the first one that is not done.
        done: told of each that is.

    Raises:
        click.UsageError: the output is of something else.
    """
    if not output.exists():
        return
    with output.open("r+b") as file:
        end = 0
        for number, raw in enumerate(file, 1):
            if not raw.endswith(b"\n"):
                break
            line = _line(output, number, raw)
            document = next(documents, None)
            if document is None or document.source != line["source"]:
                due = "the end" if document is None else document.source
                raise click.UsageError(
                    f"{output} cannot be resumed: its line {number} is of {line['source']}, where "
                    f"the input has {due}."
                )
            done(document, line)
            end += len(raw)
        file.truncate(end)


def model_of(output: Path) -> str | None:
    """Digest of the model that the results in ``output`` are of; ``None`` if there are none."""
    if not output.exists():
        return None
    with output.open("rb") as file:
        for number, raw in enumerate(file, 1):
            if raw.endswith(b"\n") and "enrichment" in (line := _line(output, number, raw)):
                return line["enrichment"]["model"]["digest"]
    return None


def _line(output: Path, number: int, raw: bytes) -> Line:
    try:
        line: Line = json.loads(raw)
        _ = line["source"], line["status"]
        if "enrichment" in line:
            _ = line["enrichment"]["model"]["digest"]
    except (ValueError, KeyError, TypeError):
        raise click.UsageError(
            f"{output} cannot be resumed: its line {number} is no result."
        ) from None
    return line
