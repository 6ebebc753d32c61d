"""The metrics of all workers together, in the formats of Prometheus and OpenMetrics."""

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
from service.observability.multiprocess_dir import changing, made_folder, reading

_PER_WORKER = f"{NAMESPACE}_worker_ready"
_ENDED = "ended"
_OPENMETRICS = "application/openmetrics-text"
_log = logging.getLogger(__name__)


def exposition(accept: str) -> tuple[bytes, str]:
    """All metrics, and the media type that they are in.

    Args:
        accept: the header field; decides between the formats.
    """
    registry = CollectorRegistry()
    registry.register(_AllWorkers())
    # Of the rest of the field, the library is thrown by versions that are no numbers.
    encode, media_type = choose_encoder(_OPENMETRICS if _OPENMETRICS in accept else "")
    return encode(registry), media_type


def drop_process(pid: int) -> None:
    """Drop the files of a process that counts no more: what it has counted is kept elsewhere.

    Otherwise each worker that dies would leave files behind, that all have to be read.
    """
    folder = made_folder()
    if folder is None:
        return
    try:
        with changing(folder):
            for path in folder.glob(f"*_{pid}.db"):
                kind = path.name.partition("_")[0]
                if kind != "gauge" and path.stat().st_size:
                    _add(path, folder / f"{kind}_{_ENDED}.db")
                path.unlink()
    except OSError as error:  # whoever calls this keeps the workers alive, and must go on
        _log.error("The metrics of process %d cannot be kept: %s", pid, error)


def _add(path: Path, sums: Path) -> None:
    kept = MmapedDict(str(sums))
    for key, value, *_ in MmapedDict.read_all_values_from_file(str(path)):
        kept.write_value(key, kept.read_value(key)[0] + value, 0.0)
    kept.close()


class _AllWorkers(Collector):
    def collect(self) -> Iterator[Metric]:
        """What the workers have counted, and what the system says of them."""
        folder = made_folder()
        if folder is None:
            found: Sequence[Metric] = list(REGISTRY.collect())
        else:
            with reading(folder):
                found = list(MultiProcessCollector(None, str(folder)).collect())
        yield from sorted(found, key=lambda metric: metric.name)
        workers = [
            int(sample.labels.get("pid", os.getpid()))
            for metric in found
            if metric.name == _PER_WORKER
            for sample in metric.samples
        ]
        yield from _processes(workers)


def _processes(pids: Iterable[int]) -> Iterable[Metric]:
    """Memory, processor time, files and start of processes, labelled with their ``pid``."""
    merged: dict[str, Metric] = {}
    for pid in pids:
        one = ProcessCollector(NAMESPACE, partial(int, pid), registry=None)
        for metric in one.collect():
            kept = merged.setdefault(
                metric.name, Metric(metric.name, metric.documentation, metric.type)
            )
            for sample in metric.samples:
                kept.add_sample(sample.name, {"pid": str(pid)}, sample.value)
    return merged.values()
