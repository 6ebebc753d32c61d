"""Results as one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple, TextIO

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from service.cli.place_map import outline, place_map
from service.cli.results import Result, best_links, describe_link, describe_value
from service.client.types import Enrichment, Entity


class TextRun(NamedTuple):
    """A stretch of text, and the entity that it mentions; ``None`` between mentions."""

    text: str
    entity: Entity | None


def write_html(results: Iterator[Result], file: TextIO) -> None:
    """Write the page, one result at a time.

    Args:
        results: their enrichments have the ``article``.
        file: where to write.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["text_runs"] = text_runs
    environment.globals["describe_value"] = describe_value
    environment.globals["best_links"] = best_links
    environment.globals["describe_link"] = describe_link
    environment.globals["place_map"] = place_map
    environment.globals["outline"] = outline
    for part in environment.get_template("html_report.html").generate(results=results):
        file.write(part)


def text_runs(enrichment: Enrichment, section: Literal["title", "text"]) -> Iterator[TextRun]:
    """Split the title or the text at the boundaries of mentions; of nested ones, the outer."""
    text = enrichment["article"][section] or ""
    mentions = sorted(
        (mention["start"], -mention["end"], rank)
        for rank, entity in enumerate(enrichment["entities"])
        for mention in entity["mentions"]
        if mention["section"] == section
    )
    position = 0
    for start, negative_end, rank in mentions:
        end = -negative_end
        if start >= position:
            yield TextRun(text[position:start], None)
            yield TextRun(text[start:end], enrichment["entities"][rank])
            position = end
    yield TextRun(text[position:], None)
