"""Pulling a checkpoint from a hub: which of its files, and when not."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from huggingface_hub.utils import WeakFileLock  # type: ignore[attr-defined]
from transformers import CONFIG_MAPPING

from service.inference.checkpoint.model_card import CARD, read_card
from service.inference.hub.client import Repository, open_repository, told
from service.inference.hub.store import (
    DEFAULT_REVISION,
    Pulled,
    Record,
    Reference,
    Store,
    read_pulled,
    sha256_of,
)
from service.inference.model_info import ModelError

CONFIG = "config.json"
TOKENIZER = "tokenizer.json"
SUITABLE = ("ForTokenClassification", "ForSequenceClassification")
"""How the names of the architectures end that can be used."""

_VOCABULARY = re.compile(r"vocab\.txt|vocab\.json|merges\.txt|[\w.-]+\.model")
_BESIDES = ("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", CARD)
_ONNX = ("onnx/model.onnx", "model.onnx")
# How exporters call what goes beside an ONNX file, which can be 2 GB at most.
_ONNX_DATA = re.compile(r"_data(_\d+)?|\.data")


def pull(store: Store, reference: Reference, *, allow_pickle: bool = False) -> Pulled:
    """Fetch a checkpoint, or what is missing of it, and verify it.

    A commit that is in the store already is verified again, and what differs is fetched again.

    Args:
        store: keeps it.
        reference: what to fetch; its revision is resolved to a commit.
        allow_pickle: take weights that are pickled where there are no others. Loading a pickle can
            run code that is in it.

    Raises:
        ModelError: it cannot be had, is not what the hub says, or cannot be used.
    """
    with told(reference, store.folder):
        repository = open_repository(reference)
        home = store.repository(reference.id)
        home.mkdir(parents=True, exist_ok=True)
        with WeakFileLock(home / ".lock"):
            pulled = _kept(store, home / repository.commit)
            if pulled is None:
                folder = store.partial(reference.id, repository.commit)
                files = _fetch(repository, folder, allow_pickle)
                pulled = store.keep(_record(repository, folder, files))
            revision = reference.revision or DEFAULT_REVISION
            store.name(reference.id, revision, repository.commit)
    return pulled


def _kept(store: Store, folder: Path) -> Pulled | None:
    """A commit that is in the store, unless its files have changed since."""
    if not folder.exists():
        return None
    try:
        pulled = read_pulled(folder)
        store.verify(pulled)
    except ModelError:
        store.reopen(folder)
        return None
    return pulled


def _fetch(repository: Repository, folder: Path, allow_pickle: bool) -> list[Path]:
    """All files of a checkpoint; the weights last, when nothing speaks against it any more."""
    reference, names = repository.reference, repository.names
    if CONFIG not in names:
        raise ModelError(f"{reference} has no {CONFIG}: it is not a checkpoint of transformers")
    files = [repository.fetch(CONFIG, folder)]
    _check(reference, files[0])
    weights = _weights(reference, names, allow_pickle)
    vocabulary = [name for name in names if name == TOKENIZER or _VOCABULARY.fullmatch(name)]
    if not vocabulary:
        raise ModelError(f"{reference} has no tokenizer")
    besides = [name for name in _BESIDES if name in names]
    files += [repository.fetch(name, folder) for name in (*vocabulary, *besides)]
    if TOKENIZER not in names:
        files.append(_converted(reference, folder, vocabulary))
    return files + [repository.fetch(name, folder) for name in weights]


def _check(reference: Reference, path: Path) -> None:
    """Refuse what could not be used, going by its configuration."""
    try:
        config = json.loads(path.read_bytes())
        kind, architectures = config.get("model_type"), config.get("architectures") or []
    except (ValueError, AttributeError):
        raise ModelError(f"{CONFIG} of {reference} is not a JSON object") from None
    if not any(str(name).endswith(SUITABLE) for name in architectures):
        named = ", ".join(map(str, architectures)) or "not named"
        needed = " or ".join(f"...{name}" for name in SUITABLE)
        raise ModelError(f"the architecture of {reference} is {named}; needed is {needed}")
    if kind not in CONFIG_MAPPING:
        if "auto_map" in config:
            raise ModelError(
                f"{reference} runs only with code from its repository (auto_map in {CONFIG}), "
                "and code from a hub is never run"
            )
        raise ModelError(f"{reference} is of a type that transformers does not know: {kind}")


def _weights(reference: Reference, names: Sequence[str], allow_pickle: bool) -> list[str]:
    """The files with the weights, in the best form there is."""
    for name in _ONNX:
        if name in names:
            data = [n for n in names if n.startswith(name) and _ONNX_DATA.fullmatch(n, len(name))]
            return [name, *data]
    if safe := _files(names, "model", "safetensors"):
        return safe
    pickled = _files(names, "pytorch_model", "bin")
    if not pickled:
        raise ModelError(
            f"{reference} has neither model.onnx nor model.safetensors nor pytorch_model.bin"
        )
    if not allow_pickle:
        raise ModelError(
            f"{reference} has its weights only as a pickle, which can run code when it is loaded: "
            "pull it with --allow-pickle if you trust those who made it"
        )
    return pickled


def _files(names: Sequence[str], stem: str, suffix: str) -> list[str]:
    """One file, or an index and what it lists; empty if there is neither."""
    whole, index = f"{stem}.{suffix}", f"{stem}.{suffix}.index.json"
    if whole in names:
        return [whole]
    shards = [name for name in names if re.fullmatch(rf"{stem}-\d+-of-\d+\.{suffix}", name)]
    return [index, *shards] if shards and index in names else []


def _converted(reference: Reference, folder: Path, vocabulary: Sequence[str]) -> Path:
    """The tokenizer.json that the hub does not have, made from the vocabulary that it has."""
    pieces = any(name.endswith(".model") for name in vocabulary)
    if pieces and find_spec("sentencepiece") is None:
        raise ModelError(
            f"the tokenizer of {reference} has to be converted, which needs packages that are not "
            "installed: pip install '.[torch]'"
        )
    from transformers import AutoTokenizer  # slow to import, and hardly ever needed here

    path = folder / TOKENIZER
    path.unlink(missing_ok=True)
    try:
        tokenizer = AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        ).backend_tokenizer
    except (OSError, ValueError, ImportError, AttributeError, KeyError, TypeError) as error:
        line = str(error).strip().partition("\n")[0]
        raise ModelError(f"the tokenizer of {reference} cannot be converted: {line}") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.save(str(path))
    return path


def _record(repository: Repository, folder: Path, files: Sequence[Path]) -> Record:
    named = {path.relative_to(folder).as_posix(): path for path in sorted(files)}
    card = read_card(folder)
    return Record(
        id=repository.reference.id,
        commit=repository.commit,
        licence=card.licence,
        languages=card.languages,
        pipeline_tag=card.pipeline_tag,
        files={name: sha256_of(path) for name, path in named.items()},
        sizes={name: path.stat().st_size for name, path in named.items()},
    )
