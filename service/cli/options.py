"""The arguments and options of the commands that read articles."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from service.cli.columns import Columns
from service.cli.engines import (
    Engine,
    InvalidParameter,
    KeyRejected,
    ModelChanged,
    check_embedded,
    embedded,
    embedded_app,
    remote,
)
from service.cli.exits import Unreachable
from service.cli.inputs import FORMATS, Inputs
from service.client import Client, Parameters, Unavailable
from service.config.settings import SettingError
from service.inference.errors import ModelError

if TYPE_CHECKING:
    from flask import Flask

    from service.enrichment.watchlists.index import ListContent

C = TypeVar("C", bound=Callable[..., Any])


@dataclass(frozen=True)
class EngineOptions:
    """The engine that enriches the articles.

    Attributes:
        url: address of a server; ``None`` for the embedded model.
        wait: seconds to wait for the server to become ready.
        model: name of the model; ``None`` for the default.
        key_file: holds the secret of an API key for the server.
    """

    url: str | None
    wait: float
    model: str | None
    key_file: Path | None = None


def article_options(command: C) -> C:
    """Add the arguments and options of every command that reads articles."""
    for option in reversed(
        (
            click.argument("files", metavar="FILE...", nargs=-1, required=True),
            click.option(
                "--url",
                callback=_check_url,
                metavar="URL",
                help="Use a server, such as http://localhost:8000, instead of the embedded model.",
            ),
            click.option(
                "--wait",
                type=click.FloatRange(0),
                default=0,
                metavar="SECONDS",
                help="With --url: wait this long for the server to become ready.",
            ),
            click.option(
                "--api-key-file",
                "key_file",
                type=click.Path(exists=True, dir_okay=False, path_type=Path),
                metavar="FILE",
                help="With --url: read the API key from FILE, not from ENRICH_API_KEY.",
            ),
            click.option(
                "--model",
                metavar="NAME",
                help="Use one of the models of the server or, without --url, of MODELS_FILE.",
            ),
            click.option(
                "--format",
                "input_format",
                type=click.Choice(FORMATS),
                help="Format of standard input, and of files with another suffix.",
            ),
            click.option(
                "--column",
                metavar="NAME",
                help="Column, or member of JSON objects, with the text.  [default: text]",
            ),
            click.option("--title-column", metavar="NAME", help="Column with the title."),
            click.option("--id-column", metavar="NAME", help="Column with the id."),
            click.option(
                "--published-column", metavar="NAME", help="Column with the date of publication."
            ),
        )
    ):
        command = option(command)
    return command


def _check_url(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is not None:
        try:
            Client(value).close()
        except ValueError as error:
            raise click.BadParameter(str(error)) from None
    return value


def checked_inputs(files: Sequence[str], exclude: Path | None, **options: str | None) -> Inputs:
    """The inputs that the options of :func:`article_options` describe.

    Raises:
        click.UsageError: see :meth:`Inputs.check`.
    """
    inputs = replace(unchecked_inputs(files, (), **options), exclude=exclude)
    inputs.check()
    return inputs


def unchecked_inputs(
    files: Sequence[str],
    carried: tuple[str, ...],
    input_format: str | None,
    column: str | None,
    title_column: str | None,
    id_column: str | None,
    published_column: str | None,
) -> Inputs:
    """Inputs that may be URIs, whose existence is not checked."""
    columns = Columns(column, title_column, id_column, published_column, carried)
    return Inputs(files, input_format, columns, None)


@contextmanager
def open_engine(
    options: EngineOptions,
    parameters: Parameters,
    new_app: Callable[..., Flask] = embedded_app,
    lists: Sequence[ListContent] | None = None,
) -> Iterator[Engine]:
    """Open an engine, and end the command with the exit code of whatever error it raises.

    Args:
        options: which engine, and which model.
        parameters: query parameters of every enrichment.
        new_app: creates the application of the embedded model, as :func:`embedded_app` does.
        lists: the watch lists for the embedded model; by default, those of the settings.

    Raises:
        click.UsageError: the options do not go together, or the model cannot be used.
        Unreachable: the server cannot be reached.
    """
    if options.url is None and options.wait:
        raise click.UsageError("--wait requires --url.")
    if options.url is None and options.key_file:
        raise click.UsageError("--api-key-file requires --url.")
    if options.model is not None:
        parameters = {**parameters, "model": options.model}
    try:
        if options.url is not None:
            api_key = _read_api_key(options.key_file)
            opened = remote(options.url, options.wait, parameters, api_key)
        else:
            check_embedded(options.model, configured_lists=lists is None)
            arguments = (options.model,) if lists is None else (options.model, lists)
            opened = embedded(partial(new_app, *arguments), parameters)
        with opened as engine:
            yield engine
    except KeyRejected as error:
        raise click.UsageError(f"{error} Set ENRICH_API_KEY or --api-key-file.") from None
    except (ModelError, SettingError, InvalidParameter) as error:
        raise click.UsageError(str(error)) from None
    except ModelChanged as error:
        raise click.UsageError(
            f"Cannot resume: the earlier run used another model. {error}"
        ) from None
    except Unavailable as error:
        raise Unreachable(str(error)) from None


def _read_api_key(path: Path | None) -> str | None:
    """The API key in a file or in the environment; command lines are visible to other users.

    Raises:
        click.UsageError: it cannot be read, or sent in a header field.
    """
    source, key = "ENRICH_API_KEY", os.environ.get("ENRICH_API_KEY", "")
    if path is not None:
        source = str(path)
        try:
            key = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            raise click.UsageError(f"{source} cannot be read as text.") from None
        if not key.strip():
            raise click.UsageError(f"{source} is empty.")
    key = key.strip()
    if not all("!" <= character <= "~" for character in key):
        raise click.UsageError(f"{source} does not hold one API key.")
    return key or None
