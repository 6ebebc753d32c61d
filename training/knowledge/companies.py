"""Reads listed companies and their names from the packages in ``requirements.txt``."""

from __future__ import annotations

import re
import sqlite3
import tomllib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from service.enrichment.links.company_names import read_company_name
from service.enrichment.links.company_table import Company, CompanyNameKind
from service.enrichment.links.names import name_key

_SCHEMA = """
CREATE TABLE company (id TEXT PRIMARY KEY, name TEXT, country TEXT, ticker TEXT, exchange TEXT,
    isin TEXT, uri TEXT, tickers TEXT) WITHOUT ROWID;
CREATE TABLE company_name (key TEXT, company TEXT, kind INTEGER, PRIMARY KEY (key, company))
    WITHOUT ROWID;
"""

_EXCHANGES = {
    "AS": ("XAMS", "NL"),
    "BR": ("XBRU", "BE"),
    "DE": ("XETR", "DE"),
    "HE": ("XHEL", "FI"),
    "L": ("XLON", "GB"),
    "MC": ("XMAD", "ES"),
    "MI": ("XMIL", "IT"),
    "PA": ("XPAR", "FR"),
    "ST": ("XSTO", "SE"),
    "SW": ("XSWX", "CH"),
    "T": ("XTKS", "JP"),
}
"""Suffix of a symbol → market identifier code and country of the exchange."""

_INDUSTRIES = frozenset(
    "airlines bancorp bank bankshares beverage beverages biosciences brands breweries "
    "communications electronics energy entertainment financial foods healthcare hotels industries "
    "insurance international laboratories materials medical motor motors oil pharma "
    "pharmaceutical pharmaceuticals platforms properties realty reit resorts resources "
    "semiconductor software solutions stores systems technologies technology telecom therapeutics "
    "trust tyres utilities worldwide".split()
)
_LEAST_SURNAME = 0.005
"""Per cent of the people of the United States. A rarer surname does not make a name ambiguous."""

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_REMARK = re.compile(r"\s*\([^)]*\)")
_WIKIPEDIA = "https://en.wikipedia.org/wiki/"


@dataclass(frozen=True)
class _Tables:
    aliases: Mapping[str, Collection[str]]
    isin: Mapping[str, str]
    left_out: Collection[str]
    common: Collection[str]


class Companies:
    """Listed companies and their names.

    Args:
        places: the keys of the names of places that companies share.
    """

    def __init__(self, places: Collection[str]) -> None:
        tables = _Tables(**tomllib.loads(_read_tables()))
        self.companies: dict[str, Company] = {}
        self.names: dict[tuple[str, str], CompanyNameKind] = {}
        self._common = _Common({*places, *(name_key(name) for name in tables.common)})
        for record in _read_stocks():
            company = _read_company(record, tables)
            if company and record["name"] not in tables.left_out:
                self.companies.setdefault(company.id, company)
        for company in self.companies.values():
            self._name(company, tables.aliases.get(company.id, ()))
        self._shorten()

    def write(self, database: sqlite3.Connection) -> None:
        """Add the tables to the file of the knowledge base."""
        database.executescript(_SCHEMA)
        database.executemany(
            "INSERT INTO company VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (c.id, c.name, c.country, c.ticker, c.exchange, c.isin, c.uri, c.tickers)
                for _, c in sorted(self.companies.items())
            ),
        )
        database.executemany(
            "INSERT INTO company_name VALUES (?, ?, ?)",
            ((key, company, kind) for (key, company), kind in sorted(self.names.items())),
        )

    def _name(self, company: Company, aliases: Iterable[str]) -> None:
        for name in (company.name, *aliases):
            for spelling in {name, name.translate(_UMLAUTS)}:
                if key := read_company_name(spelling).key:
                    self.names[key, company.id] = self._common.kind(key, spelling)

    def _shorten(self) -> None:
        """Add names without what the company does, where no other name begins with them."""
        first: dict[str, set[str]] = defaultdict(set)
        for key, identifier in self.names:
            first[key.split()[0]].add(identifier)
        for key, identifier in list(self.names):
            words = key.split()
            while len(words) > 1 and words[-1] in _INDUSTRIES:
                words.pop()
            short = " ".join(words)
            alone = len(words) > 1 or first[short] == {identifier}
            if short != key and alone and self._common.kind(short, short) is CompanyNameKind.NAME:
                self.names.setdefault((short, identifier), CompanyNameKind.SHORT)


class _Common:
    """Which names are also common words, places or names of people."""

    def __init__(self, places: Collection[str]) -> None:
        self._words = _read_words()
        self._places = places
        self._people = {name_key(name) for name in _read_people()}

    def kind(self, key: str, name: str) -> CompanyNameKind:
        """How clearly a name, which has a key, refers to a company."""
        if len(key.replace(" ", "")) <= 3 and not (key in self._words and key.title() in name):
            return CompanyNameKind.ACRONYM
        if key in self._places or (" " not in key and self._is_common(key)):
            return CompanyNameKind.WORD
        return CompanyNameKind.NAME

    def _is_common(self, word: str) -> bool:
        return (
            word in self._words
            or word.removesuffix("s") in self._words
            or word in self._people
            or word in _INDUSTRIES
        )


