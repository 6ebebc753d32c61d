"""Text and tables for a terminal."""

from rich.console import Console
from rich.table import Table

_FILE_WIDTH = 120


def printable(text: str) -> str:
    """``text`` with control characters, which a terminal would interpret, replaced by spaces."""
    return "".join(c if c.isprintable() else " " for c in text)


def pluralize(number: int, noun: str) -> str:
    """A number with its noun: "1 article", "2,000 articles"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def new_table(*columns: str) -> Table:
    """A table without lines, whose cells wrap."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bright_black")
    table.show_header = bool(columns)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def new_console() -> Console:
    """Standard output, which has a fixed width if it is not a terminal."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _FILE_WIDTH
    return console
