"""Partitions become files: whole, once, and recorded."""

import json

import pyarrow as pa
import pytest

from service.cli.columns import Columns
from service.cli.corpus.enricher import Enricher, Job
from service.cli.corpus.manifest import Manifest, Output, check_resumable, read_manifest
from service.cli.corpus.storage import InputChanged
from service.cli.engines import enrich_with
from service.cli.inputs import Inputs
from tests.cli.conftest import fake_app
from tests.cli.corpus.conftest import enriched, listed, new_job, planned

RUN = {"model": "one", "parameters": {}}
COLUMNS = Columns(carried=("n",))


def new_carrying_job() -> Job:
    return new_job("out", COLUMNS, (pa.field("n", pa.string()),))


@pytest.fixture
def articles(folder):
    """Ten lines of JSON, of which one is no article."""
    lines = [json.dumps({"text": f"Ann left Paris {n} times.", "n": n}) for n in range(9)]
    (folder / "a.jsonl").write_text("\n".join([*lines, "nonsense"]) + "\n")
    return folder


def refusal(output: Output, run: dict, job, files, finished=()) -> str:
    earlier = read_manifest(output)
    with pytest.raises(Exception, match="Cannot resume") as error:
        check_resumable(output, earlier, run, job.schema, files, finished)
    return str(error.value.message)


def test_every_article_is_a_row_with_the_result_of_the_embedded_engine(articles):
    job = new_carrying_job()
    rows = enriched(job, planned(4, "a.jsonl"))
    expected = [
        enrich_with(fake_app(), {})(document)
        for document in Inputs(["a.jsonl"], None, COLUMNS, None).documents()
    ]
    assert [row["source"] for row in rows] == [result["source"] for result in expected]
    assert [row["status"] for row in rows] == [200] * 9 + [400]
    assert [row["n"] for row in rows] == [*map(str, range(9)), None]
    for row, result in zip(rows[:9], expected, strict=False):
        names = [entity["name"] for entity in result["enrichment"]["entities"]]
        assert [entity["name"] for entity in row["entities"]] == names
    assert rows[9]["problem"]["type"] == "/problems/malformed-json"


def test_a_finished_partition_is_neither_read_nor_written_again(articles):
    job = new_carrying_job()
    [partition] = planned(20, "a.jsonl")
    enriched(job, [partition])
    file = articles / "out" / "part-000000.parquet"
    before = file.stat().st_mtime_ns
    (articles / "a.jsonl").unlink()
    record = Enricher(job).enrich(partition)
    assert (record.rows, record.failed, file.stat().st_mtime_ns) == (10, 1, before)
    assert record.failures == [("a.jsonl:10", "Expecting value at column 1.")]


@pytest.mark.parametrize("loss", ["file", "record", "half"])
def test_a_partition_counts_only_with_its_whole_file_and_its_record(articles, loss):
    job = new_carrying_job()
    partitions = planned(4, "a.jsonl")
    rows = enriched(job, partitions)
    assert set(job.output.finished()) == {"part-000000", "part-000001", "part-000002"}
    file = articles / "out" / "part-000001.parquet"
    if loss == "file":
        file.unlink()
    elif loss == "half":
        file.write_bytes(file.read_bytes()[:-100])
    else:
        (articles / "out/_enrich/done/part-000001.json").unlink()
    assert set(job.output.finished()) == {"part-000000", "part-000002"}
    assert enriched(job, partitions) == rows
    assert len(job.output.finished()) == 3


def test_an_interrupted_partition_leaves_nothing_that_counts(articles, monkeypatch):
    job = new_carrying_job()
    [partition] = planned(20, "a.jsonl")
    job.output.prepare()
    monkeypatch.setattr("service.cli.corpus.enricher.to_batch", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        Enricher(job).enrich(partition)
    assert not list(articles.glob("out/*.parquet"))
    assert not job.output.finished()
    job.output.prepare()
    assert not list(articles.glob("out/_enrich/unfinished/*"))


def test_an_input_with_fewer_articles_than_counted_is_not_recorded(articles, monkeypatch):
    job = new_carrying_job()
    [partition] = planned(20, "a.jsonl")
    path = articles / "a.jsonl"
    path.write_text(path.read_text().replace("\n", " ", 1))  # of the same size ...
    monkeypatch.setattr("service.cli.corpus.partitions.check_unchanged", lambda _: None)
    job.output.prepare()
    with pytest.raises(InputChanged, match="9 articles where 10 were counted"):
        Enricher(job).enrich(partition)
    assert not list(articles.glob("out/*.parquet"))


def test_the_manifest_names_the_run_and_the_articles_of_every_partition(articles):
    job = new_carrying_job()
    job.output.prepare()
    manifest = Manifest(RUN, job.schema, tuple(planned(4, "a.jsonl")))
    manifest.write(job.output)
    assert read_manifest(job.output) == manifest
    content = json.loads((articles / "out/_enrich/manifest.json").read_text())
    [file] = content["files"]
    assert (file["source"], file["size"]) == ("a.jsonl", (articles / "a.jsonl").stat().st_size)
    assert content["model"] == "one"


def test_a_run_of_another_model_or_other_input_is_not_resumed(articles):
    job = new_carrying_job()
    job.output.prepare()
    Manifest(RUN, job.schema, tuple(planned(4, "a.jsonl"))).write(job.output)
    files = listed("a.jsonl")
    other = {**RUN, "model": "two"}
    assert 'another model: "one", not "two"' in refusal(job.output, other, job, files)
    assert "a.jsonl is no longer there" in refusal(job.output, RUN, job, [])
    with (articles / "a.jsonl").open("a") as file:
        file.write("\n")
    assert "a.jsonl has changed" in refusal(job.output, RUN, job, listed("a.jsonl"))


def test_a_sample_is_enriched_and_not_written(articles):
    job = new_carrying_job()
    [partition] = planned(20, "a.jsonl")
    sample = Enricher(job).sample(partition, 5)
    assert (sample.articles, sample.failed) == (5, 0)
    assert sample.tokens > 0
    assert not (articles / "out").exists()
