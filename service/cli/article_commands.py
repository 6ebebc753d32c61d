"""The commands that read articles or results: ``run``, ``diff`` and ``check``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from service.cli.diff import compare
from service.cli.exits import FAILED, Interrupted
from service.cli.expectations import Verdict, judge, read_rules
from service.cli.inputs import Inputs
from service.cli.junit import write_junit
from service.cli.options import (
    EngineOptions,
    article_options,
    checked_inputs,
    open_engine,
    unchecked_inputs,
)
from service.cli.outputs import WRITERS, default_format, open_output
from service.cli.progress import Tally, track
from service.cli.resume import model_digest, skip_finished
from service.cli.terminal import pluralize, printable
from service.client import Parameters

_PARAMETERS: dict[str, Parameters] = {
    "json": {},
    "ndjson": {},
    "table": {"features": "entities,sentiment"},
    "html": {"features": "entities,sentiment", "include_text": True},
}


@click.command()
@article_options
@click.option(
    "--output",
    "output_format",
    type=click.Choice(tuple(WRITERS)),
    help="Output format.  [default: by the suffix of -o FILE; else table on a terminal, ndjson "
    "elsewhere]",
)
@click.option(
    "-o",
    "output",
    type=click.Path(writable=True),
    metavar="FILE",
    help="Write the results to FILE; with --engine ray, to a folder or URI.",
)
@click.option(
    "--engine",
    type=click.Choice(("embedded", "ray")),
    default="embedded",
    help="embedded: this machine. ray: the machines of a Ray cluster.",
)
@click.option(
    "--ray-address",
    metavar="ADDRESS",
    help="With --engine ray: the cluster.  [default: RAY_ADDRESS; else this machine]",
)
@click.option(
    "--carry",
    multiple=True,
    metavar="NAME",
    help="With --engine ray: add this column of the input to the output; repeatable.",
)
@click.option(
    "--partition-rows",
    type=click.IntRange(1),
    default=1000,
    show_default=True,
    help="With --engine ray: most articles in an output file. If a node is lost, the files that it "
    "has not finished are repeated.",
)
@click.option("--values", "with_values", is_flag=True, help="Also find dates and amounts of money.")
@click.option(
    "--links",
    "with_links",
    is_flag=True,
    help="Also link places, nationalities and companies, and the names in WATCHLISTS.",
)
@click.option("--resume", is_flag=True, help="Continue an interrupted run from what is in -o FILE.")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Only count articles and tokens, list articles that would fail, and estimate the time.",
)
def run(
    files: Sequence[str],
    url: str | None,
    wait: float,
    key_file: Path | None,
    model: str | None,
    output_format: str | None,
    output: str | None,
    engine: str,
    ray_address: str | None,
    carry: tuple[str, ...],
    partition_rows: int,
    with_values: bool,
    with_links: bool,
    resume: bool,
    dry_run: bool,
    **input_options: Any,
) -> None:
    """Enrich articles. `enrich FILE...` is the short form.

    Reads .txt, .html, .htm, .json (an article, or an array of them), .jsonl and .ndjson (one
    article per line), and .csv; .parquet needs pyarrow, and .warc and .wet, both also with .gz,
    need warcio. The results keep the order of the articles; that of an article that fails is the
    reason. With --engine ray, FILE may be a URI, and the results are Parquet files in a folder.

    \b
    Examples:
      enrich article.txt
      enrich news/ 'archive/**/*.html' -o report.html
      enrich news.jsonl -o results.ndjson --resume
      enrich news.csv --column body --id-column nr --url http://localhost:8000
      enrich 's3://news/2019/*.parquet' -o s3://news/enriched --engine ray

    \b
    Exit codes:
      0    every article is enriched
      1    some articles failed; standard error lists them
      2    wrong usage
      3    the server cannot be reached, or is too busy, after all retries
      130  interrupted
    """  # noqa: D301  click keeps line breaks after a backspace
    if engine == "ray":
        if url is not None or output_format is not None:
            raise click.UsageError("--engine ray goes with neither --url nor --output.")
        added = _features({}, with_values, with_links)
        options = (added, model, ray_address, partition_rows, resume)
        _run_on_ray(unchecked_inputs(files, carry, **input_options), output, dry_run, *options)
        return
    if ray_address is not None or carry:
        raise click.UsageError("--ray-address and --carry require --engine ray.")
    file = _output_file(output)
    inputs = checked_inputs(files, file, **input_options)
    to_terminal = file is None and sys.stdout.isatty()
    output_format = output_format or default_format(file, to_terminal)
    engine_options = EngineOptions(url, wait, model, key_file)
    if resume and (file is None or output_format != "ndjson"):
        raise click.UsageError("--resume requires -o FILE and --output ndjson.")
    if dry_run:
        if url is not None:
            raise click.UsageError("--dry-run estimates the time on this machine: omit --url.")
        _estimate(inputs, engine_options)
        return
    tally = Tally(inputs.size())
    documents = inputs.documents()
    parameters = _features(_PARAMETERS[output_format], with_values, with_links)
    if resume and file is not None and (digest := model_digest(file)):
        parameters = {**parameters, "pin": digest}
    with open_engine(engine_options, parameters) as enrich_all:
        if resume and file is not None:
            skip_finished(file, documents, tally.add)
        with open_output(file, resume) as stream:
            try:
                WRITERS[output_format](
                    track(enrich_all(documents), tally, quiet=to_terminal), stream
                )
            except KeyboardInterrupt:
                raise Interrupted("Interrupted.") from None
            finally:
                tally.print_summary()
    if tally.failed:
        sys.exit(FAILED)


@click.command()
@click.argument("old", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("new", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def diff(old: Path, new: Path, as_json: bool) -> None:
    """Compare two runs, OLD and NEW, written with --output ndjson.

    Lists entities gained and lost, changed entity types, changed sentiment labels, articles added
    and removed, and articles that fail in one run only. Articles are matched by their source.

    \b
    Example:
      enrich diff yesterday.ndjson today.ndjson

    \b
    Exit codes:
      0    nothing changed
      1    something changed
      2    wrong usage
    """  # noqa: D301
    difference = compare(old, new)
    if as_json:
        click.echo(difference.as_json())
    else:
        for line in difference.lines():
            click.echo(line)
    if difference.changes:
        sys.exit(FAILED)


@click.command()
@click.argument("rules", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@article_options
@click.option(
    "--junit",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE",
    help="Write a JUnit XML report to FILE.",
)
def check(
    rules: Path,
    files: Sequence[str],
    url: str | None,
    wait: float,
    key_file: Path | None,
    model: str | None,
    junit: Path | None,
    **input_options: Any,
) -> None:
    """Check the enrichments of articles against RULES.

    RULES is a YAML file. Each rule in it states what is expected of some articles.

    \b
    Example:
      enrich check rules.yaml seeds/ --junit checks.xml

    \b
    Rules:
      - article: "seeds/*.txt"      # pattern for the source or id of articles
        sentiment: {above: -0.5}    # of the article: a label, or score bounds
        entities:
          Joe Biden: {type: PERSON, sentiment: NEUTRAL}
          Lima: present
          Elvis Presley: absent

    \b
    Exit codes:
      0    every expectation holds
      1    an expectation does not hold, or an article failed
      2    wrong usage
      3    the server cannot be reached, or is too busy, after all retries
    """  # noqa: D301
    expected = read_rules(rules)
    inputs = checked_inputs(files, None, **input_options)
    tally = Tally(inputs.size())
    verdicts: list[Verdict] = []
    unused = list(expected)
    parameters: Parameters = {"features": "entities,sentiment"}
    with open_engine(EngineOptions(url, wait, model, key_file), parameters) as engine:
        for result in track(engine(inputs.documents()), tally, quiet=sys.stdout.isatty()):
            for rule in expected:
                if rule.applies_to(result):
                    unused = [other for other in unused if other is not rule]
                    verdicts += _print_failures(judge(rule, result))
    verdicts += _print_failures(
        Verdict(rule.article, "matches the source or id of an article", "none") for rule in unused
    )
    tally.print_summary()
    if junit is not None:
        write_junit(verdicts, junit)
    broken = sum(verdict.actual is not None for verdict in verdicts)
    verb = "holds" if len(verdicts) == 1 else "hold"
    total = pluralize(len(verdicts), "expectation")
    click.echo(f"{len(verdicts) - broken:,} of {total} {verb}.")
    if broken or tally.failed:
        sys.exit(FAILED)


def _features(parameters: Parameters, with_values: bool, with_links: bool) -> Parameters:
    """The parameters, with the features that options add."""
    added = [name for name, wanted in (("values", with_values), ("links", with_links)) if wanted]
    if not added:
        return parameters
    features = parameters.get("features", "entities,sentiment,sentences")
    return {**parameters, "features": ",".join((features, *added))}


def _run_on_ray(inputs: Inputs, output: str | None, dry_run: bool, *options: Any) -> None:
    if output is None and not dry_run:
        raise click.UsageError("--engine ray requires -o, a folder or URI.")
    try:
        from service.cli.corpus.command import CorpusRun, enrich_corpus, estimate_corpus
    except ImportError as error:
        raise click.UsageError(
            f"--engine ray requires {error.name}: pip install -e '.[ray]'"
        ) from None
    run = CorpusRun(inputs, output, *options)
    if dry_run:
        for line in estimate_corpus(run):
            click.echo(line)
    elif enrich_corpus(run).failed:
        sys.exit(FAILED)


def _output_file(output: str | None) -> Path | None:
    if output is not None and os.path.isdir(output):
        raise click.UsageError(f"-o: '{output}' is a folder.")
    return None if output is None else Path(output)


def _estimate(inputs: Inputs, engine_options: EngineOptions) -> None:
    from service.cli.dry_run import estimate  # slow to import, see embedded_app

    tally = Tally(inputs.size())
    for line in estimate(inputs, engine_options, tally).lines():
        click.echo(line)
    if tally.failed:
        tally.print_summary()
        sys.exit(FAILED)


def _print_failures(verdicts: Iterator[Verdict]) -> Iterator[Verdict]:
    """Pass on the verdicts, and print those on expectations that do not hold."""
    for verdict in verdicts:
        if verdict.actual is not None:
            failure = f"{verdict.source}: {verdict.expected} (found: {verdict.actual})"
            click.echo(f"{click.style('FAILED', 'red')} {printable(failure)}")
        yield verdict
