"""``enrich keys``: create, list and revoke the API keys of a server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from marshmallow import ValidationError
from rich.text import Text

from service.access.api_key import DEFAULT_SCOPES, SCOPES, ApiKey, hash_secret, new_secret
from service.access.key_file import Moment, add_key, read_keys, remove_key
from service.cli.exits import Failed
from service.cli.terminal import new_console, new_table, printable
from service.config.settings import SettingError, read_settings

C = TypeVar("C", bound=Callable[..., Any])


@click.group()
def keys() -> None:
    """Create, list and revoke the API keys of a server.

    The commands write the file that --file or API_KEYS_FILE names: YAML, or JSON lines with the
    suffix .jsonl. It holds only hashes of the keys. A running server reads it
    again after a change.

    \b
    Examples:
      enrich keys create --id newsroom --file keys.yaml
      enrich keys create --id prometheus --scopes metrics --expires 2030-01-31
      enrich keys list
      enrich keys revoke --id newsroom

    \b
    Exit codes:
      0    success
      1    failure
      2    wrong usage
    """  # noqa: D301  click keeps line breaks after a backspace


def _file_option(command: C) -> C:
    return click.option(
        "--file",
        "path",
        callback=_file,
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help="The file of keys.  [default: API_KEYS_FILE]",
    )(command)


def _file(_: click.Context, __: click.Parameter, path: Path | None) -> Path:
    if path is not None:
        return path
    try:
        configured = read_settings().api_keys_file
    except SettingError as error:
        raise click.UsageError(str(error)) from None
    if not configured:
        raise click.UsageError("Name the file of keys with --file or API_KEYS_FILE.")
    return Path(configured)


def _scopes(_: click.Context, __: click.Parameter, value: str) -> tuple[str, ...]:
    scopes = tuple(dict.fromkeys(value.split(",")))
    for scope in scopes:
        if scope not in SCOPES:
            raise click.BadParameter(f"'{scope}' is not one of: {', '.join(SCOPES)}.")
    return scopes


def _moment(_: click.Context, __: click.Parameter, value: str | None) -> datetime | None:
    try:
        return None if value is None else Moment().deserialize(value)
    except ValidationError as error:
        raise click.BadParameter(str(error.messages[0])) from None


@keys.command()
@click.option(
    "--id", "key_id", required=True, metavar="NAME", help="Name of the key in logs and metrics."
)
@click.option(
    "--scopes",
    default=",".join(DEFAULT_SCOPES),
    show_default=True,
    callback=_scopes,
    metavar="SCOPES",
    help=f"What the key permits, separated by commas: some of {', '.join(SCOPES)}.",
)
@click.option(
    "--expires",
    callback=_moment,
    metavar="DATE",
    help="When the key expires: 2030-01-31, or 2030-01-31T18:00+01:00. A date means its first "
    "moment, and a time without an offset is in UTC.",
)
@_file_option
def create(key_id: str, scopes: tuple[str, ...], expires: datetime | None, path: Path) -> None:
    """Create a key, and print it alone on the last line.

    It cannot be shown again, because the file holds only its hash.
    """
    secret = new_secret(key_id)
    with _exit_on_error():
        add_key(path, ApiKey(key_id, hash_secret(secret), scopes=scopes, expires=expires))
    click.echo(f"Added {key_id} to {path}. This is the key, which cannot be shown again:", err=True)
    click.echo(secret)


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
@_file_option
def list_(as_json: bool, path: Path) -> None:
    """List the keys."""
    with _exit_on_error():
        found = read_keys(path)
    rows = [
        {
            "id": key.id,
            "scopes": list(key.scopes),
            "expires": key.expires.isoformat() if key.expires else None,
            "expired": key.expired,
            "note": key.note,
        }
        for key in found
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    if not rows:
        click.echo(f"There are no keys in {path}.")
        return
    table = new_table("Key", "Scopes", "Expires", "Note")
    for key in found:
        expiry = f"{key.expires.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if key.expires else "-"
        cells = (key.id, ", ".join(key.scopes), expiry, printable(key.note) or "-")
        table.add_row(*(Text(cell, "bright_black" if key.expired else "") for cell in cells))
    new_console().print(table)


@keys.command()
@click.option("--id", "key_id", required=True, metavar="NAME", help="Name of the key.")
@_file_option
def revoke(key_id: str, path: Path) -> None:
    """Remove a key from the file. Running servers reject it about a second later."""
    with _exit_on_error():
        remove_key(path, key_id)
    click.echo(f"Removed {key_id} from {path}.")


@contextmanager
def _exit_on_error() -> Iterator[None]:
    try:
        yield
    except SettingError as error:
        raise Failed(str(error)) from None
