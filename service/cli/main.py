"""The command ``enrich`` and its subcommands."""

from __future__ import annotations

import click

from service.cli.article_commands import check, diff, run
from service.cli.key_commands import keys
from service.cli.model_commands import model
from service.cli.watch_command import watch


class _RunByDefault(click.Group):
    """Runs ``run`` if the first argument is not the name of a command."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["run", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_RunByDefault, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Find the people, organisations and places in articles, and the sentiment towards each.

    \b
    enrich FILE...       same as: enrich run FILE...
    enrich run --help    lists the options
    enrich ./diff        reads a file that has the name of a command

    FILE is a file, a folder, a glob in quotes, or - for standard input. The embedded model runs on
    all cores; with --url, a server does the work.

    \b
    Examples:
      enrich article.txt
      cat article.txt | enrich -
      enrich news/ -o results.ndjson
      enrich news/ --url http://localhost:8000
    """  # noqa: D301  click keeps line breaks after a backspace


for command in (run, diff, check, watch, model, keys):
    main.add_command(command)
