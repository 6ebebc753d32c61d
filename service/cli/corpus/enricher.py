"""Enriches the articles of a partition, and writes them to its file."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING
from uuid import uuid4

import pyarrow as pa
from pyarrow import parquet

from service.cli.columns import Columns, Document
from service.cli.corpus.manifest import Output, Record
from service.cli.corpus.partitions import Partition, read
from service.cli.corpus.storage import InputChanged
from service.cli.corpus.table import to_batch, to_row
from service.cli.engines import embedded_app, enrich_with
from service.cli.progress import MOST_LISTED
from service.cli.results import Result
from service.client import Parameters

if TYPE_CHECKING:
    from flask import Flask

_BATCH_ROWS = 128
"""Most enriched articles in memory, and articles of a row group."""


@dataclass(frozen=True)
class Job:
    """What is the same for all partitions.

    Attributes:
        output: where the files go.
        columns: which columns of the input make up an article.
        schema: of the output.
        parameters: query parameters of every enrichment.
        model: name of the model; ``None`` for the default.
        new_app: creates the application with the model.
    """

    output: Output
    columns: Columns
    schema: pa.Schema
    parameters: Parameters
    model: str | None
    new_app: Callable[[str | None], Flask] = embedded_app


@dataclass(frozen=True)
class Sample:
    """A few articles, and the time that they took.

    Attributes:
        articles: their number.
        failed: those of them that have a problem.
        tokens: in the others.
        seconds: on one core.
    """

    articles: int
    failed: int
    tokens: int
    seconds: float


class Enricher:
    """Enriches partitions with a model of its own, which is loaded when it is first used.

    Args:
        job: what is the same for all partitions.
    """

    def __init__(self, job: Job) -> None:
        self._job = job

    @cached_property
    def _enrich(self) -> Callable[[Document], Result]:
        return enrich_with(self._job.new_app(self._job.model), self._job.parameters)

    def enrich(self, partition: Partition) -> Record:
        """Enrich a partition, write its file, and record it; unless it is recorded.

        Raises:
            InputChanged: a file of the input has changed.
            OSError: a file cannot be read or written.
            ModelError, SettingError: the model cannot be loaded.
            ModelChanged, InvalidParameter: see :func:`service.cli.engines.enrich_document`.
        """
        output = self._job.output
        if (record := output.recorded(partition.name)) is not None:
            return record
        enrich, start = self._enrich, time.monotonic()
        failures: list[tuple[str, str]] = []
        rows = failed = 0
        # Another attempt at the same partition may be alive: on a node that lost its connection.
        temporary = output.temporary(f"{partition.name}.{uuid4().hex}")
        with (
            output.system.open_output_stream(temporary) as stream,
            parquet.ParquetWriter(stream, self._job.schema, compression="zstd") as writer,
        ):
            articles = read(partition, self._job.columns)
            while documents := list(islice(articles, _BATCH_ROWS)):
                results = [enrich(document) for document in documents]
                pairs = zip(documents, results, strict=True)
                writer.write_batch(to_batch((to_row(*pair) for pair in pairs), self._job.schema))
                problems = [result for result in results if "problem" in result]
                rows, failed = rows + len(results), failed + len(problems)
                failures += [
                    (problem["source"], problem["problem"]["detail"]) for problem in problems
                ]
                del failures[MOST_LISTED:]
        if rows != partition.rows:
            output.system.delete_file(temporary)
            names = ", ".join(dict.fromkeys(piece.file.source for piece in partition.pieces))
            raise InputChanged(f"{names}: {rows} articles where {partition.rows} were counted.")
        output.system.move(temporary, output.file(partition.name))
        [info] = output.system.get_file_info([output.file(partition.name)])
        seconds = round(time.monotonic() - start, 1)
        record = Record(partition.name, rows, failed, info.size, seconds, failures)
        output.record(record)
        return record

    def sample(self, partition: Partition, most: int) -> Sample:
        """Enrich the first articles of a partition, and write nothing.

        Raises:
            Exception: as of :meth:`enrich`.
        """
        documents = list(islice(read(partition, self._job.columns), most))
        enrich, start = self._enrich, time.perf_counter()
        results = [enrich(document) for document in documents]
        seconds = time.perf_counter() - start
        enriched = [result["enrichment"] for result in results if "enrichment" in result]
        tokens = sum(enrichment["coverage"]["tokens"] for enrichment in enriched)
        return Sample(len(results), len(results) - len(enriched), tokens, seconds)
