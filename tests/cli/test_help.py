"""What ``--help`` prints."""

import click
import pytest
from click.testing import CliRunner

from service.cli.main import main


def command_lines(group: click.Group, *prefix: str) -> list[tuple[str, ...]]:
    """Every command as the arguments that call it, groups included."""
    lines = [prefix]
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            lines += command_lines(command, *prefix, name)
        else:
            lines.append((*prefix, name))
    return lines


@pytest.mark.parametrize("arguments", command_lines(main), ids=" ".join)
def test_every_command_has_help_that_fits_a_terminal(arguments):
    result = CliRunner().invoke(main, [*arguments, "--help"], terminal_width=80)
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= 80


@pytest.mark.parametrize("arguments", command_lines(main)[1:], ids=" ".join)
def test_every_command_is_summarised_on_one_line(arguments):
    command: click.Command = main
    for name in arguments:
        command = command.commands[name]
    assert not command.get_short_help_str(limit=66).endswith("...")
