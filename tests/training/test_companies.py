"""The builder of the table of companies, without the packages that it reads."""

import sqlite3

import pytest

from service.enrichment.links.company_table import Company, CompanyNameKind, CompanyTable
from training.knowledge import companies as builder
from training.knowledge.companies import Companies

STOCKS = [
    {"name": "Acme plc", "symbol": "ACM.L", "isins": ["GB0002162385"], "country": "United Kingdom"},
    {"name": "Nokian Tyres", "symbol": "TYRES.HE", "isins": []},
    {"name": "Target Corporation", "symbol": "TGT", "metadata": {"traded_as": "NYSE : TGT"}},
    {"name": "National Bank Holdings", "symbol": "NBHC", "metadata": {"traded_as": "NYSE : NBHC"}},
    {"name": "Partners Group", "symbol": "PGHN.SW"},
    {"name": "Mixed SE", "symbol": "MIX.DE"},
]
TABLES = """
left_out = ["Mixed SE"]
common = ["National Bank"]
[isin]
[aliases]
"ACM.L" = ["Acme Rockets"]
"""


@pytest.fixture
def table(monkeypatch, tmp_path):
    monkeypatch.setattr(builder, "_read_stocks", lambda: STOCKS)
    monkeypatch.setattr(builder, "_read_tables", lambda: TABLES)
    monkeypatch.setattr(builder, "_country_codes", lambda: ({}, {"United Kingdom": "GB"}))
    monkeypatch.setattr(builder, "_read_words", lambda: {"target", "partner"})
    monkeypatch.setattr(builder, "_read_people", lambda: iter(()))
    connection = sqlite3.connect(":memory:")
    Companies(frozenset({"reading"})).write(connection)
    return CompanyTable(connection)


def names_of(table, key):
    return {(sense.company.id, sense.kind) for sense in table.look_up([key]).get(key, ())}


def test_what_is_written_is_read(table):
    [sense] = table.look_up(["acme"])["acme"]
    assert sense.company == Company(
        "ACM.L", "Acme plc", "GB", "ACM", "XLON", "GB0002162385", "", "ACM"
    )
    assert names_of(table, "acme rockets") == {("ACM.L", CompanyNameKind.NAME)}


def test_names_that_are_common_words_are_marked(table):
    assert names_of(table, "target") == {("TGT", CompanyNameKind.WORD)}
    assert names_of(table, "partners") == {("PGHN.SW", CompanyNameKind.WORD)}
    assert names_of(table, "national bank") == {("NBHC", CompanyNameKind.WORD)}


def test_what_a_company_does_may_be_absent_from_its_name(table):
    assert names_of(table, "nokian") == {("TYRES.HE", CompanyNameKind.SHORT)}


def test_records_that_mix_companies_are_left_out(table):
    assert names_of(table, "mixed") == set()


def test_an_isin_of_a_depositary_receipt_is_not_that_of_the_shares():
    assert builder._choose_isin(["GB00BH4HKS39", "US92857W3088"], "GB") == "GB00BH4HKS39"
    assert builder._choose_isin(["US57069PAD42"], "GB") == ""
    assert builder._choose_isin(["US02079K1079", "US02079K3059"], "US") == ""
    assert builder._choose_isin(["LR0008862868"], "US") == "LR0008862868"


def test_an_isin_has_a_check_digit():
    assert builder._is_valid("GB0002162385")
    assert not builder._is_valid("GB0002162386")
    assert not builder._is_valid("GB000216238")
