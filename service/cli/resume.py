"""Resume an interrupted run from its output."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from service.cli.columns import Document
from service.cli.results import Result


def skip_finished(
    output: Path, documents: Iterator[Document], on_finished: Callable[[Document, Result], None]
) -> None:
    """Consume the documents whose results are in ``output``, and truncate an incomplete last line.

    The output has the order of the input. Comparing the two line by line loses and repeats no
    article, and takes no memory.

    Args:
        output: NDJSON of a run over the same input; may be missing.
        documents: all documents; afterwards, those that remain.
        on_finished: called with each document that has a result.

    Raises:
        click.UsageError: the output is from another input.
    """
    if not output.exists():
        return
    with output.open("r+b") as file:
        end = 0
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                break
            result = _parse(output, number, line)
            document = next(documents, None)
            if document is None or document.source != result["source"]:
                expected = (
                    "the input ends" if document is None else f"the input has {document.source}"
                )
                raise click.UsageError(
                    f"Cannot resume {output}: line {number} is for {result['source']}, where "
                    f"{expected}."
                )
            on_finished(document, result)
            end += len(line)
        file.truncate(end)


def model_digest(output: Path) -> str | None:
    """Digests of the model that produced ``output`` and, with links, of knowledge base and lists.

    ``None`` if it has no enrichment yet.
    """
    if not output.exists():
        return None
    with output.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.endswith(b"\n") and "enrichment" in (result := _parse(output, number, line)):
                model = result["enrichment"]["model"]
                knowledge = [model["knowledge"]["digest"]] if "knowledge" in model else []
                lists = model.get("lists", [])
                digests = [each["digest"] for each in lists]
                return ",".join((model["digest"], *knowledge, *digests))
    return None


def _parse(output: Path, number: int, line: bytes) -> Result:
    try:
        result: Result = json.loads(line)
        _ = result["source"], result["status"]
        if "enrichment" in result:
            _ = result["enrichment"]["model"]["digest"]
    except (ValueError, KeyError, TypeError):
        raise click.UsageError(f"Cannot resume {output}: line {number} is not a result.") from None
    return result
