"""Quantisation of the encoder to int8, for the same output at full speed on every processor."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import ModelProto, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

FOLDING = "folding"
"""The matrix that folds tags, as :class:`training.onnx_modules.TaggingEncoder` names it."""
LARGEST = 127
"""Largest absolute value of a weight."""
LARGEST_PAIR = 128
"""Largest absolute sum of two neighbouring weights.

Processors without VNNI add the products of two neighbouring weights with unsigned 8-bit activations
in 16 bits, and 255 · 129 would overflow.
"""


def quantize(plain: Path, out: Path) -> None:
    """Quantise the matrix products of an encoder.

    Weights are quantised per column, activations dynamically per pass. Products are exact on every
    processor (:func:`quantize_columns`).

    Args:
        plain: ONNX file in single precision.
        out: path of the quantised file.
    """
    original = onnx.load(plain)
    # Quantised probabilities would have steps of 1/255.
    unquantized = [node.name for node in original.graph.node if FOLDING in node.input]
    quantize_dynamic(
        plain,
        out,
        per_channel=True,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=unquantized,
    )
    model = onnx.load(out)
    _replace_weights(model, original)
    _keep_normalizations_apart(model)
    onnx.save(model, out)


def quantize_columns(
    weights: NDArray[np.float32],
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Quantise a matrix with a scale for each column, so that products cannot overflow.

    The scale of a column is the least one with which no weight exceeds :data:`LARGEST` and no pair
    of neighbouring rows exceeds :data:`LARGEST_PAIR`.

    Args:
        weights: shape ``(inputs, outputs)``, with an even number of inputs.

    Returns:
        The quantised weights, and the scales, shape ``(outputs,)``.
    """
    pairs = np.abs(weights[0::2] + weights[1::2]).max(axis=0) / LARGEST_PAIR
    scales = np.maximum(np.abs(weights).max(axis=0) / LARGEST, pairs).astype(np.float32)
    scales[scales == 0] = 1
    while True:
        quantized = np.rint(weights / scales)
        excess = np.abs(quantized[0::2] + quantized[1::2]).max(axis=0) > LARGEST_PAIR
        if not excess.any():
            return quantized.astype(np.int8), scales
        scales[excess] *= np.float32(1.002)  # rounding made a pair too large


def _replace_weights(model: ModelProto, plain: ModelProto) -> None:
    """Replace the quantised weights of all matrix products."""
    original = {each.name: each for each in plain.graph.initializer}
    quantized = {each.name: each for each in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "MatMulInteger":
            name = node.input[1].removesuffix("_quantized")
            weights, scales = quantize_columns(numpy_helper.to_array(original[name]))
            for suffix, values in (("_quantized", weights), ("_scale", scales)):
                tensor = quantized[name + suffix]
                tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))


def _keep_normalizations_apart(model: ModelProto) -> None:
    """Write the additions before normalisations as ``Sum``.

    ONNX Runtime fuses ``Add`` with the normalisation after it into an operator that is slower.
    """
    producers = {output: node for node in model.graph.node for output in node.output}
    for node in model.graph.node:
        if node.op_type == "LayerNormalization":
            before = producers.get(node.input[0])
            if before is not None and before.op_type == "Add":
                before.op_type = "Sum"
