"""``enrich model``: the models of others that this machine has, and getting them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich import filesize
from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.cli.terminal import count, printable
from service.config.settings import SettingError, read_settings
from service.inference.checkpoint.files import ONNX_FILES, open_checkpoint
from service.inference.checkpoint.model_card import read_card
from service.inference.hub.store import (
    Pulled,
    Record,
    Reference,
    Store,
    parse_reference,
    read_object,
    read_pulled,
    sha256_of,
)
from service.inference.model_info import ModelError

FAILED = 1
_WIDTH_OF_A_FILE = 120
_SHOWN_OF_A_COMMIT = 12
_TASKS = {
    "ForTokenClassification": "token-classification",
    "ForSequenceClassification": "text-classification",
}


class _Failed(click.ClickException):
    exit_code = FAILED


class _Interrupted(click.ClickException):
    exit_code = 130  # as a shell has it of what SIGINT ends


@click.group()
def model() -> None:
    """Get, list and verify models of others.

    ID is the id of a model on the Hugging Face hub, owner/name. HF_ENDPOINT names another hub than
    the public one, and HF_TOKEN is the token of an account there.

    Exit codes: 0 all went well, 1 something did not, 2 wrong usage.
    """


def _reference(_: click.Context, __: click.Parameter, value: str) -> Reference:
    try:
        return parse_reference(value)
    except ModelError as error:
        raise click.BadParameter(str(error)) from None


@model.command()
@click.argument("reference", metavar="ID[@REVISION]", callback=_reference)
@click.option(
    "--allow-pickle",
    is_flag=True,
    help="Take pickled weights where there are no others. Loading them can run code.",
)
def pull(reference: Reference, allow_pickle: bool) -> None:
    """Download a model, verify it, and keep it by its commit.

    REVISION is a branch, a tag or a commit. Of the weights, the ONNX file is taken, or else the
    safetensors; code is never taken. What broke off goes on where it stopped, and a model that is
    there already is verified again.
    """
    with _ending():
        from service.inference.hub.download import (
            pull as pull_to,  # slow to import, and only needed here
        )

        pulled = pull_to(_store(), reference, allow_pickle=allow_pickle)
    click.echo(f"{reference} is in {pulled.folder}")


@model.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
def list_(as_json: bool) -> None:
    """List the models that have been pulled."""
    with _ending():
        store = _store()
        found = [_summary(read_pulled(folder), store) for folder in store.folders()]
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    if not found:
        click.echo(f"No model has been pulled to {store.folder}.")
        return
    table = _table("Model", "Revisions", "Commit", "Task", "Languages", "Runtime", "Size")
    for each in found:
        short = {**each, "commit": each["commit"][:_SHOWN_OF_A_COMMIT]}
        names = ("id", "revisions", "commit", "task", "languages", "runtime", "size")
        table.add_row(*(_cell(name, short[name]) for name in names))
    _console().print(table)


@model.command()
@click.argument("name", metavar="ID|PATH")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def show(name: str, as_json: bool) -> None:
    """Tell what is known of a model: its card, labels, size and files."""
    with _ending():
        store = _store()
        found = _detail(store.find(name), store)
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    console = _console()
    facts = _table()
    facts.add_column(style="bright_black", no_wrap=True)
    facts.add_column(overflow="fold")
    for member in found:
        if member != "files":
            facts.add_row(member, _cell(member, found[member]))
    console.print(facts)
    files = _table("File", "Size", "SHA-256")
    for path, file in found["files"].items():
        files.add_row(Text(printable(path)), *(_cell(*each) for each in file.items()))
    console.print(files)


@model.command()
@click.argument("names", metavar="[ID|PATH]...", nargs=-1)
def verify(names: Sequence[str]) -> None:
    """Hold models to their digests, by default all that were pulled."""
    with _ending():
        store = _store()
    failed = 0
    for name in names or map(str, store.folders()):
        try:
            pulled = store.find(name)
            if pulled.record is None:
                raise ModelError(f"{pulled.folder} was not pulled: there is nothing to hold it to")
            store.verify(pulled)
        except ModelError as error:
            failed += 1
            click.echo(f"{click.style('FAILED', 'red')} {printable(str(error))}")
        else:
            commit = pulled.record.commit[:_SHOWN_OF_A_COMMIT]
            files = count(len(pulled.record.files), "file")
            click.echo(f"{pulled.record.id}@{commit}: {files} as they were pulled")
    if failed:
        sys.exit(FAILED)


@model.command()
@click.argument("name", metavar="ID|PATH")
@click.option("--fp32", is_flag=True, help="Without quantisation: four times the size, and slower.")
@click.option("--replace", is_flag=True, help="Delete the weights that it was made from.")
def export(name: str, fp32: bool, replace: bool) -> None:
    """Make an ONNX file of a model, by default with int8 weights, which needs no torch.

    It is compared with the model on sample texts; where it does not agree with it, there is no new
    file. Needs what `pip install '.[torch]'` installs.
    """
    with _ending():
        from service.inference.checkpoint.onnx_export import export_checkpoint  # as for pulling

        store = _store()
        pulled = store.find(name)
        store.verify(pulled)
        folder = open_checkpoint(pulled)
        made = export_checkpoint(folder, int8=not fp32)
        # An export without quantisation is to be run, and the one before it would come first.
        other = [*ONNX_FILES] if replace else [*ONNX_FILES[:1]]
        unused = [each for each in other if folder.path / each != made.file]
        unused = [each for each in unused if (folder.path / each).is_file()]
        store.amend(pulled, made.file, [*unused, *(folder.weights if replace else ())])
    click.echo(
        f"{made.file}: {filesize.decimal(made.file.stat().st_size)}; the same label for "
        f"{made.agreement:.1%} of the samples, probabilities within {made.difference:.2g}"
    )


def _store() -> Store:
    try:
        return Store(Path(read_settings().model_store))
    except SettingError as error:
        raise click.UsageError(str(error)) from None


@contextmanager
def _ending() -> Iterator[None]:
    try:
        yield
    except ModelError as error:
        raise _Failed(str(error)) from None
    except KeyboardInterrupt:
        raise _Interrupted("Interrupted: the same command goes on where this stopped.") from None


def _summary(pulled: Pulled, store: Store) -> dict[str, Any]:
    """What a list says of a model."""
    record, files = pulled.record, _files(pulled)
    architecture = _architecture(read_object(pulled.folder / "config.json"))
    return {
        "id": record.id if record else None,
        "revisions": _revisions(record, store) if record else [],
        "commit": record.commit if record else None,
        "task": next((_TASKS[end] for end in _TASKS if architecture.endswith(end)), None),
        "languages": list(read_card(pulled.folder).languages),
        "runtime": "onnx" if any(name.endswith(".onnx") for name in files) else "torch",
        "size": sum(file["size"] for file in files.values()),
    }


def _detail(pulled: Pulled, store: Store) -> dict[str, Any]:
    """What is shown of one."""
    config, card = read_object(pulled.folder / "config.json"), read_card(pulled.folder)
    labels = config.get("id2label")
    if not isinstance(labels, dict):
        labels = {}
    return {
        **_summary(pulled, store),
        "folder": str(pulled.folder),
        "description": card.description or None,
        "licence": card.licence or None,
        "architecture": _architecture(config) or None,
        "labels": [labels[number] for number in sorted(labels, key=lambda n: (len(n), n))],
        "files": _files(pulled),
    }


def _revisions(record: Record, store: Store) -> list[str]:
    """The branches and tags that were this commit when they were last pulled."""
    named = store.revisions(record.id)
    return sorted(revision for revision, commit in named.items() if commit == record.commit)


def _files(pulled: Pulled) -> dict[str, dict[str, Any]]:
    """Size and digest by name, of the files that were pulled or else of all that are there."""
    if pulled.record is not None:
        sizes, digests = pulled.record.sizes, pulled.record.files
        return {name: {"size": sizes[name], "sha256": digests[name]} for name in digests}
    return {
        path.relative_to(pulled.folder).as_posix(): {
            "size": path.stat().st_size,
            "sha256": sha256_of(path),
        }
        for path in sorted(pulled.folder.rglob("*"))
        if path.is_file()
    }


def _architecture(config: dict[str, Any]) -> str:
    return next(map(str, config.get("architectures") or ()), "")


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bright_black")
    table.show_header = bool(columns)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _cell(member: str, value: Any) -> Text:
    """A member as it stands in a table."""
    if member == "size":
        value = filesize.decimal(value)
    elif isinstance(value, list):
        value = ", ".join(map(str, value))
    return Text(printable(str(value or "-")))


def _console() -> Console:
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _WIDTH_OF_A_FILE
    return console
