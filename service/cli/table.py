"""Results as tables for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from service.cli.engines import Line
from service.cli.terminal import count, printable
from service.client.types import Enrichment, Entity, Sentiment

MOST_ENTITIES = 20
_COLOURS = {"NEGATIVE": "red", "NEUTRAL": "bright_black", "POSITIVE": "green", "MIXED": "yellow"}
_HALF = 5
_WIDTH_OF_A_FILE = 100


def write_tables(lines: Iterator[Line], file: TextIO) -> None:
    """The entities of each article, most salient first, with the sentiment towards each."""
    console = Console(file=file, highlight=False)
    if not console.is_terminal:
        console.width = _WIDTH_OF_A_FILE
    for line in lines:
        heading = Text(printable(line["source"]), style="bold")
        if "problem" in line:
            console.print(heading)
            console.print(Text(f"  {printable(line['problem']['detail'])}\n", style="red"))
            continue
        found = line["enrichment"]
        if found["id"] is not None:
            heading.append(f"  {printable(found['id'])}", style="not bold")
        console.print(heading)
        console.print(_overview(found))
        if found["entities"]:
            console.print(_table(found["entities"]))
        else:
            console.print(Text("  No entities.\n", style="bright_black"))


def _overview(found: Enrichment) -> Text:
    coverage = found["coverage"]
    says = Text("  ").append_text(_sentiment(found["sentiment"]))
    says.append(
        f"  {count(coverage['sentences'], 'sentence')}, {count(coverage['tokens'], 'token')}",
        "bright_black",
    )
    for warning in found["warnings"]:
        says.append(f"\n  {printable(warning['detail'])}", "yellow")
    return says


def _table(entities: list[Entity]) -> Padding:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bright_black")
    table.add_column("Entity", overflow="fold", max_width=40)
    table.add_column("Type", no_wrap=True)
    table.add_column("Mentions", justify="right", no_wrap=True)
    table.add_column("Salience", justify="right", no_wrap=True)
    table.add_column("Sentiment towards it", no_wrap=True)
    for entity in entities[:MOST_ENTITIES]:
        table.add_row(
            Text(printable(entity["name"])),
            Text(entity["type"], style="bright_black"),
            str(len(entity["mentions"])),
            f"{entity['salience']:.2f}",
            _sentiment(entity["sentiment"]),
        )
    if len(entities) > MOST_ENTITIES:
        table.add_row(Text(f"and {len(entities) - MOST_ENTITIES:,} more", style="bright_black"))
    return Padding(table, (0, 0, 1, 2))


def _sentiment(sentiment: Sentiment) -> Text:
    """A bar to the left or the right of the middle, the score and the label."""
    length = round(_HALF * abs(sentiment["score"]))
    left, right = (length, 0) if sentiment["score"] < 0 else (0, length)
    bar = Text(" " * (_HALF - left)).append("█" * left, "red").append("│", "bright_black")
    bar.append("█" * right, "green").append(" " * (_HALF - right))
    bar.append(f" {sentiment['score']:+.2f} ")
    return bar.append(sentiment["label"], _COLOURS.get(sentiment["label"], ""))
