"""The output of ``--help``, and the options that the docs mention."""

import re

import click
import pytest
from click.testing import CliRunner

from service.cli.main import main
from tests.bundle import ROOT

DOCKER_OPTIONS = {"--rm", "--entrypoint"}


def subcommands(group: click.Group, *prefix: str) -> dict[tuple[str, ...], click.Command]:
    """Every command below a group, by the arguments that call it."""
    commands = {}
    for name, command in group.commands.items():
        commands[*prefix, name] = command
        if isinstance(command, click.Group):
            commands |= subcommands(command, *prefix, name)
    return commands


COMMANDS = subcommands(main)


@pytest.mark.parametrize("arguments", [(), *COMMANDS], ids=" ".join)
def test_every_command_has_help_that_fits_a_terminal(arguments):
    result = CliRunner().invoke(main, [*arguments, "--help"], terminal_width=80)
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= 80


@pytest.mark.parametrize("command", COMMANDS.values(), ids=map(" ".join, COMMANDS))
def test_every_command_is_summarised_on_one_line(command):
    assert not command.get_short_help_str(limit=66).endswith("...")


def test_every_option_in_the_docs_exists():
    page = (ROOT / "docs/command-line.md").read_text("utf-8")
    documented = set(re.findall(r"(?<=[ `])--[a-z][a-z-]+", page)) - DOCKER_OPTIONS
    existing = {
        option
        for command in COMMANDS.values()
        for parameter in command.params
        for option in parameter.opts
    }
    assert len(documented) > 10
    assert documented <= existing | {"--help"}
