"""Hits: the places in articles that have the names of a watch list."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TextIO

from service.cli.results import Result
from service.client.types import Enrichment

COLUMNS = (
    *("article", "article_id", "list", "id", "name", "mention", "section", "start", "end"),
    *("sentence", "sentiment", "score", "salience"),
)
"""The members of a hit, and the columns of CSV."""

_FORMULA = tuple("=+-@＝＋－＠\t\r")
"""How a cell begins that a spreadsheet would run as a formula."""

Hit = Mapping[str, Any]
"""What :data:`COLUMNS` name, and ``extra``: the other members of the entry."""


def hits_of(result: Result) -> list[Hit]:
    """The hits in an article by position.

    Args:
        result: its enrichment, if it has one, has ``links``, ``mention_sentiment``, ``sentences``
            and the ``article``.
    """
    if "enrichment" not in result:
        return []
    enrichment = result["enrichment"]
    found = [
        {"article": result["source"], "article_id": enrichment["id"], **hit}
        for hit in _hits(enrichment)
    ]
    sections = ("title", "text")
    return sorted(found, key=lambda hit: (sections.index(hit["section"]), hit["start"], hit["end"]))


def _hits(enrichment: Enrichment) -> Iterator[dict[str, Any]]:
    for entity in enrichment["entities"]:
        for link in entity["links"]:
            source, _, name = link["source"].partition(":")
            for position in link["mentions"] if source == "list" else ():
                mention = entity["mentions"][position]
                sentence = enrichment["sentences"][mention["sentence"]]
                text = enrichment["article"][sentence["section"]] or ""
                yield {
                    "list": name,
                    "id": link["id"],
                    "name": link["name"],
                    "mention": mention["text"],
                    "section": mention["section"],
                    "start": mention["start"],
                    "end": mention["end"],
                    "sentence": " ".join(text[sentence["start"] : sentence["end"]].split()),
                    "sentiment": mention["sentiment"]["label"],
                    "score": mention["sentiment"]["score"],
                    "salience": entity["salience"],
                    "extra": link.get("extra", {}),
                }


def write_csv(hits: Iterable[list[Hit]], file: TextIO) -> None:
    """Write a row for each hit, article by article, after a row with the names of the columns.

    A cell that a spreadsheet would run as a formula gets an apostrophe in front.
    """
    file.write(_row(COLUMNS))
    for of_article in hits:
        file.writelines(_row([_cell(hit[column]) for column in COLUMNS]) for hit in of_article)
        file.flush()


def write_ndjson(hits: Iterable[list[Hit]], file: TextIO) -> None:
    """Write a line of JSON for each hit, article by article."""
    for of_article in hits:
        file.writelines(json.dumps(hit, ensure_ascii=False) + "\n" for hit in of_article)
        file.flush()


def _row(cells: Iterable[object]) -> str:
    row = io.StringIO()
    # csv puts a carriage return in quotes only if the terminator has one.
    csv.writer(row, lineterminator="\r\n").writerow(cells)
    return row.getvalue().removesuffix("\r\n") + "\n"


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


HIT_WRITERS: dict[str, Callable[[Iterable[list[Hit]], TextIO], None]] = {
    "csv": write_csv,
    "ndjson": write_ndjson,
}
