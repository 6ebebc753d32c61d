"""Quantisation of the encoder: exact products on every processor."""

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from onnx import numpy_helper
from torch import nn

from service.inference.backends import onnx as backend
from service.inference.backends.onnx import create_session
from service.inference.bundle.bundle import ENCODER
from service.inference.bundle.manifest import load_manifest
from tests.bundle import BUNDLE
from training.onnx_modules import to_onnx
from training.quantization import LARGEST, LARGEST_PAIR, quantize, quantize_columns

PRECISION = "session.x64quantprecision"


def pair_sums(quantized):
    wide = quantized.astype(np.int64)
    return np.abs(wide[0::2] + wide[1::2])


@given(arrays(np.float32, (6, 4), elements=st.integers(-2000, 2000).map(lambda n: n / 1000)))
def test_no_pair_of_weights_can_overflow(weights):
    quantized, scales = quantize_columns(weights)
    assert pair_sums(quantized).max() <= LARGEST_PAIR
    assert np.abs(quantized.astype(int)).max() <= LARGEST
    assert (np.abs(quantized * scales - weights) <= 0.5001 * scales).all()


def test_a_column_without_large_pairs_uses_all_bits():
    quantized, _ = quantize_columns(np.float32([[1, 1], [-1, 1]]))
    assert quantized[:, 0].tolist() == [127, -127]
    assert quantized[:, 1].tolist() == [64, 64]


class Normalized(nn.Module):
    def __init__(self):
        super().__init__()
        self.dense, self.norm = nn.Linear(8, 8), nn.LayerNorm(8)
        self.register_buffer("folding", torch.eye(8)[:, :4])

    def forward(self, rows):
        return self.norm(rows + self.dense(rows)) @ self.folding


def test_an_encoder_keeps_its_output(tmp_path):
    torch.manual_seed(0)
    module, rows = Normalized().eval(), torch.randn(1, 3, 8)
    plain, out = tmp_path / "plain.onnx", tmp_path / "int8.onnx"
    to_onnx(module, (rows,), plain, ["rows"], ["folded"], axis=1)
    quantize(plain, out)
    (folded,) = create_session(out, exact=True).run(None, {"rows": rows.numpy()})
    assert folded == pytest.approx(module(rows).detach().numpy(), abs=0.05)
    nodes = onnx.load(out).graph.node
    assert [node.op_type for node in nodes].count("MatMulInteger") == 1  # not the folding
    assert "Sum" in {node.op_type for node in nodes}


def test_a_bundle_with_exact_products_has_no_pair_that_overflows():
    if not load_manifest(BUNDLE).exact_products:
        pytest.skip("the bundle was exported before products were exact")
    graph = onnx.load(BUNDLE / ENCODER).graph
    weights = {each.name: each for each in graph.initializer}
    products = [node.input[1] for node in graph.node if node.op_type == "MatMulInteger"]
    assert products
    for name in products:
        assert pair_sums(numpy_helper.to_array(weights[name])).max() <= LARGEST_PAIR


@pytest.mark.parametrize(("vnni", "exact", "slow"), [
    (False, False, True), (False, True, False), (True, False, False), (True, True, False),
])  # fmt: skip
def test_only_products_that_may_overflow_are_calculated_slowly(monkeypatch, vnni, exact, slow):
    monkeypatch.setattr(backend, "_has_vnni", lambda: vnni)
    session = create_session(BUNDLE / ENCODER, exact)
    assert isinstance(session, onnxruntime.InferenceSession)
    options = session.get_session_options()
    if slow:
        assert options.get_session_config_entry(PRECISION) == "1"
    else:
        with pytest.raises(RuntimeError):
            options.get_session_config_entry(PRECISION)
