"""Runs the work on a Ray cluster: an actor with a model for each core."""

from __future__ import annotations

import logging
import os
import pickle
import re
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from typing import Any, NamedTuple

import click
import pyarrow as pa
import ray
import ray.data

from service.cli.columns import Columns
from service.cli.corpus.enricher import Enricher, Job, Sample
from service.cli.corpus.manifest import Record
from service.cli.corpus.partitions import Partition, Piece, carried_fields, split
from service.cli.corpus.storage import InputChanged, InputFile
from service.cli.engines import InvalidParameter, ModelChanged
from service.config.cpu import usable_cores
from service.config.settings import SettingError, Settings
from service.inference.errors import ModelError

_MOST_BLOCKS = 10_000
_CONNECT_SECONDS = 10
_OBJECT_STORE_BYTES = 200_000_000  # on this machine only: the partitions and records are small


class EngineStopped(Exception):
    """The work cannot go on: a wrong model or option. The message gives the reason."""


@contextmanager
def cluster(address: str | None) -> Iterator[int]:
    """Connect to a cluster, or start Ray on this machine; yields the number of its cores.

    Args:
        address: of a cluster; ``None`` for RAY_ADDRESS or, if it is not set, this machine.

    Raises:
        click.UsageError: there is no cluster at the address.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    address = address or os.environ.get("RAY_ADDRESS") or "local"
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if address == "local":
        options |= {"num_cpus": usable_cores(), "object_store_memory": _OBJECT_STORE_BYTES}
        options |= {"include_dashboard": False}
    names = {field.name.upper() for field in fields(Settings)} & os.environ.keys()
    if names:
        options["runtime_env"] = {"env_vars": {name: os.environ[name] for name in names}}
    try:
        if re.fullmatch(r"[^/]+:\d+", address):  # Ray itself waits for minutes
            host, _, port = address.rpartition(":")
            socket.create_connection((host.strip("[]"), int(port)), _CONNECT_SECONDS).close()
        ray.init(address=address, **options)
    except (OSError, ValueError) as error:
        raise click.UsageError(f"There is no Ray cluster at {address}: {error}") from None
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    try:
        yield max(1, int(ray.cluster_resources().get("CPU", 1)))
    finally:
        ray.shutdown()


class Split(NamedTuple):
    """A file, split into pieces.

    Attributes:
        file: the file.
        pieces: its articles, in order.
        carried: types of the columns that accompany them; empty if the file cannot be read.
    """

    file: InputFile
    pieces: list[Piece]
    carried: list[pa.Field]


def split_all(files: Sequence[InputFile], columns: Columns, rows: int) -> Iterator[Split | str]:
    """Split files on the cluster, in any order.

    A file that cannot be read yields the reason.

    Raises:
        EngineStopped: a file lacks a column.
    """
    yield from _map(files, _splitter, columns, rows)


def enrich_all(partitions: Sequence[Partition], job: Job) -> Iterator[Record | str]:
    """Enrich partitions on the cluster, in any order.

    A partition whose input cannot be read, or whose file cannot be written, yields the reason.

    Raises:
        EngineStopped: the model or a parameter is wrong.
    """
    yield from _map(partitions, _enricher, job)


def sample_all(partitions: Sequence[Partition], job: Job, most: int) -> Iterator[Sample | str]:
    """Enrich at most ``most`` articles of each partition, and write nothing.

    Otherwise like :func:`enrich_all`.
    """
    yield from _map(partitions, _sampler, job, most)


def _splitter(columns: Columns, rows: int) -> Callable[[InputFile], Split]:
    return lambda file: Split(file, split(file, columns, rows), carried_fields(file, columns))


def _enricher(job: Job) -> Callable[[Partition], Record]:
    return Enricher(job).enrich


def _sampler(job: Job, most: int) -> Callable[[Partition], Sample]:
    enricher = Enricher(job)
    return lambda partition: enricher.sample(partition, most)


def _map(
    items: Sequence[Any], make: Callable[..., Callable[[Any], Any]], *arguments: Any
) -> Iterator[Any]:
    """Call, on the cluster, what ``make(*arguments)`` makes in each actor, once for each item.

    If an actor or its node is lost, Ray calls it again elsewhere.
    """
    size = -(-len(items) // _MOST_BLOCKS)
    blocks = [
        pa.table({"item": [pickle.dumps(item) for item in items[start : start + size]]})
        for start in range(0, len(items), size or 1)
    ]
    if not blocks:
        return
    # The pool gives idle actors up, so that the work of a lost node finds a core.
    cores = max(1, int(ray.cluster_resources().get("CPU", 1)))
    pool = ray.data.ActorPoolStrategy(
        min_size=1, max_size=min(cores, len(blocks)), max_tasks_in_flight_per_actor=2
    )
    results = ray.data.from_arrow(blocks).map_batches(
        _Actor,
        batch_size=1,
        batch_format="pyarrow",
        compute=pool,
        num_cpus=1,
        fn_constructor_args=(make, *arguments),
    )
    for batch in results.iter_batches(batch_size=None, batch_format="pyarrow"):
        for pickled in batch["result"].to_pylist():
            result = pickle.loads(pickled)  # noqa: S301  from our own actors
            if isinstance(result, EngineStopped):
                raise result
            yield result


class _Actor:
    """A process of the cluster, with a function that it calls for one item at a time."""

    def __init__(self, make: Callable[..., Callable[[Any], Any]], *arguments: Any) -> None:
        self._function = make(*arguments)

    def __call__(self, batch: pa.Table) -> pa.Table:
        results = [
            pickle.dumps(self._call(pickle.loads(item)))  # noqa: S301  from the driver
            for item in batch["item"].to_pylist()
        ]
        return pa.table({"result": results})

    def _call(self, item: Any) -> Any:
        """The result for an item, or why there is none. Ray shows an exception as a stack trace."""
        try:
            return self._function(item)
        except (OSError, InputChanged) as error:
            return str(error)
        except (ModelError, SettingError, InvalidParameter, ModelChanged) as error:
            return EngineStopped(str(error))
        except click.UsageError as error:
            return EngineStopped(error.message)
