"""The files of a checkpoint, checked before any of them is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from service.inference.checkpoint.file_names import (
    CONFIG,
    ONNX_FILES,
    PICKLE,
    SAFETENSORS,
    SENTENCEPIECE_SUFFIX,
    TOKENIZER,
    TOKENIZER_SETTINGS,
    VOCABULARIES,
    index_name,
)
from service.inference.checkpoint.model_card import Card, read_card
from service.inference.errors import ModelError
from service.inference.file_digests import sha256_of
from service.inference.json_files import read_object

Task = Literal["TokenClassification", "SequenceClassification"]

_TASKS: dict[Task, str] = {
    "TokenClassification": "token classification, for names",
    "SequenceClassification": "sequence classification, for sentiment",
}

_NEEDS_TORCH = (
    "it has no ONNX file, and torch is not installed: pip install '.[torch]', or run "
    "`enrich model export` where torch is"
)


class CheckpointFiles:
    """The files of a checkpoint. Nothing is loaded.

    Args:
        path: the folder.
        name: of the checkpoint.
        task: required task; ``None`` accepts every supported one.
        pickle: whether pickled weights are allowed where there are no others.
        digests: file name → sha256 of files that have been verified already.

    Raises:
        ModelError: the checkpoint is for another task, or a file is missing.
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
        self._weight_formats = (SAFETENSORS, PICKLE) if pickle else (SAFETENSORS,)
        self.config = self._read_config()
        self.task = self._check_task(task)
        self.onnx = next((path / f for f in ONNX_FILES if (path / f).is_file()), None)
        if self.onnx is None:
            self._check_weights()
        if not (path / TOKENIZER).is_file():
            raise ModelError(
                f"there is no {TOKENIZER}; `enrich model pull` makes it from the files of a "
                "slow tokenizer, and so does save_pretrained of a fast one"
            )

    @property
    def labels(self) -> list[str]:
        """The labels, in the order of the output.

        Raises:
            ModelError: they are not numbered from 0.
        """
        count = self.config.get("num_labels") or 2
        labels = self.config.get("id2label") or {str(i): f"LABEL_{i}" for i in range(count)}
        numbers = [str(i) for i in range(len(labels))]
        if not isinstance(labels, dict) or set(labels) != set(numbers):
            raise ModelError(f"id2label in its {CONFIG} does not number the labels from 0")
        return [str(labels[number]) for number in numbers]

    @cached_property
    def card(self) -> Card:
        """The model card."""
        return read_card(self.path)

    @cached_property
    def files(self) -> dict[str, str]:
        """File name → sha256, hexadecimal, of each file that the outputs depend on."""
        names = [name for name in self._list_files() if (self.path / name).exists()]
        return {name: self._digests.get(name) or sha256_of(self.path / name) for name in names}

    @property
    def size(self) -> int:
        """Bytes of :attr:`files`."""
        return sum((self.path / name).stat().st_size for name in self.files)

    @property
    def weights(self) -> list[str]:
        """Names of the files that torch loads; where there are several, their index comes first."""
        for name in self._weight_formats:
            index = self.path / index_name(name)
            if index.is_file():
                return [index.name, *_list_indexed(index)]
            if (self.path / name).is_file():
                return [name]
        return []

    @property
    def pickled(self) -> bool:
        """Whether the weights are pickled."""
        return self.weights[0].startswith(PICKLE)

    def _list_files(self) -> list[str]:
        names = [
            *(CONFIG, TOKENIZER, *TOKENIZER_SETTINGS, *VOCABULARIES),
            *(path.name for path in self.path.glob(f"*{SENTENCEPIECE_SUFFIX}")),
        ]
        if self.onnx is not None:
            weights = self.onnx.parent.glob(f"{self.onnx.name}*")
            return [*names, *sorted(str(each.relative_to(self.path)) for each in weights)]
        return [*names, *self.weights]

    def _read_config(self) -> dict[str, Any]:
        if not (self.path / CONFIG).is_file():
            raise ModelError(f"{self.path} is not a checkpoint: it has no {CONFIG}")
        return read_object(self.path / CONFIG)

    def _check_task(self, required: Task | None) -> Task:
        named = self.config.get("architectures")
        architectures = list(map(str, named)) if isinstance(named, list) else []
        tasks = [task for task in _TASKS if any(a.endswith(f"For{task}") for a in architectures)]
        if not tasks or required not in (None, tasks[0]):
            what = ", ".join(architectures) or "without an architecture"
            needed = _TASKS[required] if required else " or ".join(_TASKS.values())
            raise ModelError(f"it is {what}, not a checkpoint for {needed}")
        if self.config.get("problem_type") in ("multi_label_classification", "regression"):
            raise ModelError(
                f"it is for {self.config['problem_type']}; it must choose one of its labels"
            )
        return tasks[0]

    def _check_weights(self) -> None:
        if not self.weights:
            raise ModelError("it has neither safetensors weights nor an ONNX file")
        for name in self.weights:
            if not (self.path / name).is_file():
                raise ModelError(f"its weights are incomplete: {name} is missing")
        if find_spec("torch") is None:
            raise ModelError(_NEEDS_TORCH)


def _list_indexed(path: Path) -> list[str]:
    """The files that an index of weights lists."""
    files = read_object(path).get("weight_map")
    if not isinstance(files, dict) or not all(isinstance(name, str) for name in files.values()):
        raise ModelError(f"{path} does not list the files of the weights")
    return sorted(set(files.values()))
