"""The error of models, and one-line texts of other libraries' errors."""

from __future__ import annotations


class ModelError(Exception):
    """A model cannot be used. The message gives the reason in one line.

    Everything that this package raises on purpose is a ``ModelError``: a file is missing, invalid
    or has changed, a checkpoint is not supported, a download fails.
    """


def first_line(error: Exception) -> str:
    """Return the first line of an exception's message, or its class where it has none."""
    return str(error).strip().partition("\n")[0] or type(error).__name__


def summarize(error: Exception) -> str:
    """Return the class of an exception and the first line of its message."""
    name, line = type(error).__name__, first_line(error)
    return line if line == name else f"{name}: {line}"
