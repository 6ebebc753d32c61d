"""Results as tables for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TextIO

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from service.cli.results import Result, describe_value
from service.cli.terminal import pluralize, printable
from service.client.types import Enrichment, Entity, Sentiment, Value

MOST_ENTITIES = 20
MOST_VALUES = 20
_COLOURS = {"NEGATIVE": "red", "NEUTRAL": "bright_black", "POSITIVE": "green", "MIXED": "yellow"}
_HALF_BAR = 5
_FILE_WIDTH = 100


def write_tables(results: Iterator[Result], file: TextIO) -> None:
    """Write the entities of each article, most salient first, with the sentiment towards each."""
    console = Console(file=file, highlight=False)
    if not console.is_terminal:
        console.width = _FILE_WIDTH
    for result in results:
        heading = Text(printable(result["source"]), style="bold")
        if "problem" in result:
            console.print(heading)
            console.print(Text(f"  {printable(result['problem']['detail'])}\n", style="red"))
            continue
        enrichment = result["enrichment"]
        if enrichment["id"] is not None:
            heading.append(f"  {printable(enrichment['id'])}", style="not bold")
        console.print(heading)
        console.print(_overview(enrichment))
        if enrichment["entities"]:
            console.print(_entity_table(enrichment["entities"]))
        else:
            console.print(Text("  No entities.\n", style="bright_black"))
        if enrichment.get("values"):
            console.print(_value_table(enrichment["values"]))


def _overview(enrichment: Enrichment) -> Text:
    coverage = enrichment["coverage"]
    sentences = pluralize(coverage["sentences"], "sentence")
    tokens = pluralize(coverage["tokens"], "token")
    overview = Text("  ").append_text(_sentiment(enrichment["sentiment"]))
    overview.append(f"  {sentences}, {tokens}", "bright_black")
    for warning in enrichment["warnings"]:
        overview.append(f"\n  {printable(warning['detail'])}", "yellow")
    return overview


def _entity_table(entities: list[Entity]) -> Padding:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bright_black")
    table.add_column("Entity", overflow="fold", max_width=40)
    table.add_column("Type", no_wrap=True)
    table.add_column("Mentions", justify="right", no_wrap=True)
    table.add_column("Salience", justify="right", no_wrap=True)
    table.add_column("Sentiment towards it", no_wrap=True)
    for entity in entities[:MOST_ENTITIES]:
        table.add_row(
            Text(printable(entity["name"])),
            Text(printable(entity["type"]), style="bright_black"),
            str(len(entity["mentions"])),
            f"{entity['salience']:.2f}",
            _sentiment(entity["sentiment"]),
        )
    if len(entities) > MOST_ENTITIES:
        table.add_row(Text(f"and {len(entities) - MOST_ENTITIES:,} more", style="bright_black"))
    return Padding(table, (0, 0, 1, 2))


def _value_table(values: list[Value]) -> Padding:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bright_black")
    table.add_column("Date or amount", overflow="fold", max_width=40)
    table.add_column("Value", no_wrap=True)
    table.add_column("Times", justify="right", no_wrap=True)
    counts = Counter((value["text"], describe_value(value)) for value in values)
    for (text, described), count in list(counts.items())[:MOST_VALUES]:
        table.add_row(Text(printable(text)), Text(described), str(count))
    if len(counts) > MOST_VALUES:
        table.add_row(Text(f"and {len(counts) - MOST_VALUES:,} more", style="bright_black"))
    return Padding(table, (0, 0, 1, 2))


def _sentiment(sentiment: Sentiment) -> Text:
    """A bar to the left or the right of the middle, the score and the label."""
    length = round(_HALF_BAR * abs(sentiment["score"]))
    left, right = (length, 0) if sentiment["score"] < 0 else (0, length)
    bar = Text(" " * (_HALF_BAR - left)).append("█" * left, "red").append("│", "bright_black")
    bar.append("█" * right, "green").append(" " * (_HALF_BAR - right))
    bar.append(f" {sentiment['score']:+z.2f} ")
    return bar.append(printable(sentiment["label"]), _COLOURS.get(sentiment["label"], ""))
