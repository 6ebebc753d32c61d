"""Pulling a checkpoint from a hub into the store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from huggingface_hub.utils import WeakFileLock  # type: ignore[attr-defined]

from service.inference.checkpoint.file_names import CONFIG, TOKENIZER
from service.inference.checkpoint.model_card import read_card
from service.inference.errors import ModelError
from service.inference.file_digests import sha256_of
from service.inference.hub.client import Repository, open_repository
from service.inference.hub.errors import translate_errors
from service.inference.hub.file_selection import (
    check_config,
    select_metadata,
    select_vocabulary,
    select_weights,
)
from service.inference.hub.record import LocalCheckpoint, Record, read_checkpoint
from service.inference.hub.reference import DEFAULT_REVISION, Reference
from service.inference.hub.store import Store
from service.inference.hub.tokenizer_conversion import convert_tokenizer


def pull(store: Store, reference: Reference, *, allow_pickle: bool = False) -> LocalCheckpoint:
    """Download a checkpoint, or the part of it that is missing, and verify it.

    A commit that is already in the store is verified again; files that differ are downloaded again.

    Args:
        store: the store that receives the checkpoint.
        reference: the checkpoint; its revision is resolved to a commit.
        allow_pickle: accept pickled weights if there are no others. Loading a pickle can run code.

    Raises:
        ModelError: the checkpoint cannot be downloaded, fails its verification, or is not
            supported.
    """
    with translate_errors(reference, store.folder):
        repository = open_repository(reference)
        home = store.repository_folder(reference.id)
        home.mkdir(parents=True, exist_ok=True)
        with WeakFileLock(home / ".lock"):
            checkpoint = _reuse(store, home / repository.commit)
            if checkpoint is None:
                folder = store.partial_folder(reference.id, repository.commit)
                files = _fetch(repository, folder, allow_pickle)
                checkpoint = store.complete(_make_record(repository, folder, files))
            revision = reference.revision or DEFAULT_REVISION
            store.set_revision(reference.id, revision, repository.commit)
    return checkpoint


def _reuse(store: Store, folder: Path) -> LocalCheckpoint | None:
    """The checkpoint in ``folder`` if it is intact; a damaged one becomes partial again."""
    if not folder.exists():
        return None
    try:
        checkpoint = read_checkpoint(folder)
        store.verify(checkpoint)
    except ModelError:
        store.make_partial(folder)
        return None
    return checkpoint


def _fetch(repository: Repository, folder: Path, allow_pickle: bool) -> list[Path]:
    """Download all files of a checkpoint; the weights come last, after all checks."""
    reference, names = repository.reference, repository.names
    if CONFIG not in names:
        raise ModelError(f"{reference} has no {CONFIG}: it is not a transformers checkpoint")
    files = [repository.fetch(CONFIG, folder)]
    check_config(reference, files[0])
    weights = select_weights(reference, names, allow_pickle)
    vocabulary = select_vocabulary(names)
    if not vocabulary:
        raise ModelError(f"{reference} has no tokenizer")
    files += [repository.fetch(name, folder) for name in (*vocabulary, *select_metadata(names))]
    if TOKENIZER not in names:
        files.append(convert_tokenizer(reference, folder, vocabulary))
    return files + [repository.fetch(name, folder) for name in weights]


def _make_record(repository: Repository, folder: Path, files: Sequence[Path]) -> Record:
    paths = {path.relative_to(folder).as_posix(): path for path in sorted(files)}
    card = read_card(folder)
    return Record(
        id=repository.reference.id,
        commit=repository.commit,
        licence=card.licence,
        languages=card.languages,
        pipeline_tag=card.pipeline_tag,
        files={name: sha256_of(path) for name, path in paths.items()},
        sizes={name: path.stat().st_size for name, path in paths.items()},
    )
