"""The checkpoints that have been pulled from a hub: where they are kept, and what is known of them.

A checkpoint is in ``<store>/<owner>--<name>/<commit>``, beside ``revisions.json``, which tells what
each branch and tag was when it was last pulled. The record in its folder is written last: a folder
without one was never finished, and is not used.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from service.inference.model_info import ModelError

RECORD = "record.json"
DEFAULT_REVISION = "main"
_REVISIONS = "revisions.json"
_PARTIAL = ".partial-"
_NAME = r"[A-Za-z0-9_](?:[\w.-]*[A-Za-z0-9_])?"
_NO_ID = re.compile(r"--|\.\.|\.git$")
_MOST_CHARACTERS = 96
_REFERENCE = re.compile(rf"({_NAME}(?:/{_NAME})?)(?:@(\w[\w./+-]*))?", re.ASCII)
_COMMIT = re.compile("[0-9a-f]{40}")
_BEGINNING_OF_A_COMMIT = re.compile("[0-9a-f]{7,40}")


@dataclass(frozen=True)
class Reference:
    """A checkpoint on a hub.

    Attributes:
        id: ``owner/name``, or ``name`` for one of the hub's oldest.
        revision: a branch, a tag or a commit; None for the default branch.
    """

    id: str
    revision: str | None = None

    def __str__(self) -> str:
        return self.id if self.revision is None else f"{self.id}@{self.revision}"


def is_path(text: str) -> bool:
    """Whether ``text`` names a folder rather than a checkpoint on a hub."""
    begins = text.startswith(("/", "./", "../", "~")) or text in (".", "..")
    return begins or Path(text).is_dir()


def parse_reference(text: str) -> Reference:
    """Read ``owner/name`` or ``name``, with ``@revision`` or without.

    Raises:
        ModelError: it is neither.
    """
    found = _REFERENCE.fullmatch(text)
    if found is None or _NO_ID.search(found[1]) or len(found[1]) > _MOST_CHARACTERS:
        raise ModelError(
            f"{text!r} is neither an existing folder nor the id of a model: "
            "write owner/name or owner/name@revision"
        )
    return Reference(found[1], found[2])


@dataclass(frozen=True)
class Record:
    """What is known of a checkpoint that has been pulled. The same for whoever pulled it.

    Attributes:
        id: ``owner/name``.
        commit: 40 hexadecimal digits.
        licence: as the model card names it; ``""`` if it does not.
        languages: ISO 639-1 codes from the model card; empty if it names none.
        pipeline_tag: from the model card; ``""`` if it names none.
        files: name, relative to the folder → sha256, hexadecimal.
        sizes: name → bytes.
    """

    id: str
    commit: str
    licence: str
    languages: tuple[str, ...]
    pipeline_tag: str
    files: Mapping[str, str]
    sizes: Mapping[str, int]


@dataclass(frozen=True)
class Pulled:
    """A checkpoint on disk.

    Attributes:
        folder: where its files are.
        record: what is known of it; None for a folder that was not pulled.
    """

    folder: Path
    record: Record | None


class Store:
    """The folder of the checkpoints that have been pulled; it need not exist."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, text: str) -> Pulled:
        """The checkpoint that ``text`` names.

        Args:
            text: the path of a folder, or the id of a model on the hub with ``@revision`` or
                without. A revision is a branch or a tag that was pulled by this name, or seven
                digits or more of a commit. Without one, it is what ``main`` was when it was last
                pulled, or else the only commit there is.

        Raises:
            ModelError: it has not been pulled, or not to the end, or there are several.
        """
        if is_path(text):
            folder = Path(text).expanduser()
            if not folder.is_dir():
                raise ModelError(f"there is no folder {folder}")
            return read_pulled(folder) if (folder / RECORD).exists() else Pulled(folder, None)
        reference = parse_reference(text)
        whole = self._commits(reference.id)
        matches = _matches(reference.revision, self.revisions(reference.id), whole)
        if not matches:
            raise ModelError(self._why_not(reference))
        if len(matches) > 1:
            listed = ", ".join(f"{reference.id}@{commit[:12]}" for commit in matches)
            raise ModelError(f"{reference} may be any of these: {listed}")
        return read_pulled(whole[matches[0]])

    def verify(self, pulled: Pulled) -> None:
        """Hold every file to its record; a folder without one has nothing to be held to.

        Raises:
            ModelError: a file is missing or differs.
        """
        if pulled.record is None:
            return
        for name, expected in pulled.record.files.items():
            path = pulled.folder / name
            try:
                actual = sha256_of(path)
            except OSError as error:
                raise ModelError(f"{path}: {error.strerror}") from None
            if actual != expected:
                raise ModelError(f"{path} is not the file that was pulled (sha256 differs)")

    def folders(self) -> list[Path]:
        """Those of all commits that have been pulled, by id and commit."""
        found = (record.parent for record in self.folder.glob(f"*/*/{RECORD}"))
        return sorted(folder for folder in found if _COMMIT.fullmatch(folder.name))

    def repository(self, model: str) -> Path:
        """The folder of all commits of the model with this id."""
        return self.folder / model.replace("/", "--")

    def partial(self, model: str, commit: str) -> Path:
        """The folder in which a commit is as long as it is not whole."""
        return self.repository(model) / f"{_PARTIAL}{commit}"

    def revisions(self, model: str) -> dict[str, str]:
        """Branch or tag → the commit that it was when it was last pulled.

        Raises:
            ModelError: the file that says so cannot be read.
        """
        path = self.repository(model) / _REVISIONS
        if not path.exists():
            return {}
        return {str(name): str(commit) for name, commit in read_object(path).items()}

    def keep(self, record: Record) -> Pulled:
        """Take in a commit that is whole in its partial folder, where nothing else is left."""
        partial = self.partial(record.id, record.commit)
        for path in partial.rglob("*"):
            if path.is_file() and path.relative_to(partial).as_posix() not in record.files:
                path.unlink()
        _write_object(partial / RECORD, asdict(record))
        folder = partial.with_name(record.commit)
        partial.rename(folder)
        return Pulled(folder, record)

    def reopen(self, folder: Path) -> None:
        """Make a commit partial again, since its files are no longer those that were pulled."""
        partial = folder.with_name(f"{_PARTIAL}{folder.name}")
        folder.rename(partial)
        (partial / RECORD).unlink(missing_ok=True)

    def name(self, model: str, revision: str, commit: str) -> None:
        """Note that a branch or tag of a model is now this commit."""
        if _BEGINNING_OF_A_COMMIT.fullmatch(revision) and commit.startswith(revision):
            return
        named = {**self.revisions(model), revision: commit}
        _write_object(self.repository(model) / _REVISIONS, named)

    def amend(self, pulled: Pulled, added: Path, dropped: Sequence[str] = ()) -> None:
        """Note that a file was made in the folder of a commit, and that others are to go.

        Args:
            pulled: the commit; nothing is noted of a folder without a record.
            added: the file that was made.
            dropped: names of those that go.
        """
        if record := pulled.record:
            name = added.relative_to(pulled.folder).as_posix()
            files = {**record.files, name: sha256_of(added)}
            sizes = {**record.sizes, name: added.stat().st_size}
            amended = replace(
                record,
                files={name: files[name] for name in sorted(files.keys() - set(dropped))},
                sizes={name: sizes[name] for name in sorted(sizes.keys() - set(dropped))},
            )
            _write_object(pulled.folder / RECORD, asdict(amended))
        for name in dropped:
            (pulled.folder / name).unlink()

    def _commits(self, model: str) -> dict[str, Path]:
        """Those that are whole, in their order."""
        folders = (record.parent for record in self.repository(model).glob(f"*/{RECORD}"))
        return {path.name: path for path in sorted(folders) if _COMMIT.fullmatch(path.name)}

    def _why_not(self, reference: Reference) -> str:
        if any(self.repository(reference.id).glob(f"{_PARTIAL}*")):
            return (
                f"{reference} has been pulled only in part: "
                f"`enrich model pull {reference}` goes on where that stopped"
            )
        return f"{reference} has not been pulled: run `enrich model pull {reference}`"


