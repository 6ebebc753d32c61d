"""Articles as they are in the input, and the columns of a table that make them up."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import click


@dataclass(frozen=True)
class Document:
    """An article as it is in the input, not yet parsed.

    Attributes:
        source: the file, and the line or row in it, such as ``news.jsonl:17``.
        body: the request body to send to the service.
        media_type: the type of ``body``.
        size: bytes of the input that the article takes up.
        read_error: why the article cannot be read; ``None`` if it can.
        id: of the article, where the body has no place for it.
        carried: the values of :attr:`Columns.carried`.
    """

    source: str
    body: bytes = b""
    media_type: str = ""
    size: int = 0
    read_error: str | None = None
    id: str | None = None
    carried: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Columns:
    """The columns of a table, or members of a JSON object, that make up an article.

    ``text`` is "text" if ``None``. If all are ``None``, a JSON object is an article as it is.
    ``carried`` are further columns, whose values accompany the article.
    """

    text: str | None = None
    title: str | None = None
    id: str | None = None
    published: str | None = None
    carried: tuple[str, ...] = ()

    def article(self, row: Mapping[str, object]) -> bytes:
        """The article in a row, as a JSON body."""
        text = self.text or "text"
        members = {"text": row[text]} if text in row else {}
        if self.title is not None and not _is_blank(row.get(self.title)):
            members["title"] = row[self.title]
        if self.id is not None and not _is_blank(row.get(self.id)):
            members["id"] = _plain(row[self.id])
        if self.published is not None and not _is_blank(row.get(self.published)):
            members["published"] = _plain(row[self.published])
        return json.dumps(members, default=_plain).encode()

    @property
    def names(self) -> list[str]:
        """The names of the columns that a table has to have."""
        columns = (self.text or "text", self.title, self.id, self.published, *self.carried)
        return list(dict.fromkeys(column for column in columns if column is not None))

    @property
    def select(self) -> bool:
        """Whether a JSON object is a row whose columns make up the article."""
        return any(name is not None for name in (self.text, self.title, self.id, self.published))

    def carry(self, row: object) -> Mapping[str, object]:
        """The values that accompany the article of a row; those that it lacks are ``None``."""
        if not self.carried:
            return {}
        members = row if isinstance(row, dict) else {}
        return {name: members.get(name) for name in self.carried}

    def check(self, table: str, names: Sequence[str]) -> None:
        """Check that a table with these column names has them all.

        Raises:
            click.UsageError: a column is missing.
        """
        for column in self.names:
            if column not in names:
                raise click.UsageError(
                    f"{table} has no column '{column}'. Its columns: {', '.join(names)}."
                )


def _plain(value: object) -> str:
    """A value of Parquet or Spark that JSON has no type for; the service rejects invalid UTF-8."""
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
