"""A run on a Ray cluster of two nodes, whose parts are killed one after the other."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ray = pytest.importorskip("ray", reason="ray is not installed; `make test` runs this with it")

from pyarrow import parquet  # noqa: E402
from ray.cluster_utils import Cluster  # noqa: E402

from tests.bundle import ROOT  # noqa: E402
from tests.corpora.conftest import DEADLINE, LINES, check_complete, wait_until  # noqa: E402

NODE = {"num_cpus": 1, "object_store_memory": 100_000_000}
PARTITIONS = 40


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """Two nodes with one core each."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    cluster = Cluster(initialize_head=True, head_node_args={**NODE, "include_dashboard": False})
    cluster.add_node(**NODE)
    yield cluster
    cluster.shutdown()


def start(cluster: Cluster, folder: Path, *options: str) -> subprocess.Popen:
    rows = str(max(1, LINES // PARTITIONS))
    command = [sys.executable, "-m", "service.cli", "run", "corpus.jsonl", "-o", "out"]
    command += ["--engine", "ray", "--ray-address", cluster.address, "--partition-rows", rows]
    command += ["--carry", "number", *options]
    with (folder / "log.txt").open("a") as log:
        return subprocess.Popen(command, cwd=folder, stderr=log)


def finished(folder: Path) -> int:
    return len(list(folder.glob("out/_enrich/done/*.json")))


def actors(raylet: int) -> list[int]:
    """The processes of a node that have a model."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == raylet and (process / "cmdline").read_bytes().startswith(
                b"ray::MapWorker"
            ):
                found.append(int(process.name))
        except OSError:  # the process has ended
            pass
    return found


def raylet(node: ray._private.node.Node) -> int:
    return node.all_processes["raylet"][0].process.pid


def test_nothing_is_lost_or_repeated_when_an_actor_a_node_and_the_driver_die(
    corpus, tmp_path, cluster
):
    driver = start(cluster, tmp_path)
    [first, second] = [raylet(node) for node in cluster.list_all_nodes()]
    wait_until(lambda: finished(tmp_path) >= 4 and bool(actors(first)))
    os.kill(actors(first)[0], signal.SIGKILL)
    wait_until(lambda: finished(tmp_path) >= 12 and bool(actors(second)))
    os.kill(second, signal.SIGKILL)
    cluster.add_node(**NODE)
    wait_until(lambda: finished(tmp_path) >= 20)
    assert driver.poll() is None
    driver.kill()
    driver.wait()
    (tmp_path / "out/_enrich/unfinished/part-000000.half").write_text("half a file")

    assert start(cluster, tmp_path, "--resume").wait(DEADLINE) == 1, "some articles fail"

    rows = parquet.read_table(tmp_path / "out").to_pylist()
    check_complete(rows)
    assert sorted(int(row["source"].partition(":")[2]) for row in rows) == list(range(1, LINES + 1))
    assert all(row["number"] == row["id"].removeprefix("article-") for row in rows if row["number"])
    manifest = json.loads((tmp_path / "out/_enrich/manifest.json").read_text())
    assert len(manifest["partitions"]) == len(list(tmp_path.glob("out/*.parquet")))
    assert not list(tmp_path.glob("out/_enrich/unfinished/*"))
    failed = sum(row["status"] != 200 for row in rows)
    assert f"{failed} failed" in (tmp_path / "log.txt").read_text()
