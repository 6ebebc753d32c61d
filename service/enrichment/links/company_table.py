"""The listed companies in the knowledge base."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

_BATCH = 500


class CompanyNameKind(IntEnum):
    """How clearly a name refers to a company."""

    NAME = 0
    SHORT = 1
    """Without what the company does: ``Nokian`` for Nokian Tyres."""
    WORD = 2
    """Also a common word, a place or the name of a person: ``Target``, ``Hershey``, ``Ford``."""
    ACRONYM = 3
    """Up to three letters: ``BP``."""


@dataclass(frozen=True)
class Company:
    """A listed company.

    Attributes:
        id: its symbol at Yahoo Finance: the ticker, with a suffix outside the United States.
        country: ISO 3166-1 alpha-2 code; ``""`` if it is unknown.
        ticker: at its exchange.
        exchange: market identifier code (ISO 10383).
        isin: of its shares (ISO 6166); ``""`` if it is unknown.
        uri: of its article in the English Wikipedia; ``""`` if it is unknown.
        tickers: that it has at any exchange, separated by spaces.
    """

    id: str
    name: str
    country: str
    ticker: str
    exchange: str
    isin: str
    uri: str
    tickers: str


@dataclass(frozen=True)
class CompanySense:
    """A company that a name may refer to."""

    company: Company
    kind: CompanyNameKind


class CompanyTable:
    """Looks companies up. Several threads may use it at once.

    Args:
        connection: to the file of the knowledge base.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def look_up(self, keys: Iterable[str]) -> Mapping[str, tuple[CompanySense, ...]]:
        """The companies of names, by the keys of the names; names without are absent."""
        wanted, found = sorted(set(keys)), dict[str, list[CompanySense]]()
        for start in range(0, len(wanted), _BATCH):
            batch = wanted[start : start + _BATCH]
            query = _SELECT.format(", ".join("?" * len(batch)))
            for key, kind, *columns in self._connection.execute(query, batch).fetchall():
                sense = CompanySense(Company(*columns), CompanyNameKind(kind))
                found.setdefault(key, []).append(sense)
        return {key: tuple(senses) for key, senses in found.items()}


_SELECT = """
SELECT key, kind, company.id, name, country, ticker, exchange, isin, uri, tickers
FROM company_name JOIN company ON company.id = company_name.company
WHERE key IN ({})
ORDER BY key, company.id
"""
