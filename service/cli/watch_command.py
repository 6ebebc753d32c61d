"""The command ``watch``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from service.cli.exits import FAILED, Interrupted
from service.cli.hits import HIT_WRITERS, Hit, hits_of
from service.cli.options import EngineOptions, article_options, checked_inputs, open_engine
from service.cli.outputs import open_output
from service.cli.progress import Tally, track
from service.cli.results import Result
from service.cli.terminal import pluralize
from service.client import Parameters
from service.config.settings import SettingError

if TYPE_CHECKING:
    from service.enrichment.watchlists.index import ListContent

_SUFFIXES = {"": "csv", ".csv": "csv", ".jsonl": "ndjson", ".ndjson": "ndjson"}


@click.command()
@click.argument("names", metavar="LIST", type=click.Path(exists=True, path_type=Path))
@article_options
@click.option(
    "--output",
    "output_format",
    type=click.Choice(tuple(HIT_WRITERS)),
    help="Output format.  [default: by the suffix of -o FILE; csv without one]",
)
@click.option(
    "-o",
    "output",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE",
    help="Write the hits to FILE.",
)
def watch(
    names: Path,
    files: Sequence[str],
    url: str | None,
    wait: float,
    key_file: Path | None,
    model: str | None,
    output_format: str | None,
    output: Path | None,
    **input_options: Any,
) -> None:
    """Find the names of LIST in articles.

    LIST is a CSV, JSON lines or YAML file of names, or a folder of such files. Writes a row for
    each mention of one of the names, with its sentence and the sentiment towards it there. With
    --url, the server must have the same lists in its WATCHLISTS.

    \b
    Example:
      enrich watch clients.csv news/ -o hits.csv

    \b
    LIST:
      id,name,aliases
      17,Acme Corp,Acme|Acme Corporation
      18,Smith & Jones,

    \b
    Exit codes:
      0    every article was searched
      1    some articles failed; standard error lists them
      2    wrong usage, such as an invalid list
      3    the server cannot be reached, or is too busy, after all retries
      130  interrupted
    """  # noqa: D301  click keeps line breaks after a backspace
    if output is not None and names.resolve() in (output.resolve(), *output.resolve().parents):
        raise click.UsageError(f"{output}: The hits must not be written to {names}.")
    lists = _read_lists(names)
    inputs = checked_inputs(files, output, **input_options)
    if output_format is None:
        suffix = "" if output is None else output.suffix.lower()
        if suffix not in _SUFFIXES:
            raise click.UsageError(
                f"{output} does not end in .csv, .ndjson or .jsonl. Use --output."
            )
        output_format = _SUFFIXES[suffix]
    parameters: Parameters = {
        "features": "entities,sentences,mention_sentiment,links",
        "lists": ",".join(each.name for each in lists),
        "include_text": True,
    }
    tally = Tally(inputs.size())
    found = _Hits(lists)
    to_terminal = output is None and sys.stdout.isatty()
    with (
        open_engine(EngineOptions(url, wait, model, key_file), parameters, lists=lists) as engine,
        open_output(output, append=False) as file,
    ):
        try:
            results = track(engine(inputs.documents()), tally, quiet=to_terminal)
            HIT_WRITERS[output_format](found.of(results), file)
        except KeyboardInterrupt:
            raise Interrupted("Interrupted.") from None
        finally:
            tally.print_summary()
    click.echo(
        f"{pluralize(found.count, 'hit')} in {pluralize(found.articles, 'article')}.", err=True
    )
    if tally.failed:
        sys.exit(FAILED)


class _Hits:
    """Passes on the hits of articles, and counts them.

    Args:
        lists: that the articles have to be searched for.
    """

    def __init__(self, lists: Sequence[ListContent]) -> None:
        self._digests = [each.digest for each in lists]
        self.count = 0
        self.articles = 0

    def of(self, results: Iterable[Result]) -> Iterator[list[Hit]]:
        """The hits of each article.

        Raises:
            click.UsageError: a server has other lists of the same names.
        """
        for result in results:
            if "enrichment" in result:
                used = result["enrichment"]["model"].get("lists", [])
                if [each["digest"] for each in used] != self._digests:
                    named = ", ".join(each["name"] for each in used)
                    raise click.UsageError(f"The lists differ from those of the server: {named}.")
            hits = hits_of(result)
            self.count += len(hits)
            self.articles += bool(hits)
            yield hits


def _read_lists(path: Path) -> Sequence[ListContent]:
    from service.config.watchlist_files import read_lists  # slow to import

    try:
        return read_lists(path)
    except SettingError as error:
        raise click.UsageError(str(error)) from None
