"""`enrich run --engine ray` with the fake model, and in place of the cluster this process."""

import json
from contextlib import contextmanager
from functools import partial

import pyarrow as pa
import pytest
from pyarrow import parquet

pytest.importorskip("ray", reason="ray is not installed; `make test` runs this with it")

from service.cli.corpus import command, ray_engine
from service.cli.corpus.enricher import Job
from tests.cli.conftest import Enrich, enrich, fake_app  # noqa: F401  a fixture

MANIFEST = "out/_enrich/manifest.json"


def in_this_process(items, make, *arguments):
    actor = ray_engine._Actor(make, *arguments)
    for item in items:
        result = actor._call(item)
        if isinstance(result, ray_engine.EngineStopped):
            raise result
        yield result


@pytest.fixture
def run(enrich: Enrich, tmp_path, monkeypatch):  # noqa: F811
    """Calls `enrich run … -o out --engine ray` in a folder with three articles, two a partition."""

    @contextmanager
    def cluster(_):
        yield 2

    monkeypatch.setattr(ray_engine, "_map", in_this_process)
    monkeypatch.setattr(command, "cluster", cluster)
    monkeypatch.setattr(command, "check_embedded", lambda _: None)
    monkeypatch.setattr(command, "embedded_app", lambda _: fake_app())
    monkeypatch.setattr(command, "Job", partial(Job, new_app=lambda _: fake_app()))
    lines = [json.dumps({"text": f"Ann left Paris {n} times."}) for n in range(3)]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))

    def call(*arguments: str):
        options = ("-o", "out", "--engine", "ray", "--partition-rows", "2")
        return enrich("run", *arguments, *options)

    return call


def sources() -> list[str]:
    return parquet.read_table("out", columns=["source"])["source"].to_pylist()


def test_a_second_run_enriches_what_is_new_and_leaves_the_rest(run, tmp_path):
    assert run("a.jsonl").exit_code == 0
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("out/*.parquet")}
    assert len(before) == 2
    (tmp_path / "b.jsonl").write_text('{"text": "Bob left."}\n')
    result = run("a.jsonl", "b.jsonl", "--resume")
    assert result.exit_code == 0
    assert "4 articles (3 from the earlier run)" in result.stderr
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert sources() == ["a.jsonl:1", "a.jsonl:2", "a.jsonl:3", "b.jsonl:1"]
    assert run("a.jsonl", "b.jsonl", "--resume").exit_code == 0
    assert len(sources()) == 4


def test_an_earlier_run_is_continued_only_on_request(run):
    assert run("a.jsonl").exit_code == 0
    result = run("a.jsonl")
    assert result.exit_code == 2
    assert "Use --resume to continue it" in result.stderr


def test_the_output_of_another_model_is_not_continued(run, tmp_path):
    assert run("a.jsonl").exit_code == 0
    manifest = tmp_path / MANIFEST
    manifest.write_text(manifest.read_text().replace("0" * 64, "1" * 64))
    result = run("a.jsonl", "--resume")
    assert result.exit_code == 2
    assert "the earlier run used another model" in result.stderr
    assert len(sources()) == 3


@pytest.mark.parametrize("option", ["--values", "--title-column=headline", "--carry=n"])
def test_a_run_with_other_options_is_not_continued(run, option):
    assert run("a.jsonl").exit_code == 0
    result = run("a.jsonl", "--resume", option)
    assert result.exit_code == 2
    assert "Cannot resume out" in result.stderr


def test_a_folder_with_something_else_is_left_alone(run, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/other.txt").write_text("x")
    result = run("a.jsonl", "--resume")
    assert result.exit_code == 2
    assert "out is not an empty folder" in result.stderr


def test_a_partition_that_cannot_be_written_stops_no_other_and_is_repeated(
    run, tmp_path, monkeypatch
):
    real, failing = ray_engine.Enricher.enrich, ["part-000000"]

    def enrich_or_fail(self, partition):
        if partition.name in failing:
            raise OSError("The disk is full.")
        return real(self, partition)

    monkeypatch.setattr(ray_engine.Enricher, "enrich", enrich_or_fail)
    result = run("a.jsonl")
    assert result.exit_code == 1
    assert "1 of 2 partitions are not finished; run again with --resume" in result.stderr
    assert "The disk is full." in result.stderr
    assert sources() == ["a.jsonl:3"]
    failing.clear()
    assert run("a.jsonl", "--resume").exit_code == 0
    assert sources() == ["a.jsonl:1", "a.jsonl:2", "a.jsonl:3"]


def test_an_estimate_writes_nothing(run, tmp_path):
    result = run("a.jsonl", "--dry-run")
    assert result.exit_code == 0
    assert result.stdout.startswith("articles  3\ntokens    about ")
    assert "from a sample of 3 articles" in result.stdout
    assert not (tmp_path / "out").exists()


def test_a_missing_column_ends_the_run_before_any_article(run, tmp_path):
    (tmp_path / "b.csv").write_text("body\nAnn left.\n")
    result = run("b.csv")
    assert result.exit_code == 2
    assert "b.csv has no column 'text'" in result.stderr
    assert not (tmp_path / MANIFEST).exists()


def test_a_carried_column_has_one_type_in_all_files(run, tmp_path):
    for name, number in (("b", 1), ("c", "one")):
        row = {"text": "Ann left.", "n": number}
        parquet.write_table(pa.Table.from_pylist([row]), tmp_path / f"{name}.parquet")
    assert (
        "int64 in b.parquet, but string in c.parquet"
        in run("b.parquet", "c.parquet", "--carry", "n").stderr
    )
    assert run("b.parquet", "--carry", "n").exit_code == 0
    assert parquet.read_table("out")["n"].to_pylist() == [1]
