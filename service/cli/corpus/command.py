"""``enrich run --engine ray``: plans the partitions, has them enriched, and records them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import click
import pyarrow as pa
from ray.exceptions import RayError

from service.api.context import get_app_context
from service.cli.corpus.enricher import Job, Sample
from service.cli.corpus.manifest import Manifest, Output, check_resumable, read_manifest
from service.cli.corpus.partitions import Partition, Piece, group
from service.cli.corpus.ray_engine import (
    EngineStopped,
    cluster,
    enrich_all,
    sample_all,
    split_all,
)
from service.cli.corpus.storage import InputFile, list_inputs
from service.cli.corpus.table import CarriedColumnTaken, table_schema
from service.cli.engines import check_embedded, embedded_app
from service.cli.exits import Failed, Interrupted, Unreachable
from service.cli.inputs import STDIN, Inputs
from service.cli.progress import Tally, reporting
from service.cli.terminal import pluralize
from service.client import Parameters
from service.config.settings import SettingError
from service.inference.errors import ModelError

_SAMPLED_PARTITIONS, _SAMPLED_ARTICLES = 16, 32  # the most


@dataclass(frozen=True)
class CorpusRun:
    """What the options of the command ask for.

    Attributes:
        inputs: the articles.
        output: URI or path of the folder for the results; ``None`` for an estimate.
        parameters: query parameters of every enrichment.
        model: name of the model; ``None`` for the default.
        address: of the Ray cluster; ``None`` for RAY_ADDRESS or this machine.
        partition_rows: articles of a partition.
        resume: whether to continue an earlier run.
    """

    inputs: Inputs
    output: str | None
    parameters: Parameters
    model: str | None
    address: str | None
    partition_rows: int
    resume: bool


def enrich_corpus(run: CorpusRun) -> Tally:
    """Enrich a corpus, or what is missing of it.

    Returns:
        The counts, earlier runs included.

    Raises:
        click.UsageError: the options, the input or the model is wrong, or is not as it was when
            the earlier run began.
        Failed: some partitions are not finished.
        Unreachable: the cluster failed.
    """
    output = Output.at(run.output or "")
    files = _list(run, output)
    earlier = _earlier(run, output)
    parameters, identity = _pin(run)
    with _exit_codes(), cluster(run.address):
        if earlier is not None:
            click.echo("Reading the records of the earlier run ...", err=True)
        finished = output.finished() if earlier is not None else {}
        known = earlier.files if earlier is not None else {}
        new = [file for file in files if file.source not in known]
        manifest = earlier
        if new or manifest is None:
            first = len(manifest.partitions) if manifest is not None else 0
            schema, partitions = _plan(run, new, first)
            if manifest is None:
                manifest = Manifest(identity, schema)
            manifest = manifest.extended(partitions)
        else:
            schema = _schema(
                [one for one in manifest.schema if one.name in run.inputs.columns.carried]
            )
        if earlier is not None:
            check_resumable(output, earlier, identity, schema, files, finished)
        output.prepare()
        if manifest is not earlier:
            manifest.write(output)
        tally = Tally(sum(partition.rows for partition in manifest.partitions))
        for record in finished.values():
            tally.add_many(record.rows, record.rows, record.failed, record.failures)
        job = Job(output, run.inputs.columns, schema, parameters, run.model)
        waiting = [one for one in manifest.partitions if one.name not in finished]
        errors = _enrich(waiting, job, tally)
    _check_complete(manifest, output, errors)
    return tally


def estimate_corpus(run: CorpusRun) -> Iterator[str]:
    """Count the articles, and enrich a sample of them to estimate the rest, as lines of text.

    Raises:
        click.UsageError: the options, the input or the model is wrong.
        Failed: an article of the sample cannot be read.
        Unreachable: the cluster failed.
    """
    nowhere = Output("", "", "")
    files = _list(run, Output.at(run.output) if run.output else None)
    parameters, _ = _pin(run)
    with _exit_codes(), cluster(run.address) as cores:
        schema, partitions = _plan(run, files, 0)
        step = -(-len(partitions) // _SAMPLED_PARTITIONS)
        job = Job(nowhere, run.inputs.columns, schema, parameters, run.model)
        samples: list[Sample] = []
        for sample in sample_all(partitions[::step], job, _SAMPLED_ARTICLES):
            if isinstance(sample, str):
                raise Failed(sample)
            samples.append(sample)
    articles = sum(partition.rows for partition in partitions)
    sampled = sum(sample.articles for sample in samples)
    factor = articles / sampled
    failed = round(factor * sum(sample.failed for sample in samples))
    seconds = factor * sum(sample.seconds for sample in samples)
    failing = f", about {failed:,} of which would fail" if failed else ""
    yield f"articles  {articles:,}{failing}"
    yield f"tokens    about {round(factor * sum(sample.tokens for sample in samples)):,}"
    hours = seconds / 3600
    yield f"cost      about {f'{hours:,.0f}' if hours >= 10 else f'{hours:.2g}'} core-hours"
    duration = timedelta(seconds=max(1, round(seconds / cores)))
    yield f"time      about {duration} on {pluralize(cores, 'core')}"
    yield f"from a sample of {pluralize(sampled, 'article')}"


def _list(run: CorpusRun, output: Output | None) -> list[InputFile]:
    if STDIN in run.inputs.arguments:
        raise click.UsageError("--engine ray cannot read standard input.")
    location = None if output is None else (output.store, output.path)
    return list(list_inputs(run.inputs, location))


def _earlier(run: CorpusRun, output: Output) -> Manifest | None:
    """The run to continue; ``None`` if this is the first."""
    try:
        manifest = read_manifest(output)
        empty = manifest is None and output.is_empty()
    except OSError as error:
        raise click.UsageError(f"{run.output}: {error}") from None
    if manifest is None and not empty:
        raise click.UsageError(f"{run.output} is not an empty folder.")
    if manifest is not None and not run.resume:
        raise click.UsageError(
            f"{run.output} has an earlier run. Use --resume to continue it, or another folder."
        )
    return manifest


def _pin(run: CorpusRun) -> tuple[Parameters, dict[str, Any]]:
    """The parameters, which pin the model that this machine has, and what the manifest records."""
    try:
        check_embedded(run.model)
        context = get_app_context(embedded_app(run.model))
    except (ModelError, SettingError) as error:
        raise click.UsageError(str(error)) from None
    model = context.models.get().info
    knowledge: list[str] = []
    if "links" in run.parameters.get("features", "").split(","):
        lists = context.watchlists.select(None)
        knowledge = [context.linker.identity.digest]
        knowledge += [each.digest for each in lists.lists] if lists else []
    parameters: Parameters = {**run.parameters, "pin": ",".join((model.digest, *knowledge))}
    if run.model is not None:
        parameters["model"] = run.model
    identity = {
        "model": {"name": model.name, "version": model.version, "digest": model.digest},
        "knowledge": knowledge,
        "parameters": dict(run.parameters),
        "columns": {**asdict(run.inputs.columns), "carried": list(run.inputs.columns.carried)},
    }
    return parameters, identity


def _plan(
    run: CorpusRun, files: Sequence[InputFile], first: int
) -> tuple[pa.Schema, list[Partition]]:
    """The schema of the output, and the partitions of files, numbered from ``first`` on."""
    click.echo(f"Counting the articles of {pluralize(len(files), 'file')} ...", err=True)
    pieces: dict[str, list[Piece]] = {}
    carried: dict[str, tuple[pa.Field, str]] = {}
    for split in split_all(files, run.inputs.columns, run.partition_rows):
        if isinstance(split, str):
            raise click.UsageError(split)
        pieces[split.file.source] = split.pieces
        for field in split.carried:
            other, source = carried.setdefault(field.name, (field, split.file.source))
            if other.type != field.type:
                raise click.UsageError(
                    f"--carry {field.name}: {other.type} in {source}, but {field.type} in "
                    f"{split.file.source}."
                )
    in_order = (piece for file in files for piece in pieces[file.source])
    partitions = list(group(in_order, run.partition_rows, first))
    if not partitions and not first:
        raise click.UsageError(f"There are no articles in {', '.join(run.inputs.arguments)}.")
    fields = [
        carried[name][0] if name in carried else pa.field(name, pa.string())
        for name in run.inputs.columns.carried
    ]
    return _schema(fields), partitions


def _schema(carried: Sequence[pa.Field]) -> pa.Schema:
    try:
        return table_schema(carried)
    except CarriedColumnTaken as error:
        raise click.UsageError(f"--carry: {error}") from None


def _enrich(partitions: Sequence[Partition], job: Job, tally: Tally) -> list[str]:
    """Enrich partitions and count their articles; returns why some are not finished."""
    errors: list[str] = []
    tally.start_clock()
    try:
        with reporting(tally) as report:
            for record in enrich_all(partitions, job):
                if isinstance(record, str):
                    errors.append(record)
                else:
                    tally.add_many(record.rows, record.rows, record.failed, record.failures)
                report()
    finally:
        tally.print_summary()
    return errors


def _check_complete(manifest: Manifest, output: Output, errors: Sequence[str]) -> None:
    output.clean()
    missing = len(manifest.partitions) - len(output.finished())
    if missing:
        reasons = errors or [f"Files are missing: do all nodes write to the same {output.name}?"]
        more = f"\n  and {len(reasons) - 1:,} more" if len(reasons) > 1 else ""
        raise Failed(
            f"{missing:,} of {pluralize(len(manifest.partitions), 'partition')} are not finished; "
            f"run again with --resume.\n  {reasons[0]}{more}"
        )


@contextmanager
def _exit_codes() -> Iterator[None]:
    """Ends the command with the exit code of whatever error is raised on the cluster."""
    try:
        yield
    except EngineStopped as error:
        raise click.UsageError(str(error)) from None
    except RayError as error:
        raise Unreachable(f"The Ray cluster failed: {error}") from None
    except KeyboardInterrupt:
        raise Interrupted("Interrupted.") from None
