"""The ONNX Runtime backend: one core, one input at a time, without padding."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from service.inference.backends.base import Input
from service.inference.errors import ModelError

_SAFE_BITS = 7
"""Most bits of weights with which sums of int8 products never saturate."""
_VNNI = re.compile(r"\bavx(?:512)?_vnni\b")
_KNOWN_INPUTS = frozenset({"input_ids", "attention_mask", "token_type_ids"})


class OnnxBackend:
    """A :class:`~service.inference.backends.base.Backend` for an ONNX file.

    Args:
        path: of the file.

    Raises:
        ModelError: the file does not take token ids.
    """

    def __init__(self, path: Path) -> None:
        self._session = create_session(path)
        self.name = f"ONNX Runtime, {path.name}"
        self._inputs = {each.name: each.type for each in self._session.get_inputs()}
        unknown = sorted(set(self._inputs) - _KNOWN_INPUTS)
        if unknown or "input_ids" not in self._inputs:
            raise ModelError(
                f"{path.name} has the inputs {', '.join(self._inputs)}; it must have input_ids, "
                f"and may have {', '.join(sorted(_KNOWN_INPUTS - {'input_ids'}))}"
            )
        outputs = [each.name for each in self._session.get_outputs()]
        self._output = "logits" if "logits" in outputs else outputs[0]

    def run(self, inputs: Sequence[Input]) -> list[NDArray[np.float32]]:
        """See :class:`~service.inference.backends.base.Backend`."""
        return [self._run(each) for each in inputs]

    def _run(self, sequence: Input) -> NDArray[np.float32]:
        values = {
            "input_ids": sequence.ids,
            "attention_mask": np.ones_like(sequence.ids),
            "token_type_ids": sequence.types,
        }
        feeds = {
            name: values[name].astype(np.int32 if "int32" in dtype else np.int64)[None]
            for name, dtype in self._inputs.items()
        }
        (logits,) = self._session.run([self._output], feeds)
        row: NDArray[np.float32] = logits[0].astype(np.float32)
        return row


def create_session(path: Path, weight_bits: int = 8) -> onnxruntime.InferenceSession:
    """A session that uses one core and computes the same scores on every processor.

    Args:
        path: of the ONNX file.
        weight_bits: of quantised weights. Sums of products with 7 bits fit into 16.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # windows run side by side instead
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    if weight_bits > _SAFE_BITS and not _has_vnni():
        # Sums of int8 products would saturate at 16 bits, and the scores would differ from those of
        # newer processors. With unsigned weights they are exact, but slower.
        options.add_session_config_entry("session.x64quantprecision", "1")
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


@cache
def _has_vnni() -> bool:
    """Whether the processor is known to add int8 products in 32 bits. ARM always does."""
    try:
        return bool(_VNNI.search(Path("/proc/cpuinfo").read_text()))
    except OSError:
        return False
