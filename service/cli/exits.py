"""The exit codes of the commands, and the exceptions that end a command with one.

Code 2, for wrong usage, is :class:`click.UsageError`.
"""

import click

FAILED = 1
"""An article fails, something differs, or an expectation does not hold."""


class Failed(click.ClickException):
    """The command fails."""

    exit_code = FAILED


class Unreachable(click.ClickException):
    """The server cannot be reached."""

    exit_code = 3


class Interrupted(click.ClickException):
    """Ctrl-C ends the command."""

    exit_code = 130  # as in a shell: 128 + SIGINT
