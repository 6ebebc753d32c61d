"""The folder of the checkpoints that were pulled from a hub.

A checkpoint is in ``<store>/<owner>--<name>/<commit>``. Beside it, ``revisions.json`` maps each
branch and tag to its commit at the last pull. The record in the folder of a checkpoint is written
last: a folder without a record is incomplete, and is not used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from service.inference.errors import ModelError
from service.inference.file_digests import sha256_of, verify_files
from service.inference.hub.record import RECORD, LocalCheckpoint, Record, read_checkpoint
from service.inference.hub.reference import (
    DEFAULT_REVISION,
    Reference,
    is_path,
    parse_reference,
)
from service.inference.json_files import read_typed, write_json

_REVISIONS = "revisions.json"
_PARTIAL = ".partial-"
_COMMIT = re.compile("[0-9a-f]{40}")
_COMMIT_PREFIX = re.compile("[0-9a-f]{7,40}")


class Store:
    """The checkpoints that were pulled.

    Args:
        folder: where they are kept; it need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, name: str) -> LocalCheckpoint:
        """Find a checkpoint.

        Args:
            name: the path of a folder, or the id of a model on the hub with or without
                ``@revision``. A revision is a branch or a tag that was pulled by this name, or at
                least seven digits of a commit. Without a revision, the checkpoint is the commit of
                ``main`` at its last pull, or else the only commit in the store.

        Raises:
            ModelError: the checkpoint was not pulled or is incomplete, or the name is ambiguous.
        """
        if is_path(name):
            folder = Path(name).expanduser()
            if not folder.is_dir():
                raise ModelError(f"there is no folder {folder}")
            pulled = (folder / RECORD).exists()
            return read_checkpoint(folder) if pulled else LocalCheckpoint(folder, None)
        reference = parse_reference(name)
        commits = self._complete_commits(reference.id)
        matches = _match_commits(reference.revision, self.revisions(reference.id), commits)
        if not matches:
            raise ModelError(self._explain_absence(reference))
        if len(matches) > 1:
            candidates = ", ".join(f"{reference.id}@{commit[:12]}" for commit in matches)
            raise ModelError(f"{reference} is ambiguous; it matches {candidates}")
        return read_checkpoint(commits[matches[0]])

    def verify(self, checkpoint: LocalCheckpoint) -> None:
        """Compare all files with the record; a folder without a record passes.

        Raises:
            ModelError: a file is missing or differs.
        """
        if checkpoint.record is not None:
            verify_files(checkpoint.folder, checkpoint.record.files, RECORD)

    def folders(self) -> list[Path]:
        """Return the folders of all complete checkpoints, sorted by id and commit."""
        return _complete_folders(self.folder, f"*/*/{RECORD}")

    def revisions(self, model_id: str) -> dict[str, str]:
        """Return the branches and tags of a model: name → commit at the last pull.

        Raises:
            ModelError: the file of the revisions cannot be read or is invalid.
        """
        path = self.repository_folder(model_id) / _REVISIONS
        return read_typed(path, dict[str, str]) if path.exists() else {}

    def repository_folder(self, model_id: str) -> Path:
        """Return the folder of all commits of a model."""
        return self.folder / model_id.replace("/", "--")

    def partial_folder(self, model_id: str, commit: str) -> Path:
        """Return the folder of a commit that is incomplete."""
        return self.repository_folder(model_id) / f"{_PARTIAL}{commit}"

    def complete(self, record: Record) -> LocalCheckpoint:
        """Turn a partial folder into a checkpoint and delete all files that are not recorded."""
        partial = self.partial_folder(record.id, record.commit)
        for path in partial.rglob("*"):
            if path.is_file() and path.relative_to(partial).as_posix() not in record.files:
                path.unlink()
        write_json(partial / RECORD, record)
        folder = partial.with_name(record.commit)
        partial.rename(folder)
        return LocalCheckpoint(folder, record)

    def make_partial(self, folder: Path) -> None:
        """Turn the folder of a checkpoint whose files have changed into a partial folder."""
        partial = folder.with_name(f"{_PARTIAL}{folder.name}")
        folder.rename(partial)
        (partial / RECORD).unlink(missing_ok=True)

    def set_revision(self, model_id: str, revision: str, commit: str) -> None:
        """Record the commit of a branch or tag; a prefix of the commit itself is not recorded."""
        if _COMMIT_PREFIX.fullmatch(revision) and commit.startswith(revision):
            return
        revisions = {**self.revisions(model_id), revision: commit}
        write_json(self.repository_folder(model_id) / _REVISIONS, revisions)

    def replace_files(
        self, checkpoint: LocalCheckpoint, added: Path, removed: Sequence[str] = ()
    ) -> None:
        """Record a new file of a checkpoint and delete others.

        Args:
            checkpoint: the checkpoint; without a record, files are only deleted.
            added: path of the new file, in the folder of the checkpoint.
            removed: names of the files to delete.
        """
        if record := checkpoint.record:
            name = added.relative_to(checkpoint.folder).as_posix()
            digests = {**record.files, name: sha256_of(added)}
            sizes = {**record.sizes, name: added.stat().st_size}
            names = sorted(digests.keys() - set(removed))
            updated = msgspec.structs.replace(
                record,
                files={name: digests[name] for name in names},
                sizes={name: sizes[name] for name in names},
            )
            write_json(checkpoint.folder / RECORD, updated)
        for name in removed:
            (checkpoint.folder / name).unlink()

    def _complete_commits(self, model_id: str) -> dict[str, Path]:
        """The complete commits of a model: commit → folder, sorted by commit."""
        folders = _complete_folders(self.repository_folder(model_id), f"*/{RECORD}")
        return {folder.name: folder for folder in folders}

    def _explain_absence(self, reference: Reference) -> str:
        command = f"run `enrich model pull {reference}`"
        if any(self.repository_folder(reference.id).glob(f"{_PARTIAL}*")):
            return f"the pull of {reference} is incomplete: {command} to continue"
        return f"{reference} has not been pulled: {command}"


def _complete_folders(root: Path, record_pattern: str) -> list[Path]:
    folders = (record.parent for record in root.glob(record_pattern))
    return sorted(folder for folder in folders if _COMMIT.fullmatch(folder.name))


def _match_commits(
    revision: str | None, revisions: Mapping[str, str], commits: Mapping[str, Path]
) -> list[str]:
    """The complete commits that a revision may denote; a branch or tag precedes a prefix."""
    commit = revisions.get(revision or DEFAULT_REVISION)
    if commit is not None and commit in commits:
        return [commit]
    if revision is None:
        return [*commits]
    if _COMMIT_PREFIX.fullmatch(revision):
        return [commit for commit in commits if commit.startswith(revision)]
    return []