def _read_tables() -> str:
    return Path(__file__).with_suffix(".toml").read_text("utf-8")


def _read_words() -> set[str]:
    """English words that begin with a small letter."""
    from english_words import get_english_words_set

    return {word for word in get_english_words_set(["web2"]) if word.islower()}


def _read_people() -> Iterator[str]:
    """First names, and the more frequent surnames, of the United States."""
    import names

    for kind, least in (("last", _LEAST_SURNAME), ("first:female", 0.0), ("first:male", 0.0)):
        for line in Path(names.FILES[kind]).read_text("ascii").splitlines():
            name, share, *_ = line.split()
            if float(share) >= least:
                yield name


@cache
def _read_stocks() -> list[dict[str, Any]]:
    from pytickersymbols import PyTickerSymbols

    return list(PyTickerSymbols().get_all_stocks())


def _read_company(record: Mapping[str, Any], tables: _Tables) -> Company | None:
    listing = _read_listing(record)
    if listing is None:
        return None
    identifier, ticker, exchange, home = listing
    isins = [isin for isin in record.get("isins", ()) if _is_valid(isin)]
    isin = tables.isin.get(identifier) or _choose_isin(isins, home)
    stated = _country_code(record.get("country") or "")
    country = (stated if home == "US" or not isin else isin[:2]) or home
    url = record.get("metadata", {}).get("wikipedia_url", "")
    uri = url if url.startswith(_WIKIPEDIA) else ""
    name = _REMARK.sub("", record["name"]).strip()
    tickers = " ".join(sorted({ticker, *_read_tickers(record)}))
    return Company(identifier, name, country, ticker, exchange, isin, uri, tickers)


def _read_listing(record: Mapping[str, Any]) -> tuple[str, str, str, str] | None:
    """Symbol, ticker, exchange and country of the exchange; ``None`` without a home exchange."""
    symbol = record.get("symbol") or ""
    traded = record.get("metadata", {}).get("traded_as", "")
    ticker, _, suffix = symbol.rpartition(".")
    if suffix in _EXCHANGES and ticker:
        return symbol, ticker, *_EXCHANGES[suffix]
    google = {entry["google"] for entry in record.get("symbols", ()) if entry.get("google")}
    american = {"NYSE": "XNYS", "NASDAQ": "XNAS"}
    for name, code in american.items():
        stated = re.match(rf"{name} : {re.escape(symbol)}\b", traded, re.IGNORECASE)
        if symbol and (f"{name}:{symbol}" in google or stated):
            return symbol, symbol, code, "US"
    if found := re.match(r"FWB : ([A-Z0-9]+)\b", traded):
        return f"{found[1]}.DE", found[1], *_EXCHANGES["DE"]
    if symbol in google:  # indices of the United States have plain symbols without an exchange
        return symbol, symbol, "", "US"
    return None


def _read_tickers(record: Mapping[str, Any]) -> Iterator[str]:
    """The tickers at all exchanges, except those that are numbers of depositary receipts."""
    for entry in record.get("symbols", ()):
        ticker = (entry.get("google") or "").rpartition(":")[2]
        if ticker.isalpha():
            yield ticker


def _choose_isin(isins: list[str], home: str) -> str:
    """The ISIN of the shares; ``""`` if several may be.

    A number of the United States for shares that are listed elsewhere is of a depositary receipt.
    """
    candidates = [isin for isin in isins if home == "US" or not isin.startswith("US")]
    at_home = [isin for isin in candidates if isin.startswith(home)]
    for group in (at_home, candidates):
        if len(group) == 1:
            return group[0]
    return ""


def _is_valid(isin: str) -> bool:
    """Whether the check digit is right."""
    if not re.fullmatch(r"[A-Z]{2}[A-Z0-9]{9}\d", isin):
        return False
    digits = "".join(str(int(char, 36)) for char in isin)
    total = 0
    for position, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (position % 2 + 1)
        total += doubled // 10 + doubled % 10
    return total % 10 == 0


def _country_code(stated: str) -> str:
    """The code of a country, or of the one in "Atlanta, Georgia" or "Dublin, Ireland"."""
    city, _, area = stated.rpartition(",")
    states, countries = _country_codes()
    area = area.strip()
    return (states.get(area) if city else None) or countries.get(area, "")


@cache
def _country_codes() -> tuple[dict[str, str], dict[str, str]]:
    """Code of the country, by the names of states of the United States and of countries."""
    from training.knowledge.sources import read_countries, read_states

    states = {state: "US" for _, state in read_states().values()} | {"D.C.": "US"}
    countries = {country.name: country.country for country in read_countries()}
    return states, countries | {"Netherlands": "NL"}
