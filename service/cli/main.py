"""The commands: what they are called with, and how they end."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from service.cli.diff import compare
from service.cli.engines import (
    Engine,
    ModelChanged,
    WrongParameter,
    check_embedded,
    embedded,
    embedded_app,
    remote,
)
from service.cli.expectations import Verdict, judge, read_rules
from service.cli.inputs import FORMATS, Columns, Inputs
from service.cli.junit import write_junit
from service.cli.model_commands import model
from service.cli.outputs import WRITERS, form_for
from service.cli.progress import Tally, watched
from service.cli.resume import model_of, skip_done
from service.cli.terminal import count, printable
from service.client import Client, Parameters, Unavailable
from service.config.cpu import usable_cores
from service.config.settings import SettingError
from service.inference.model_info import ModelError

if TYPE_CHECKING:
    from flask import Flask

FAILED = 1
"""Exit code: some articles failed, changed, or are not as expected. Wrong usage is 2."""

_PARAMETERS: dict[str, Parameters] = {
    "json": {},
    "ndjson": {},
    "table": {"features": "entities,sentiment"},
    "html": {"features": "entities,sentiment", "include_text": True},
}


class _Unreachable(click.ClickException):
    exit_code = 3


class _Interrupted(click.ClickException):
    exit_code = 130  # as a shell has it of what SIGINT ends


class _RunByDefault(click.Group):
    """Takes what does not begin with the name of a command for arguments of ``run``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["run", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_RunByDefault, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Find the people, organisations and places in articles, and the sentiment towards each.

    \b
    enrich FILE...                     is short for: enrich run FILE...
    enrich run --help                  lists its options
    enrich ./diff                      reads a file that is called like a command

    FILE is a file, a folder, a glob in quotes, or - for standard input. Without --url the embedded
    model is run, on all cores.
    """  # noqa: D301  click leaves the lines after it as they are


main.add_command(model)


def _url(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is not None:
        try:
            Client(value).close()
        except ValueError as error:
            raise click.BadParameter(str(error)) from None
    return value


def _reads_articles(command: Callable[..., None]) -> Callable[..., None]:
    """The arguments and options of every command that reads articles."""
    for each in reversed(
        (
            click.argument("files", metavar="FILE...", nargs=-1, required=True),
            click.option("--url", callback=_url, help="Use the server there."),
            click.option(
                "--wait",
                type=click.FloatRange(0),
                default=0,
                metavar="SECONDS",
                help="Give the server so long to become ready.",
            ),
            click.option(
                "--model",
                metavar="NAME",
                help="Of several models, that of the server or of MODELS_FILE which is to read.",
            ),
            click.option(
                "--format",
                "input_format",
                type=click.Choice(FORMATS),
                help="What standard input holds, and files whose names do not tell.",
            ),
            click.option(
                "--column",
                metavar="NAME",
                help="Where the text is in CSV, Parquet (by default in text) or JSON objects.",
            ),
            click.option("--title-column", metavar="NAME", help="Where the title is."),
            click.option("--id-column", metavar="NAME", help="Where the id is."),
        )
    ):
        command = each(command)
    return command


@main.command()
@_reads_articles
@click.option(
    "--output",
    "form",
    type=click.Choice(tuple(WRITERS)),
    help="By default what the name after -o says, else table on a terminal and ndjson elsewhere.",
)
@click.option(
    "-o",
    "output",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE",
    help="Write there.",
)
@click.option("--resume", is_flag=True, help="Go on with the NDJSON that is in the file after -o.")
@click.option(
    "--dry-run", is_flag=True, help="Only count articles and tokens, and estimate the time."
)
def run(
    files: Sequence[str],
    url: str | None,
    wait: float,
    model: str | None,
    form: str | None,
    output: Path | None,
    resume: bool,
    dry_run: bool,
    **reading: Any,
) -> None:
    """Enrich articles: the default, `enrich FILE...`.

    Reads .txt, .html, .htm, .json (an article, or an array of them), .jsonl and .ndjson (an article
    a line), .csv and, with pyarrow, .parquet. Results come in the order of the articles; an article
    that fails has its problem in its place.

    \b
    Exit codes: 0  all went well
                1  some articles failed; they are listed
                2  wrong usage
                3  the server cannot be reached
    """  # noqa: D301
    inputs = _inputs(files, besides=output, **reading)
    terminal = output is None and sys.stdout.isatty()
    form = form or form_for(output, terminal)
    if resume and (output is None or form != "ndjson"):
        raise click.UsageError("--resume needs -o FILE, and goes with --output ndjson.")
    if dry_run:
        if url is not None:
            raise click.UsageError("--dry-run is about this machine, and goes without --url.")
        _estimate(inputs, model)
        return
    tally = Tally(inputs.size())
    documents = inputs.documents()
    parameters = _PARAMETERS[form]
    if resume and output is not None and (digest := model_of(output)):
        parameters = {**parameters, "pin": digest}
    with _engine(url, wait, model, parameters) as engine:
        if resume and output is not None:
            skip_done(output, documents, tally.add)
        with _opened(output, resume) as file:
            try:
                WRITERS[form](watched(engine(documents), tally, quiet=terminal), file)
            except KeyboardInterrupt:
                raise _Interrupted("Interrupted.") from None
            finally:
                tally.summary()
    if tally.failed:
        sys.exit(FAILED)


@main.command()
@click.argument("old", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("new", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def diff(old: Path, new: Path, as_json: bool) -> None:
    """Tell what changed between two runs, OLD and NEW, written with --output ndjson.

    Entities gained and lost, types that changed, sentiments whose label flipped, articles that
    came, went, fail now or do no longer. Articles are the same if their source is.

    Exit codes: 0 nothing changed, 1 something did, 2 wrong usage.
    """
    difference = compare(old, new)
    if as_json:
        click.echo(difference.as_json())
    else:
        for line in difference.lines():
            click.echo(line)
    if difference.changes:
        sys.exit(FAILED)


@main.command()
@click.argument("rules", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_reads_articles
@click.option(
    "--junit",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE",
    help="Write the outcome there, as JUnit XML.",
)
def check(
    rules: Path,
    files: Sequence[str],
    url: str | None,
    wait: float,
    model: str | None,
    junit: Path | None,
    **reading: Any,
) -> None:
    """Hold articles to the expectations in RULES, a file of YAML.

    \b
    - article: "seeds/*.txt"          # like the source, or the id, of the articles meant
      sentiment: {above: -0.5}        # of the article: a label, or bounds of the score
      entities:
        Joe Biden: {type: PERSON, sentiment: NEUTRAL}
        Lima: present
        Elvis Presley: absent

    Exit codes: 0 all is as expected, 1 something is not or an article failed, 2 wrong usage, 3 the
    server cannot be reached.
    """  # noqa: D301
    expected = read_rules(rules)
    inputs = _inputs(files, besides=None, **reading)
    tally = Tally(inputs.size())
    verdicts: list[Verdict] = []
    unused = list(expected)
    with _engine(url, wait, model, {"features": "entities,sentiment"}) as engine:
        for line in watched(engine(inputs.documents()), tally, quiet=sys.stdout.isatty()):
            for rule in expected:
                if rule.applies_to(line):
                    unused = [each for each in unused if each is not rule]
                    verdicts += _told(judge(rule, line))
    nowhere = (
        Verdict(rule.article, "is the source or id of an article", "none") for rule in unused
    )
    verdicts += _told(nowhere)
    tally.summary()
    if junit is not None:
        write_junit(verdicts, junit)
    wrong = sum(verdict.actual is not None for verdict in verdicts)
    click.echo(f"{len(verdicts) - wrong:,} of {count(len(verdicts), 'expectation')} hold.")
    if wrong or tally.failed:
        sys.exit(FAILED)


def _inputs(
    files: Sequence[str],
    besides: Path | None,
    input_format: str | None,
    column: str | None,
    title_column: str | None,
    id_column: str | None,
) -> Inputs:
    inputs = Inputs(files, input_format, Columns(column, title_column, id_column), besides)
    inputs.check()
    return inputs


@contextmanager
def _engine(
    url: str | None,
    wait: float,
    model: str | None,
    parameters: Parameters,
    new_app: Callable[[str | None], Flask] = embedded_app,
) -> Iterator[Engine]:
    if url is None and wait:
        raise click.UsageError("--wait goes with --url.")
    if model is not None:
        parameters = {**parameters, "model": model}
    try:
        if url is not None:
            opened = remote(url, wait, parameters)
        else:
            check_embedded(model)
            opened = embedded(partial(new_app, model), parameters)
        with opened as engine:
            yield engine
    except (ModelError, SettingError, WrongParameter) as error:
        raise click.UsageError(str(error)) from None
    except ModelChanged as error:
        detail = f"The run was begun with another model, and cannot be resumed. {error}"
        raise click.UsageError(detail) from None
    except Unavailable as error:
        raise _Unreachable(str(error)) from None


@contextmanager
def _opened(output: Path | None, resume: bool) -> Iterator[TextIO]:
    if output is None:
        yield sys.stdout
        return
    try:
        file = output.open("a" if resume else "w", encoding="utf-8", newline="\n")
    except OSError as error:
        raise click.UsageError(f"{output}: {error.strerror}.") from None
    with file:
        yield file


def _estimate(inputs: Inputs, model: str | None) -> None:
    """Say what a run would have to do."""
    from service.cli.dry_run import counting_app, measured_pace  # as for embedded_app

    tally = Tally(inputs.size())
    tokens = 0
    with _engine(None, 0, model, {"features": "sentiment"}, counting_app) as engine:
        for line in watched(engine(inputs.documents()), tally, quiet=False):
            if "enrichment" in line:
                tokens += line["enrichment"]["coverage"]["tokens"]
    seconds = measured_pace(model).seconds(tally.articles, tokens) / usable_cores()
    would_fail = f", {tally.failed:,} of which would fail" if tally.failed else ""
    click.echo(f"articles  {tally.articles:,}{would_fail}")
    click.echo(f"tokens    {tokens:,}")
    lasts = timedelta(seconds=max(1, round(seconds)))
    click.echo(f"time      about {lasts} on {count(usable_cores(), 'core')}")
    if tally.failed:
        tally.summary()
        sys.exit(FAILED)


def _told(verdicts: Iterator[Verdict]) -> Iterator[Verdict]:
    """The same, those that do not hold being printed."""
    for verdict in verdicts:
        if verdict.actual is not None:
            says = f"{verdict.source}: {verdict.expected} (found: {verdict.actual})"
            click.echo(f"{click.style('FAILED', 'red')} {printable(says)}")
        yield verdict
