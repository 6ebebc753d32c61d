"""The properties of a third-party model, read from its files and its record in the store."""

from __future__ import annotations

from typing import Any

from service.inference.checkpoint.file_names import CONFIG
from service.inference.checkpoint.model_card import read_card
from service.inference.file_digests import sha256_of
from service.inference.hub.record import LocalCheckpoint, Record
from service.inference.hub.store import Store
from service.inference.json_files import read_object

_TASKS = {
    "ForTokenClassification": "token-classification",
    "ForSequenceClassification": "text-classification",
}


def summary(pulled: LocalCheckpoint, store: Store) -> dict[str, Any]:
    """The members of a model in ``enrich model list``."""
    record, files = pulled.record, _files(pulled)
    architecture = _architecture(read_object(pulled.folder / CONFIG))
    return {
        "id": record.id if record else None,
        "revisions": _revisions(record, store) if record else [],
        "commit": record.commit if record else None,
        "task": next((_TASKS[head] for head in _TASKS if architecture.endswith(head)), None),
        "languages": list(read_card(pulled.folder).languages),
        "runtime": "onnx" if any(name.endswith(".onnx") for name in files) else "torch",
        "size": sum(file["size"] for file in files.values()),
    }


def details(pulled: LocalCheckpoint, store: Store) -> dict[str, Any]:
    """The members of a model in ``enrich model show``."""
    config, card = read_object(pulled.folder / CONFIG), read_card(pulled.folder)
    labels = config.get("id2label")
    if not isinstance(labels, dict):
        labels = {}
    return {
        **summary(pulled, store),
        "folder": str(pulled.folder),
        "description": card.description or None,
        "licence": card.licence or None,
        "architecture": _architecture(config) or None,
        "labels": [labels[number] for number in sorted(labels, key=lambda n: (len(n), n))],
        "files": _files(pulled),
    }


def _revisions(record: Record, store: Store) -> list[str]:
    """The branches and tags that pointed to this commit when they were last pulled."""
    commits = store.revisions(record.id)
    return sorted(revision for revision, commit in commits.items() if commit == record.commit)


def _files(pulled: LocalCheckpoint) -> dict[str, dict[str, Any]]:
    """Size and digest of each file: of the pulled ones, or else of all in the folder."""
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
