"""``enrich model``: pull, list, show, verify and export third-party models."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich import filesize
from rich.text import Text

from service.cli.exits import FAILED, Failed, Interrupted
from service.cli.model_details import details, summary
from service.cli.terminal import new_console, new_table, pluralize, printable
from service.config.settings import SettingError, read_settings
from service.inference.checkpoint.file_names import ONNX_FILES
from service.inference.errors import ModelError
from service.inference.hub.record import read_checkpoint
from service.inference.hub.reference import Reference, parse_reference
from service.inference.hub.store import Store
from service.inference.model_files import open_checkpoint

_SHORT_COMMIT = 12


@click.group()
def model() -> None:
    """Pull, list, show, verify and export third-party models.

    ID is that of a model on the Hugging Face hub: owner/name. The models are stored in the folder
    MODEL_STORE. HF_ENDPOINT is the address of another hub, and HF_TOKEN an access token for models
    that require one.

    \b
    Examples:
      enrich model pull dslim/bert-base-NER
      enrich model show dslim/bert-base-NER
      enrich model export dslim/bert-base-NER

    \b
    Exit codes:
      0    success
      1    failure
      2    wrong usage
      130  interrupted
    """  # noqa: D301  click keeps line breaks after a backspace


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
    help="Accept pickled weights if there are no others. Loading them can run code.",
)
def pull(reference: Reference, allow_pickle: bool) -> None:
    """Download a model and verify it.

    REVISION is a branch, a tag or a commit; the default is main. Of the weights, only the ONNX file
    is downloaded or, if there is none, the safetensors; code is never downloaded. An interrupted
    download continues where it stopped. A model that is already here is verified again.
    """
    with _exit_on_error():
        from service.inference.hub import download  # slow to import

        pulled = download.pull(_store(), reference, allow_pickle=allow_pickle)
    click.echo(f"{reference} is in {pulled.folder}")


@model.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
def list_(as_json: bool) -> None:
    """List the pulled models."""
    with _exit_on_error():
        store = _store()
        models = [summary(read_checkpoint(folder), store) for folder in store.folders()]
    if as_json:
        click.echo(json.dumps(models, indent=2, ensure_ascii=False))
        return
    if not models:
        click.echo(f"There are no pulled models in {store.folder}.")
        return
    table = new_table("Model", "Revisions", "Commit", "Task", "Languages", "Runtime", "Size")
    for each in models:
        row = {**each, "commit": each["commit"][:_SHORT_COMMIT]}
        members = ("id", "revisions", "commit", "task", "languages", "runtime", "size")
        table.add_row(*(_cell(member, row[member]) for member in members))
    new_console().print(table)


@model.command()
@click.argument("name", metavar="ID|PATH")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(name: str, as_json: bool) -> None:
    """Show a model: its card, labels, size and files."""
    with _exit_on_error():
        store = _store()
        members = details(store.find(name), store)
    if as_json:
        click.echo(json.dumps(members, indent=2, ensure_ascii=False))
        return
    console = new_console()
    facts = new_table()
    facts.add_column(style="bright_black", no_wrap=True)
    facts.add_column(overflow="fold")
    for member, value in members.items():
        if member != "files":
            facts.add_row(member, _cell(member, value))
    console.print(facts)
    files = new_table("File", "Size", "SHA-256")
    for path, file in members["files"].items():
        files.add_row(Text(printable(path)), *(_cell(*member) for member in file.items()))
    console.print(files)


@model.command()
@click.argument("names", metavar="[ID|PATH]...", nargs=-1)
def verify(names: Sequence[str]) -> None:
    """Check the files of models against their digests.

    Without arguments, checks all pulled models.
    """
    with _exit_on_error():
        store = _store()
    failed = 0
    for name in names or map(str, store.folders()):
        try:
            pulled = store.find(name)
            if pulled.record is None:
                raise ModelError(f"{pulled.folder} is not a pulled model: it has no digests")
            store.verify(pulled)
        except ModelError as error:
            failed += 1
            click.echo(f"{click.style('FAILED', 'red')} {printable(str(error))}")
        else:
            commit = pulled.record.commit[:_SHORT_COMMIT]
            files = pluralize(len(pulled.record.files), "file")
            click.echo(f"{pulled.record.id}@{commit}: {files} verified")
    if failed:
        sys.exit(FAILED)


@model.command()
@click.argument("name", metavar="ID|PATH")
@click.option("--fp32", is_flag=True, help="Do not quantise: four times the size, and slower.")
@click.option("--replace", is_flag=True, help="Delete the original weights.")
def export(name: str, fp32: bool, replace: bool) -> None:
    """Export a model to ONNX, to run it without torch.

    The weights are int8 by default. The export is compared with the model on sample texts, and
    discarded if the two disagree. Requires `pip install '.[torch]'`.
    """
    with _exit_on_error():
        from service.inference.checkpoint.onnx_export import export_checkpoint  # slow to import

        store = _store()
        pulled = store.find(name)
        store.verify(pulled)
        checkpoint = open_checkpoint(pulled)
        exported = export_checkpoint(checkpoint, int8=not fp32)
        # An int8 file takes precedence: remove it after an fp32 export, even without --replace.
        replaceable = [*ONNX_FILES] if replace else [*ONNX_FILES[:1]]
        unused = [name for name in replaceable if checkpoint.path / name != exported.file]
        unused = [name for name in unused if (checkpoint.path / name).is_file()]
        removed = [*unused, *(checkpoint.weights if replace else ())]
        store.replace_files(pulled, exported.file, removed)
    click.echo(
        f"{exported.file}: {filesize.decimal(exported.file.stat().st_size)}; the same label for "
        f"{exported.agreement:.1%} of the samples, probabilities within {exported.difference:.2g}"
    )


def _store() -> Store:
    try:
        return Store(Path(read_settings().model_store))
    except SettingError as error:
        raise click.UsageError(str(error)) from None


@contextmanager
def _exit_on_error() -> Iterator[None]:
    try:
        yield
    except ModelError as error:
        raise Failed(str(error)) from None
    except KeyboardInterrupt:
        raise Interrupted("Interrupted. Run the same command again to continue.") from None


def _cell(member: str, value: Any) -> Text:
    """A member as a cell of a table."""
    if member == "size":
        value = filesize.decimal(value)
    elif isinstance(value, list):
        value = ", ".join(map(str, value))
    return Text(printable(str(value or "-")))
