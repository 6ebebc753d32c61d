"""A DataFrame on a Spark cluster of two executors, of which one is killed."""

import os
import signal
import sys
from pathlib import Path
from threading import Thread

import pytest

pytest.importorskip(
    "pyspark", reason="pyspark is not installed; `make test-scale` runs this with it"
)

from pyarrow import parquet
from pyspark.sql import SparkSession

from service import spark as service_spark
from service.cli.corpus.table import table_schema
from tests.bundle import ROOT
from tests.corpora.conftest import check_complete, wait_until

TASKS = 20


@pytest.fixture
def session(monkeypatch):
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    settings = {
        "spark.master": "local-cluster[2,1,2048]",
        "spark.executor.memory": "1g",
        "spark.executorEnv.PYTHONPATH": str(ROOT),
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
    }
    session = SparkSession.builder.config(map=settings).getOrCreate()
    yield session
    session.stop()


def executors(application: str) -> list[int]:
    """The processes of the executors of an application."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
        except OSError:  # the process has ended
            continue
        if b"CoarseGrainedExecutorBackend" in command and application.encode() in command:
            found.append(int(process.name))
    return found


def kill_an_executor(session: SparkSession, killed: list[int]) -> None:
    """Once some tasks of the job are finished."""
    tracker = session.sparkContext.statusTracker()

    def begun() -> bool:
        stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
        return any(
            stage and stage.numTasks == TASKS and stage.numCompletedTasks for stage in stages
        )

    wait_until(begun)
    executor = executors(session.sparkContext.applicationId)[0]
    os.kill(executor, signal.SIGKILL)
    killed.append(executor)


def test_every_row_is_enriched_once_when_an_executor_dies(corpus, tmp_path, session):
    frame = session.read.text(str(corpus)).selectExpr(
        "get_json_object(value, '$.text') AS text",
        "get_json_object(value, '$.id') AS key",
        "CAST(get_json_object(value, '$.number') AS INT) AS number",
    )
    killed: list[int] = []
    killer = Thread(target=kill_an_executor, args=(session, killed))
    killer.start()
    result = service_spark.enrich(frame.repartition(TASKS), id="key", carry=["number"])
    result.write.parquet(str(tmp_path / "out"))
    killer.join()
    assert killed
    table = parquet.read_table(tmp_path / "out")
    assert table.column_names == [*table_schema().names, "number"]
    rows = table.to_pylist()
    check_complete(rows)
    assert all(row["id"] == f"article-{row['number']}" for row in rows if row["number"] is not None)


def test_a_missing_column_is_named(session):
    frame = session.createDataFrame([("Ann left.",)], ["body"])
    with pytest.raises(ValueError, match="no column 'text'"):
        service_spark.enrich(frame)
