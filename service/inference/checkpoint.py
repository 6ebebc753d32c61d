"""Checkpoints of transformers: what is in the folder of one, and its tokenizer and runtime."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer
from transformers import AutoConfig, AutoTokenizer

from service.inference.card import Card, read_card
from service.inference.description import ModelError
from service.inference.runtimes import (
    Input,
    OnnxRuntime,
    Runtime,
    TorchRuntime,
    check_torch,
    onnx_file,
)
from service.inference.store import Pulled, sha256_of

Task = Literal["TokenClassification", "SequenceClassification"]

_TASKS: dict[Task, str] = {
    "TokenClassification": "token classification, which names need",
    "SequenceClassification": "sequence classification, which sentiment needs",
}

MOST_TOKENS = 512
"""Longest input, whatever a checkpoint allows: the time of a pass grows with its square."""

_CONFIG = "config.json"
_TOKENIZER = (
    "tokenizer.json tokenizer_config.json special_tokens_map.json added_tokens.json vocab.txt "
    "vocab.json merges.txt"
).split()
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
_POSITIONS_AFTER_PADDING = frozenset(
    "camembert data2vec-text ibert longformer luke mpnet roberta roberta-prelayernorm xlm-roberta "
    "xlm-roberta-xl xmod".split()
)
"""Architectures that count positions from the id of their padding token on."""


class Folder:
    """The files of a checkpoint, before any of them is loaded.

    Args:
        path: the folder.
        name: what the checkpoint is called.
        task: what it has to be for; what it is for, if that is all the same.
        pickle: whether weights may be pickled, where there are no others.

    Raises:
        ModelError: it is no checkpoint for the task, or a file is missing.
    """

    def __init__(
        self, path: Path, name: str, task: Task | None = None, pickle: bool = False
    ) -> None:
        self.path, self.name = path, name
        self._kinds = _WEIGHTS if pickle else _WEIGHTS[:1]
        self.config = self._read_config()
        self.task = self._checked_task(task)
        self.onnx = onnx_file(path)
        if self.onnx is None:
            self._check_weights()
        if not (path / _TOKENIZER[0]).is_file():
            raise ModelError(
                f"there is no {_TOKENIZER[0]}; `enrich model pull` makes it from the files of a "
                "slow tokenizer, and so does save_pretrained of a fast one"
            )

    @property
    def labels(self) -> list[str]:
        """In the order of the output."""
        labels = self.config.get("id2label") or {"0": "LABEL_0", "1": "LABEL_1"}
        return [labels[key] for key in sorted(labels, key=int)]

    @cached_property
    def card(self) -> Card:
        """What its model card says."""
        return read_card(self.path)

    @cached_property
    def files(self) -> dict[str, str]:
        """Name → sha256, hexadecimal, of each file that decides what the checkpoint answers."""
        return {
            name: sha256_of(self.path / name)
            for name in self._names()
            if (self.path / name).exists()
        }

    @property
    def size(self) -> int:
        """Bytes of these files."""
        return sum((self.path / name).stat().st_size for name in self.files)

    @property
    def weights(self) -> list[str]:
        """Names of the files that torch loads, their index first if there are several."""
        for name in self._kinds:
            index = self.path / f"{name}.index.json"
            if index.is_file():
                return [index.name, *sorted(set(_read_object(index)["weight_map"].values()))]
            if (self.path / name).is_file():
                return [name]
        return []

    def _names(self) -> list[str]:
        names = [_CONFIG, *_TOKENIZER, *(path.name for path in self.path.glob("*.model"))]
        if self.onnx is not None:
            weights = self.onnx.parent.glob(f"{self.onnx.name}*")
            return [*names, *sorted(str(each.relative_to(self.path)) for each in weights)]
        return [*names, *self.weights]

    def _read_config(self) -> dict[str, Any]:
        if not (self.path / _CONFIG).is_file():
            raise ModelError(f"no checkpoint in {self.path}: there is no {_CONFIG}")
        return _read_object(self.path / _CONFIG)

    def _checked_task(self, wanted: Task | None) -> Task:
        architectures = [str(each) for each in self.config.get("architectures") or ()]
        tasks = [task for task in _TASKS if any(a.endswith(f"For{task}") for a in architectures)]
        if not tasks or wanted not in (None, tasks[0]):
            what = ", ".join(architectures) or "of no architecture that it names"
            needed = _TASKS[wanted] if wanted else " or ".join(_TASKS.values())
            raise ModelError(f"it is {what}, and not a checkpoint for {needed}")
        if self.config.get("problem_type") in ("multi_label_classification", "regression"):
            raise ModelError(
                f"it is for {self.config['problem_type']}; one label of many is needed"
            )
        return tasks[0]

    def _check_weights(self) -> None:
        if not self.weights:
            raise ModelError("it has no weights: neither safetensors nor an ONNX file")
        for name in self.weights:
            if not (self.path / name).is_file():
                raise ModelError(f"its weights are not whole: {name} is missing")
        check_torch()


def open_folder(pulled: Pulled, task: Task | None = None) -> Folder:
    """The files of a checkpoint that was found in the store, or of a folder elsewhere.

    Args:
        pulled: what was found.
        task: what it has to be for; what it is for, if that is all the same.

    Raises:
        ModelError: as :class:`Folder`, or a file is none of those that were pulled.
    """
    record = pulled.record
    name = record.id if record else pulled.folder.resolve().name
    pickled = any(each.endswith(".bin") for each in record.files) if record else False
    folder = Folder(pulled.folder, name, task, pickled)
    if record and (added := sorted(set(folder.files) - set(record.files))):
        raise ModelError(f"{pulled.folder / added[0]} was not there when it was pulled")
    return folder


@dataclass(frozen=True)
class _Frame:
    """The special tokens around the texts of an input."""

    begin: list[int]
    between: list[int]
    end: list[int]
    between_types: list[int]
    second_type: int

    @property
    def size(self) -> int:
        return len(self.begin) + len(self.between) + len(self.end)


class Checkpoint:
    """A checkpoint in memory: its tokenizer and its runtime. Threads may share one.

    Args:
        folder: its files.
        runtime: what runs it; by default that of its ONNX file, else torch.

    Raises:
        ModelError: it cannot be loaded.
    """

    def __init__(self, folder: Folder, runtime: Runtime | None = None) -> None:
        self.folder = folder
        try:
            config = AutoConfig.from_pretrained(
                folder.path, local_files_only=True, trust_remote_code=False
            )
            fast = AutoTokenizer.from_pretrained(
                folder.path, local_files_only=True, trust_remote_code=False
            )
            if not getattr(fast, "is_fast", False):
                raise ModelError("its tokenizer is not one of the tokenizers library")
            self._tokenizer: Tokenizer = fast.backend_tokenizer
            self._tokenizer.no_truncation()
            self._tokenizer.no_padding()
            self.runtime = runtime or self._load(config, fast)
        except (OSError, ValueError, KeyError, ImportError, RuntimeError) as error:
            lines = str(error).strip().splitlines() or [type(error).__name__]
            raise ModelError(f"it cannot be loaded: {lines[0]}") from error
        self._single, self._pair = _frames(self._tokenizer)
        self._longest = _longest(config, fast.model_max_length, fast.pad_token_id)

    @property
    def room(self) -> int:
        """Most tokens of text in an input."""
        return self._longest - self._single.size

    def room_beside(self, second: int) -> int:
        """Most tokens of text in an input whose second text has so many."""
        return self._longest - self._pair.size - second

    def encode(self, text: str) -> Encoding:
        """The tokens of a text of any length, without special ones."""
        return self._tokenizer.encode(text, add_special_tokens=False)

    def input(
        self, ids: NDArray[np.int64] | list[int], second: Sequence[int] | None = None
    ) -> Input:
        """What is read in a pass over these tokens, and those of a second text if there is one."""
        if second is None:
            frame = self._single
            row = [*frame.begin, *ids, *frame.end]
            return Input(np.asarray(row, np.int64), np.zeros(len(row), np.int64))
        frame = self._pair
        row = [*frame.begin, *ids, *frame.between, *second, *frame.end]
        types = np.full(len(row), frame.second_type, np.int64)
        types[: len(frame.begin) + len(ids)] = 0
        at = len(frame.begin) + len(ids)
        types[at : at + len(frame.between)] = frame.between_types
        return Input(np.asarray(row, np.int64), types)

    def logits(self, one: Input) -> NDArray[np.float32]:
        """Those of one input without those of special tokens at its ends: ``(tokens, labels)``."""
        (rows,) = self.runtime.run([one])
        return rows[len(self._single.begin) : len(rows) - len(self._single.end)]

    def _load(self, config: Any, fast: Any) -> Runtime:
        if self.folder.onnx is not None:
            return OnnxRuntime(self.folder.onnx)
        model = load_weights(self.folder, config)
        padding = fast.pad_token_id if fast.pad_token_id is not None else 0
        return TorchRuntime(model, padding, "token_type_ids" in fast.model_input_names)


def load_weights(folder: Folder, config: Any) -> Any:
    """The checkpoint as a model of torch, in fp32, from safetensors.

    Args:
        folder: its files.
        config: of transformers.
    """
    import torch
    import transformers

    auto = getattr(transformers, f"AutoModelFor{folder.task}")
    model, loading = auto.from_pretrained(
        folder.path,
        config=config,
        local_files_only=True,
        trust_remote_code=False,
        use_safetensors=folder.weights[0].startswith(_WEIGHTS[0]),
        dtype=torch.float32,
        output_loading_info=True,
    )
    if missing := sorted(loading["missing_keys"]):
        raise ModelError(f"its weights lack {missing[0]}: it was not trained for this")
    return model


def _frames(tokenizer: Tokenizer) -> tuple[_Frame, _Frame]:
    """What stands around one text, and around two."""
    single, pair = tokenizer.encode("a"), tokenizer.encode("a", "a")
    own = [i for i, special in enumerate(single.special_tokens_mask) if not special]
    one = _Frame(single.ids[: own[0]], [], single.ids[own[-1] + 1 :], [], 0)
    sequences = pair.sequence_ids
    first = [i for i, sequence in enumerate(sequences) if sequence == 0]
    second = [i for i, sequence in enumerate(sequences) if sequence == 1]
    between = slice(first[-1] + 1, second[0])
    two = _Frame(
        pair.ids[: first[0]],
        pair.ids[between],
        pair.ids[second[-1] + 1 :],
        pair.type_ids[between],
        pair.type_ids[second[0]],
    )
    return one, two


def _longest(config: Any, tokenizer_limit: int, padding: int | None) -> int:
    """Most tokens in an input, special ones included."""
    limits = [MOST_TOKENS, tokenizer_limit]
    positions = getattr(config, "max_position_embeddings", None)
    if positions and positions > 0:
        shift = (padding or 0) + 1 if config.model_type in _POSITIONS_AFTER_PADDING else 0
        limits.append(positions - shift)
    return min(limits)


def _read_object(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except ValueError as error:
        raise ModelError(f"{path} is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise ModelError(f"{path} is not an object")
    return found