def read_pulled(folder: Path) -> Pulled:
    """The checkpoint in a folder, with its record.

    Raises:
        ModelError: the record cannot be read, or is not one.
    """
    content = read_object(folder / RECORD)
    wanted = {field.name for field in fields(Record)}
    if content.keys() != wanted:
        names = ", ".join(sorted(content.keys() ^ wanted))
        raise ModelError(f"{folder / RECORD} has missing or unknown members: {names}")
    return Pulled(folder, Record(**{**content, "languages": tuple(content["languages"])}))


def sha256_of(path: Path) -> str:
    """The digest of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _matches(
    revision: str | None, named: Mapping[str, str], whole: Mapping[str, Path]
) -> list[str]:
    """The commits that may be meant."""
    commit = named.get(revision or DEFAULT_REVISION)
    if commit is not None and commit in whole:
        return [commit]
    if revision is None:
        return [*whole]
    if _BEGINNING_OF_A_COMMIT.fullmatch(revision):
        return [commit for commit in whole if commit.startswith(revision)]
    return []


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object in a file.

    Raises:
        ModelError: it cannot be read, or is not one.
    """
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise ModelError(f"{path} is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise ModelError(f"{path} is not a JSON object")
    return content


def _write_object(path: Path, content: Mapping[str, Any]) -> None:
    """Write a file so that it is there as a whole or not at all."""
    written = path.with_name(f".{path.name}")
    written.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    written.replace(path)
