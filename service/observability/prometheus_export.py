"""Metrics of all workers, aggregated, in the formats of Prometheus and OpenMetrics."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from service.observability.metrics import NAMESPACE, REGISTRY
from service.observability.multiprocess_dir import current_folder, read_lock, write_lock

_PER_WORKER = f"{NAMESPACE}_worker_ready"
_EXITED = "ended"
_OPENMETRICS = "application/openmetrics-text"
_log = logging.getLogger(__name__)


def exposition(accept: str) -> tuple[bytes, str]:
    """Return all metrics and their media type.

    Args:
        accept: ``Accept`` header, which selects the format.
    """
    registry = CollectorRegistry()
    registry.register(_AllWorkersCollector())
    # Only the media type: choose_encoder raises an error for a version that is not a number.
    encode, media_type = choose_encoder(_OPENMETRICS if _OPENMETRICS in accept else "")
    return encode(registry), media_type


def drop_process(pid: int) -> None:
    """Merge the counters of an exited process into the files kept for all exited processes.

    Otherwise each exited worker would leave files behind, and every export would read all of them.
    """
    folder = current_folder()
    if folder is None:
        return
    try:
        with write_lock(folder):
            for path in folder.glob(f"*_{pid}.db"):
                metric_type = path.name.partition("_")[0]
                if metric_type != "gauge" and path.stat().st_size:
                    _add(path, folder / f"{metric_type}_{_EXITED}.db")
                path.unlink()
    except OSError as error:  # the caller is the arbiter, which must keep running
        _log.error("Cannot keep the metrics of process %d: %s", pid, error)


def _add(path: Path, total_path: Path) -> None:
    totals = MmapedDict(str(total_path))
    for key, value, *_ in MmapedDict.read_all_values_from_file(str(path)):
        totals.write_value(key, totals.read_value(key)[0] + value, 0.0)
    totals.close()


class _AllWorkersCollector(Collector):
    def collect(self) -> Iterator[Metric]:
        """Yield the aggregated metrics of the workers and the process metrics of each."""
        folder = current_folder()
        if folder is None:
            metrics: Sequence[Metric] = list(REGISTRY.collect())
        else:
            with read_lock(folder):
                metrics = list(MultiProcessCollector(None, str(folder)).collect())
        yield from sorted(metrics, key=lambda metric: metric.name)
        pids = [
            int(sample.labels.get("pid", os.getpid()))
            for metric in metrics
            if metric.name == _PER_WORKER
            for sample in metric.samples
        ]
        yield from _collect_processes(pids)


def _collect_processes(pids: Iterable[int]) -> Iterable[Metric]:
    """Return memory, CPU time, open files and start time of processes, labelled with ``pid``."""
    merged: dict[str, Metric] = {}
    for pid in pids:
        collector = ProcessCollector(NAMESPACE, partial(int, pid), registry=None)
        for metric in collector.collect():
            family = merged.setdefault(
                metric.name, Metric(metric.name, metric.documentation, metric.type)
            )
            for sample in metric.samples:
                family.add_sample(sample.name, {"pid": str(pid)}, sample.value)
    return merged.values()
