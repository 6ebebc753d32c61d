"""Runtimes: what multiplies the matrices of other people's checkpoints."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from service.inference.model_info import ModelError

_VNNI = re.compile(r"\bavx(?:512)?_vnni\b")

BATCH_TOKENS = 4096
"""Most tokens, padding included, in one batch on a GPU."""

_SAME = 1e-3
"""Most by which logits differ between passes that say the same."""


@dataclass(frozen=True)
class Input:
    """What a checkpoint reads in one pass.

    Attributes:
        ids: of the vocabulary, special tokens included.
        types: 1 for the tokens of the second text of a pair, else 0; as many.
    """

    ids: NDArray[np.int64]
    types: NDArray[np.int64]


class Backend(Protocol):
    """Runs a checkpoint. Threads may share one."""

    name: str

    def run(self, inputs: Sequence[Input]) -> list[NDArray[np.float32]]:
        """The logits of each input: shape ``(tokens, labels)``, or ``(labels,)``.

        The same inputs, asked for together, have the same logits each time.
        """
        ...


class OnnxBackend:
    """ONNX Backend on one core: inputs one by one, without padding.

    Args:
        path: of the file.

    Raises:
        ModelError: it is not one that takes token ids and gives logits.
    """

    def __init__(self, path: Path) -> None:
        self._session = new_session(path)
        self.name = f"ONNX Backend, {path.name}"
        wanted = {"input_ids", "attention_mask", "token_type_ids"}
        self._inputs = {each.name: each.type for each in self._session.get_inputs()}
        unknown = sorted(set(self._inputs) - wanted)
        if unknown or "input_ids" not in self._inputs:
            names = ", ".join(self._inputs)
            raise ModelError(
                f"{path.name} has the inputs {names}; of these, {', '.join(sorted(wanted))} are "
                "known, and input_ids is needed"
            )
        outputs = [each.name for each in self._session.get_outputs()]
        self._output = "logits" if "logits" in outputs else outputs[0]

    def run(self, inputs: Sequence[Input]) -> list[NDArray[np.float32]]:
        """See :class:`Backend`."""
        return [self._run(one) for one in inputs]

    def _run(self, one: Input) -> NDArray[np.float32]:
        values = {
            "input_ids": one.ids,
            "attention_mask": np.ones_like(one.ids),
            "token_type_ids": one.types,
        }
        feeds = {
            name: values[name].astype(np.int32 if "int32" in kind else np.int64)[None]
            for name, kind in self._inputs.items()
        }
        (logits,) = self._session.run([self._output], feeds)
        row: NDArray[np.float32] = logits[0].astype(np.float32)
        return row


class TorchBackend:
    """PyTorch: one by one on the processor, in batches of like length on a GPU.

    A batch holds inputs that were asked for together, so what else is being read changes nothing.

    Args:
        model: of transformers, as it is loaded.
        padding: id of the padding token.
        type_ids: whether the model is to be told the types of its tokens.
        device: what to run on; a GPU by default, where there is one.
        batch_tokens: most tokens in a batch, padding included; by default :data:`BATCH_TOKENS` on a
            GPU, and 0 for no batches on the processor.
    """

    def __init__(
        self,
        model: Any,
        padding: int,
        type_ids: bool,
        device: str | None = None,
        batch_tokens: int | None = None,
    ) -> None:
        import torch

        self._torch = torch
        self._device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        self._model = model.to(self._device).eval()
        on_gpu = BATCH_TOKENS if self._device != "cpu" else 0
        self._batch_tokens = on_gpu if batch_tokens is None else batch_tokens
        self._padding = padding
        self._type_ids = type_ids
        self.name = f"torch {torch.__version__.partition('+')[0]}, {self._device}"
        if self._device == "cpu":
            torch.set_num_threads(1)  # windows run side by side instead

    def run(self, inputs: Sequence[Input]) -> list[NDArray[np.float32]]:
        """See :class:`Backend`."""
        if not self._batch_tokens:
            return [self._run([one])[0] for one in inputs]
        found: dict[int, NDArray[np.float32]] = {}
        for batch in batches([len(one.ids) for one in inputs], self._batch_tokens):
            found.update(zip(batch, self._run([inputs[i] for i in batch]), strict=True))
        return [found[i] for i in range(len(inputs))]

    def check_batches(self, samples: Sequence[Input]) -> None:
        """Go without batches from now on if one of these changes what is said of each.

        It does where an architecture knows no padding, or lets it reach what it reads.

        Args:
            samples: inputs of unlike length.
        """
        if not self._batch_tokens:
            return
        alone = [self._run([one])[0] for one in samples]
        try:
            together = self._run(samples)
        except (ValueError, IndexError, RuntimeError):
            self._batch_tokens = 0
            return
        pairs = zip(alone, together, strict=True)
        if any(np.abs(one - other).max() > _SAME for one, other in pairs):
            self._batch_tokens = 0

    def _run(self, inputs: Sequence[Input]) -> list[NDArray[np.float32]]:
        torch = self._torch
        longest = max(len(one.ids) for one in inputs)

        def padded(rows: Sequence[NDArray[np.int64]], value: int) -> Any:
            matrix = np.full((len(rows), longest), value, dtype=np.int64)
            for target, row in zip(matrix, rows, strict=True):
                target[: len(row)] = row
            return torch.from_numpy(matrix).to(self._device)

        feeds = {
            "input_ids": padded([one.ids for one in inputs], self._padding),
            "attention_mask": padded([np.ones_like(one.ids) for one in inputs], 0),
        }
        if self._type_ids:
            feeds["token_type_ids"] = padded([one.types for one in inputs], 0)
        with torch.inference_mode():
            logits = self._model(**feeds).logits.float().cpu().numpy()
        if logits.ndim == 2:
            return list(logits)
        return [row[: len(one.ids)] for row, one in zip(logits, inputs, strict=True)]


def batches(lengths: Sequence[int], most: int) -> list[list[int]]:
    """Put inputs of like length together.

    Args:
        lengths: of the inputs, in tokens.
        most: tokens in a batch, padding included; an input that is longer goes alone.

    Returns:
        Indices of the inputs of each batch, longest first.
    """
    found: list[list[int]] = []
    for i in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        if not found or lengths[found[-1][0]] * (len(found[-1]) + 1) > most:
            found.append([])
        found[-1].append(i)
    return found


@cache
def _adds_in_32_bits() -> bool:
    """Whether the processor has VNNI, as far as that can be told. ARM has no need of it."""
    try:
        return bool(_VNNI.search(Path("/proc/cpuinfo").read_text()))
    except OSError:
        return False


def new_session(path: Path) -> onnxruntime.InferenceSession:
    """An ONNX Runtime session that uses one core, and calculates the same on every processor."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # windows run side by side instead
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    if not _adds_in_32_bits():
        # Products of int8 weights would saturate at 16 bits, and the scores be others than on newer
        # processors. Multiplied by unsigned weights they are exact, and take longer.
        options.add_session_config_entry("session.x64quantprecision", "1")
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
