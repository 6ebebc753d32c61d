"""The files of a checkpoint of transformers, before any of them is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from service.inference.checkpoint.model_card import Card, read_card
from service.inference.file_digests import sha256_of
from service.inference.hub.record import LocalCheckpoint
from service.inference.json_files import read_object
from service.inference.model_info import ModelError

Task = Literal["TokenClassification", "SequenceClassification"]

_TASKS: dict[Task, str] = {
    "TokenClassification": "token classification, which names need",
    "SequenceClassification": "sequence classification, which sentiment needs",
}

ONNX_FILES = ("onnx/model_int8.onnx", "onnx/model.onnx", "model.onnx")
"""Where a checkpoint may have its ONNX file; the first that is there is run."""

_CONFIG = "config.json"
_TOKENIZER = (
    "tokenizer.json tokenizer_config.json special_tokens_map.json added_tokens.json vocab.txt "
    "vocab.json merges.txt"
).split()
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
_NEEDS_TORCH = (
    "it has no ONNX file, and torch is not installed: pip install '.[torch]', or run "
    "`enrich model export` where torch is"
)


class CheckpointFiles:
    """The files of a checkpoint, before any of them is loaded.

    Args:
        path: the folder.
        name: what the checkpoint is called.
        task: what it has to be for; what it is for, if that is all the same.
        pickle: whether weights may be pickled, where there are no others.
        digests: name → sha256 of files that have been held to it already.

    Raises:
        ModelError: it is no checkpoint for the task, or a file is missing.
    """

    def __init__(
        self,
        path: Path,
        name: str,
        task: Task | None = None,
        pickle: bool = False,
        digests: Mapping[str, str] | None = None,
    ) -> None:
        self.path, self.name = path, name
        self._digests = digests or {}
        self._kinds = _WEIGHTS if pickle else _WEIGHTS[:1]
        self.config = self._read_config()
        self.task = self._checked_task(task)
        self.onnx = next((path / f for f in ONNX_FILES if (path / f).is_file()), None)
        if self.onnx is None:
            self._check_weights()
        if not (path / _TOKENIZER[0]).is_file():
            raise ModelError(
                f"there is no {_TOKENIZER[0]}; `enrich model pull` makes it from the files of a "
                "slow tokenizer, and so does save_pretrained of a fast one"
            )

    @property
    def labels(self) -> list[str]:
        """In the order of the output.

        Raises:
            ModelError: they are not numbered from 0 on.
        """
        count = self.config.get("num_labels") or 2
        labels = self.config.get("id2label") or {str(i): f"LABEL_{i}" for i in range(count)}
        numbers = [str(i) for i in range(len(labels))]
        if not isinstance(labels, dict) or set(labels) != set(numbers):
            raise ModelError(f"id2label in its {_CONFIG} does not number its labels from 0 on")
        return [str(labels[number]) for number in numbers]

    @cached_property
    def card(self) -> Card:
        """What its model card says."""
        return read_card(self.path)

    @cached_property
    def files(self) -> dict[str, str]:
        """Name → sha256, hexadecimal, of each file that decides what the checkpoint answers."""
        names = [name for name in self._names() if (self.path / name).exists()]
        return {name: self._digests.get(name) or sha256_of(self.path / name) for name in names}

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
                return [index.name, *_indexed(index)]
            if (self.path / name).is_file():
                return [name]
        return []

    @property
    def pickled(self) -> bool:
        """Whether the weights are pickled."""
        return self.weights[0].startswith(_WEIGHTS[1])

    def _names(self) -> list[str]:
        names = [_CONFIG, *_TOKENIZER, *(path.name for path in self.path.glob("*.model"))]
        if self.onnx is not None:
            weights = self.onnx.parent.glob(f"{self.onnx.name}*")
            return [*names, *sorted(str(each.relative_to(self.path)) for each in weights)]
        return [*names, *self.weights]

    def _read_config(self) -> dict[str, Any]:
        if not (self.path / _CONFIG).is_file():
            raise ModelError(f"no checkpoint in {self.path}: there is no {_CONFIG}")
        return read_object(self.path / _CONFIG)

    def _checked_task(self, wanted: Task | None) -> Task:
        named = self.config.get("architectures")
        architectures = list(map(str, named)) if isinstance(named, list) else []
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
        if find_spec("torch") is None:
            raise ModelError(_NEEDS_TORCH)


def open_checkpoint(pulled: LocalCheckpoint, task: Task | None = None) -> CheckpointFiles:
    """The files of a checkpoint that was found in the store, or of a folder elsewhere.

    Args:
        pulled: what was found, and verified.
        task: what it has to be for; what it is for, if that is all the same.

    Raises:
        ModelError: as :class:`CheckpointFiles`, or a file is none of those that were pulled.
    """
    record = pulled.record
    name = record.id if record else pulled.folder.resolve().name
    pickled = any(each.endswith(".bin") for each in record.files) if record else False
    folder = CheckpointFiles(pulled.folder, name, task, pickled, record.files if record else None)
    if record and (added := sorted(set(folder.files) - set(record.files))):
        raise ModelError(f"{pulled.folder / added[0]} was not there when it was pulled")
    return folder


def _indexed(path: Path) -> list[str]:
    """The files that an index of weights names."""
    files = read_object(path).get("weight_map")
    if not isinstance(files, dict) or not all(isinstance(name, str) for name in files.values()):
        raise ModelError(f"{path} does not say in which files the weights are")
    return sorted(set(files.values()))
