"""The PyTorch backend, for checkpoints without an ONNX file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.inference.backends.base import Input

BATCH_TOKENS = 4096
"""Most tokens, padding included, in one batch on a GPU."""

_TOLERANCE = 1e-3
"""Largest difference between logits that still count as equal."""


class TorchBackend:
    """A :class:`~service.inference.backends.base.Backend` for a model of transformers.

    On the CPU, inputs run one at a time. On a GPU, inputs of similar length share a batch; a batch
    holds inputs of one call only, so that concurrent requests do not change each other's scores.

    Args:
        model: of transformers, loaded.
        padding: id of the padding token.
        type_ids: whether the model takes ``token_type_ids``.
        device: by default a GPU where there is one, else the CPU.
        batch_tokens: most tokens in a batch, padding included; 0 for no batches. By default
            :data:`BATCH_TOKENS` on a GPU and 0 on the CPU.
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
        default = BATCH_TOKENS if self._device != "cpu" else 0
        self._batch_tokens = default if batch_tokens is None else batch_tokens
        self._padding = padding
        self._type_ids = type_ids
        self.name = f"torch {torch.__version__.partition('+')[0]}, {self._device}"
        if self._device == "cpu":
            torch.set_num_threads(1)  # windows run side by side instead

    def run(self, inputs: Sequence[Input]) -> list[NDArray[np.float32]]:
        """See :class:`~service.inference.backends.base.Backend`."""
        if not self._batch_tokens:
            return [self._run([each])[0] for each in inputs]
        logits: dict[int, NDArray[np.float32]] = {}
        for batch in make_batches([len(each.ids) for each in inputs], self._batch_tokens):
            logits.update(zip(batch, self._run([inputs[i] for i in batch]), strict=True))
        return [logits[i] for i in range(len(inputs))]

    def disable_batches_if_inexact(self, samples: Sequence[Input]) -> None:
        """Stop using batches if a batch changes the logits of its members.

        This happens where an architecture has no padding, or attends to it.

        Args:
            samples: inputs of different lengths.
        """
        if not self._batch_tokens:
            return
        single = [self._run([each])[0] for each in samples]
        try:
            batched = self._run(samples)
        except (ValueError, IndexError, RuntimeError):
            self._batch_tokens = 0
            return
        pairs = zip(single, batched, strict=True)
        if any(np.abs(one - other).max() > _TOLERANCE for one, other in pairs):
            self._batch_tokens = 0

    def _run(self, inputs: Sequence[Input]) -> list[NDArray[np.float32]]:
        torch = self._torch
        longest = max(len(each.ids) for each in inputs)

        def pad(rows: Sequence[NDArray[np.int64]], value: int) -> Any:
            matrix = np.full((len(rows), longest), value, dtype=np.int64)
            for target, row in zip(matrix, rows, strict=True):
                target[: len(row)] = row
            return torch.from_numpy(matrix).to(self._device)

        feeds = {
            "input_ids": pad([each.ids for each in inputs], self._padding),
            "attention_mask": pad([np.ones_like(each.ids) for each in inputs], 0),
        }
        if self._type_ids:
            feeds["token_type_ids"] = pad([each.types for each in inputs], 0)
        with torch.inference_mode():
            logits = self._model(**feeds).logits.float().cpu().numpy()
        if logits.ndim == 2:
            return list(logits)
        return [row[: len(each.ids)] for row, each in zip(logits, inputs, strict=True)]


def make_batches(lengths: Sequence[int], limit: int) -> list[list[int]]:
    """Group inputs of similar length.

    Args:
        lengths: of the inputs, in tokens.
        limit: most tokens in a batch, padding included; a longer input has a batch of its own.

    Returns:
        The indices of the inputs of each batch, longest first.
    """
    batches: list[list[int]] = []
    for i in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        if not batches or lengths[batches[-1][0]] * (len(batches[-1]) + 1) > limit:
            batches.append([])
        batches[-1].append(i)
    return batches
