"""Results as one page of HTML, for a browser and for good: nothing in it is from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple, TextIO

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from service.cli.engines import Line
from service.client.types import Enrichment, Entity


class Piece(NamedTuple):
    """A stretch of text, and the entity whose name it is."""

    text: str
    entity: Entity | None


def write_html(lines: Iterator[Line], file: TextIO) -> None:
    """The page. It is written as the lines come, however many there are.

    Args:
        lines: with the article in each enrichment.
        file: takes the page.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["pieces"] = pieces
    for part in environment.get_template("report.html").generate(lines=lines):
        file.write(part)


def pieces(enrichment: Enrichment, section: Literal["title", "text"]) -> Iterator[Piece]:
    """The title or the text, cut where the names in it begin and end."""
    text = enrichment["article"][section] or ""
    named = sorted(
        (mention["start"], mention["end"], rank)
        for rank, entity in enumerate(enrichment["entities"])
        for mention in entity["mentions"]
        if mention["section"] == section
    )
    done = 0
    for start, end, rank in named:
        if start >= done:
            yield Piece(text[done:start], None)
            yield Piece(text[start:end], enrichment["entities"][rank])
            done = end
    yield Piece(text[done:], None)
