from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from service.cli.columns import Columns
from service.cli.corpus.enricher import Enricher, Job
from service.cli.corpus.manifest import Output
from service.cli.corpus.partitions import Partition, group, split
from service.cli.corpus.storage import InputFile, list_inputs
from service.cli.corpus.table import table_schema
from service.cli.inputs import Inputs
from tests.cli.conftest import fake_app


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def listed(*arguments: str) -> list[InputFile]:
    return list(list_inputs(Inputs(arguments, None, Columns(), None), None))


def planned(rows: int, *arguments: str, columns: Columns | None = None) -> list[Partition]:
    columns = columns or Columns()
    pieces = (piece for file in listed(*arguments) for piece in split(file, columns, rows))
    return list(group(pieces, rows, 0))


def new_job(output: str, columns: Columns | None = None, fields: tuple[pa.Field, ...] = ()) -> Job:
    schema = table_schema(fields)
    return Job(Output.at(output), columns or Columns(), schema, {}, None, lambda _: fake_app())


def enriched(job: Job, partitions: list[Partition]) -> list[dict]:
    """The rows of the output, after every partition is enriched."""
    job.output.prepare()
    enricher = Enricher(job)
    for partition in partitions:
        enricher.enrich(partition)
    return parquet.read_table(job.output.path).to_pylist()
