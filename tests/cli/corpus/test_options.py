"""The options of `enrich run` for clusters, as far as they need none."""

import sys

import pytest

from service import spark
from service.cli.columns import Columns
from tests.cli.conftest import Enrich

LINE = '{"text": "Ann left."}\n'


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "out", "--engine", "ray", "--url", "http://localhost:1"], "goes with neither"),
        (["-o", "out", "--engine", "ray", "--output", "json"], "goes with neither"),
        (["--engine", "ray"], "requires -o, a folder or URI"),
        (["--carry", "n"], "require --engine ray"),
        (["--ray-address", "localhost:1"], "require --engine ray"),
        (["-o", "."], "is a folder"),
    ],
)
def test_options_that_do_not_go_together_are_rejected(enrich: Enrich, tmp_path, arguments, message):
    (tmp_path / "a.jsonl").write_text(LINE)
    result = enrich("a.jsonl", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_without_ray_the_command_that_installs_it_is_named(enrich: Enrich, tmp_path, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("service.cli.corpus")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ray.exceptions", None)
    monkeypatch.setitem(sys.modules, "ray", None)
    (tmp_path / "a.jsonl").write_text(LINE)
    result = enrich("a.jsonl", "-o", "out", "--engine", "ray")
    assert result.exit_code == 2
    assert "requires ray" in result.stderr
    assert "pip install -e '.[ray]'" in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_row_without_a_source_has_none():
    row = {"text": "Ann left.", "url": None}
    assert spark._document(row, Columns(), "url").source == ""
    assert spark._document({**row, "url": "a"}, Columns(), "url").source == "a"


def test_without_pyspark_the_command_that_installs_it_is_named(monkeypatch):
    for name in ("pyspark", "pyspark.sql", "pyspark.sql.pandas", "pyspark.sql.pandas.types"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=r"pip install -e '\.\[spark\]'"):
        spark.enrich(object())
