"""Throughput of corpora on Ray beside ``enrich run``: ``python -m benchmarks.corpora``.

Each round runs the same articles through, one after the other,

- ``enrich run``, with a process on each of two cores,
- a Ray cluster of two nodes with one core each,
- a Ray cluster of one node with one core,

and prints articles per second, as the commands report them: from the first article on, the start of
the model included. The ratios are those within a round, so that what else the machine does matters
less. ``--cpu`` instead compares the processor time that one process takes for an article with
either engine, which what else the machine does hardly changes. Requires Ray, which ``make test``
installs into .venv-engines.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

_SUMMARY = re.compile(r"articles in [\d:]+, ([\d.,]+)/s")
_CORES = 2


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.corpora", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with articles/bbc.jsonl")
    parser.add_argument("--articles", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cpu", action="store_true", help="processor time in one process")
    arguments = parser.parse_args()
    if arguments.cpu:
        _compare_processor_time(arguments.data, arguments.articles, arguments.rounds)
        return
    os.environ["PYTHONPATH"] = str(Path(__file__).parents[1])
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    rates: list[tuple[float, float, float]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (arguments.data / "articles/bbc.jsonl").open(encoding="utf-8") as file:
            lines = islice(file, arguments.articles)
            (folder / "corpus.jsonl").write_text("".join(lines), encoding="utf-8")
        for number in range(arguments.rounds):
            plain = _rate(folder, "-o", f"{number}.ndjson")
            two, one = (
                _rate_on_ray(folder, nodes, f"{number}-{nodes}", arguments.articles)
                for nodes in (_CORES, 1)
            )
            rates.append((plain, two, one))
            print(f"enrich run {plain:.1f}/s, two nodes {two:.1f}/s, one node {one:.1f}/s")
    ratios = [two / plain for plain, two, _ in rates]
    shares = [one / two for _, two, one in rates]
    print(f"two nodes ÷ enrich run: {statistics.median(ratios):.2f} (median)")
    print(f"one node ÷ two nodes: {statistics.median(shares):.2f} (median)")


def _compare_processor_time(data: Path, articles: int, rounds: int) -> None:
    from service.app import warm_up
    from service.cli.columns import Columns
    from service.cli.corpus.enricher import Enricher, Job
    from service.cli.corpus.manifest import Output
    from service.cli.corpus.partitions import Partition, split
    from service.cli.corpus.storage import list_inputs
    from service.cli.corpus.table import table_schema
    from service.cli.engines import embedded_app, enrich_with
    from service.cli.inputs import Inputs
    from service.cli.outputs import write_ndjson

    def new_app(model: str | None) -> Flask:
        app = embedded_app(model)  # a new one each time, because of its cache
        warm_up(app)
        return app

    inputs = Inputs([str(data / "articles/bbc.jsonl")], None, Columns(), None)
    [file] = list_inputs(inputs, None)
    piece = split(file, Columns(), articles)[0]
    for number in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            enrich = enrich_with(new_app(None), {})
            start = time.process_time()
            with (Path(folder) / "results.ndjson").open("w", encoding="utf-8") as output:
                documents = islice(inputs.documents(), articles)
                write_ndjson((enrich(document) for document in documents), output)
            plain = time.process_time() - start
            app = new_app(None)
            job = Job(Output.at(folder), Columns(), table_schema(), {}, None, partial(_same, app))
            job.output.prepare()
            start = time.process_time()
            Enricher(job).enrich(Partition(f"part-{number}", (piece,)))
            partition = time.process_time() - start
        print(
            f"enrich run {plain / piece.rows * 1000:.1f} ms, engine "
            f"{partition / piece.rows * 1000:.1f} ms an article, ratio {plain / partition:.3f}"
        )


def _same(app: Flask, _: str | None) -> Flask:
    return app


def _rate_on_ray(folder: Path, nodes: int, output: str, articles: int) -> float:
    rows = str(
        max(1, articles // 24)
    )  # as in a long run, no core waits long for the last partition
    with _cluster(nodes) as address:
        options = ("--engine", "ray", "--ray-address", address, "--partition-rows", rows)
        return _rate(folder, "-o", output, *options)


@contextmanager
def _cluster(nodes: int) -> Iterator[str]:
    from ray.cluster_utils import Cluster

    options = {"num_cpus": 1, "object_store_memory": 100_000_000}
    cluster = Cluster(initialize_head=True, head_node_args={**options, "include_dashboard": False})
    for _ in range(nodes - 1):
        cluster.add_node(**options)
    try:
        yield cluster.address
    finally:
        cluster.shutdown()


def _rate(folder: Path, *options: str) -> float:
    """Articles per second of a run, as it reports them."""
    command = [sys.executable, "-m", "service.cli", "run", "corpus.jsonl", *options]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True)  # noqa: S603
    log = run.stderr
    found = _SUMMARY.search(log)
    if found is None:
        raise RuntimeError(log)
    return float(found[1].replace(",", ""))


if __name__ == "__main__":
    main()
