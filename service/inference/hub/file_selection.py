"""The files of a repository that a checkpoint needs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from service.inference.checkpoint.file_names import (
    CONFIG,
    PICKLE,
    PUBLISHED_ONNX_FILES,
    SAFETENSORS,
    SENTENCEPIECE_SUFFIX,
    TOKENIZER,
    TOKENIZER_SETTINGS,
    VOCABULARIES,
    index_name,
)
from service.inference.checkpoint.files import Task
from service.inference.checkpoint.model_card import CARD
from service.inference.errors import ModelError
from service.inference.hub.reference import Reference
from service.inference.json_files import read_object

SUPPORTED_HEADS = tuple(f"For{task}" for task in get_args(Task))
"""Endings of the names of the architectures that the service can run."""

_SENTENCEPIECE = re.compile(rf"[\w.-]+{re.escape(SENTENCEPIECE_SUFFIX)}")
# An ONNX file has at most 2 GB; exporters put larger weights into files with these suffixes.
_ONNX_DATA = re.compile(r"_data(_\d+)?|\.data")


def check_config(reference: Reference, path: Path) -> None:
    """Check by its configuration that the service can run a checkpoint.

    Args:
        reference: the checkpoint, for error messages.
        path: its ``config.json``.

    Raises:
        ModelError: the architecture or the model type is not supported, or the file is invalid.
    """
    from transformers import CONFIG_MAPPING  # slow to import, and rarely needed

    try:
        config = read_object(path)
    except ModelError:
        raise ModelError(f"{CONFIG} of {reference} is not a JSON object") from None
    model_type, architectures = config.get("model_type"), config.get("architectures") or []
    if not any(str(name).endswith(SUPPORTED_HEADS) for name in architectures):
        listed = ", ".join(map(str, architectures)) or "unknown"
        supported = " and ".join(f"...{head}" for head in SUPPORTED_HEADS)
        raise ModelError(f"the architecture of {reference} is {listed}; supported are {supported}")
    if model_type not in CONFIG_MAPPING:
        if "auto_map" in config:
            raise ModelError(
                f"{reference} requires code from its repository (auto_map in {CONFIG}), "
                "and code from a hub is never run"
            )
        raise ModelError(
            f"transformers does not support the model type of {reference}: {model_type}"
        )


def select_vocabulary(names: Sequence[str]) -> list[str]:
    """Select the files of the tokenizer's vocabulary, fast or slow; empty if there are none."""
    return [
        name
        for name in names
        if name in (TOKENIZER, *VOCABULARIES) or _SENTENCEPIECE.fullmatch(name)
    ]


def select_metadata(names: Sequence[str]) -> list[str]:
    """Select the settings of the tokenizer and the model card, as far as they exist."""
    return [name for name in (*TOKENIZER_SETTINGS, CARD) if name in names]


def select_weights(reference: Reference, names: Sequence[str], allow_pickle: bool) -> list[str]:
    """Select the weights in the preferred format: ONNX, safetensors, then pickle.

    Raises:
        ModelError: there are no weights, or only a pickle and pickles are not allowed.
    """
    for name in PUBLISHED_ONNX_FILES:
        if name in names:
            data = [n for n in names if n.startswith(name) and _ONNX_DATA.fullmatch(n, len(name))]
            return [name, *data]
    if safetensors := _select_shards(names, SAFETENSORS):
        return safetensors
    pickles = _select_shards(names, PICKLE)
    if not pickles:
        raise ModelError(f"{reference} has neither model.onnx nor {SAFETENSORS} nor {PICKLE}")
    if not allow_pickle:
        raise ModelError(
            f"{reference} has its weights only as a pickle, which can run code when it is loaded: "
            "pull it with --allow-pickle if you trust its authors"
        )
    return pickles


def _select_shards(names: Sequence[str], single: str) -> list[str]:
    """A single file, or an index and its shards; empty if there is neither."""
    if single in names:
        return [single]
    stem, _, suffix = single.rpartition(".")
    index = index_name(single)
    shards = [name for name in names if re.fullmatch(rf"{stem}-\d+-of-\d+\.{suffix}", name)]
    return [index, *shards] if shards and index in names else []
