"""Upper limits of the encoder's speed: ``python -m benchmarks.limits --data FOLDER``.

Measures two limits. The first is the encoder alone, over prepared windows, with one process per
usable core: no server can be faster. The second is ONNX Runtime's int8 matrix multiplication alone,
with the shapes of the encoder and a large one: no encoder with these shapes can be faster. Both are
measured in processor time, which other processes on the machine disturb less than wall-clock time.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import onnxruntime

from benchmarks.cost import read_texts
from benchmarks.server import machine
from service.config.cpu import usable_cores
from service.enrichment.article import Article
from service.enrichment.segmentation import segment
from service.enrichment.windows import cut_windows
from service.enrichment.words import WordRange
from service.inference.bundle.bundle import Bundle, load_bundle
from service.inference.bundle.wordpieces import WordPieces

LAYERS = 6
PRODUCTS = ((384, 384, 4), (384, 1536, 1), (1536, 384, 1))
"""Multiplications in a layer: inner dimension, columns, number of multiplications."""
LARGE = (2048, 2048, 2048)
"""Rows, inner dimension and columns of a multiplication that is limited only by arithmetic."""

_UINT8, _INT8, _INT32 = 2, 3, 6  # onnx.TensorProto.DataType
_ROUNDS = 5


@dataclass(frozen=True)
class Loop:
    """Word pieces processed, and the processor and wall-clock seconds that this took."""

    pieces: int
    processor: float
    wall: float


def multiply_adds_per_piece() -> int:
    """Return the int8 multiply-adds of the encoder's layers for one word piece."""
    return LAYERS * sum(inner * columns * count for inner, columns, count in PRODUCTS)


def ready_windows(bundle: Bundle, texts: Sequence[str]) -> Iterator[tuple[WordPieces, WordRange]]:
    """Yield the windows of all ``texts``, as the service builds them."""
    for text in texts:
        segments = segment(Article(text))
        tokens = bundle.tokenize(segments.source, segments.words)
        for parts in cut_windows(
            segments.source, segments.words, tokens.bounds, segments.sentences, bundle.window
        ):
            yield tokens, (parts[0][0], parts[-1][1])


def run_loop(folder: Path, texts: Sequence[str], seconds: float) -> Loop:
    """Encode the windows of ``texts`` repeatedly for ``seconds`` of processor time."""
    bundle = load_bundle(folder)
    windows = list(ready_windows(bundle, texts))
    for tokens, words in windows[:5]:  # warm up
        bundle.read(tokens, words)
    pieces = 0
    began, wall = time.process_time(), time.perf_counter()
    for tokens, words in itertools.cycle(windows):
        bundle.read(tokens, words)
        pieces += int(tokens.bounds[words[1]] - tokens.bounds[words[0]])
        if time.process_time() - began > seconds:
            break
    return Loop(pieces, time.process_time() - began, time.perf_counter() - wall)


def run_loops(folder: Path, texts: Sequence[str], seconds: float) -> list[Loop]:
    """Run :func:`run_loop` concurrently in one process per usable core."""
    cores = usable_cores()
    with ProcessPoolExecutor(cores, get_context("spawn")) as pool:
        return list(pool.map(run_loop, *zip(*[(folder, texts, seconds)] * cores, strict=True)))


def product_speed(rows: int, inner: int, columns: int) -> float:
    """Return multiply-adds per processor second of an int8 multiplication; the best of 5 rounds."""
    session = product(inner, columns)
    left = np.random.default_rng(0).integers(0, 256, (rows, inner), dtype=np.uint8)
    work = rows * inner * columns
    repeats = 1 + 4 * 10**9 // work
    session.run(None, {"left": left})
    best = 0.0
    for _ in range(_ROUNDS):
        began = time.process_time()
        for _ in range(repeats):
            session.run(None, {"left": left})
        best = max(best, repeats * work / (time.process_time() - began))
    return best


def product(inner: int, columns: int) -> onnxruntime.InferenceSession:
    """Return a session that multiplies uint8 ``left`` by the constant int8 :func:`weights`.

    It uses one thread. As in the encoder, the weights are constants, so the runtime can choose
    their memory layout.
    """
    # Encoded by hand to avoid a dependency on the package onnx. The numbers are those of the fields
    # in onnx.proto.
    constant = [
        _field(1, inner),
        _field(1, columns),
        _field(2, _INT8),
        _field(8, b"weights"),
        _field(9, weights(inner, columns).tobytes()),
    ]
    node = _field(1, b"left") + _field(1, b"weights") + _field(2, b"out")
    graph = [
        _field(1, node + _field(4, b"MatMulInteger")),
        _field(2, b"product"),
        _field(5, b"".join(constant)),
        _field(11, _value(b"left", _UINT8)),
        _field(12, _value(b"out", _INT32)),
    ]
    model = _field(1, 8) + _field(7, b"".join(graph)) + _field(8, _field(2, 17))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def weights(inner: int, columns: int) -> np.ndarray[tuple[int, int], np.dtype[np.int8]]:
    """Return random weights, small enough that 16-bit sums do not overflow on any processor."""
    return np.random.default_rng(1).integers(-64, 65, (inner, columns), dtype=np.int8)


def _value(name: bytes, data_type: int) -> bytes:
    """Encode the declaration of an input or output matrix of any size."""
    shape = _field(1, _field(2, b"rows")) + _field(1, _field(2, name + b"_columns"))
    return _field(1, name) + _field(2, _field(1, _field(1, data_type) + _field(2, shape)))


def _field(number: int, value: int | bytes) -> bytes:
    """Encode a protocol buffer field: an integer, or bytes with their length."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    low, high = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + _varint(high) if high else bytes([low])


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.limits", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with articles/bbc.jsonl")
    parser.add_argument("--bundle", type=Path, default=Path("models/enrich-en-small"))
    parser.add_argument("--articles", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=20.0, help="processor time of each loop")
    arguments = parser.parse_args()
    texts = read_texts(arguments.data / "articles/bbc.jsonl")[: arguments.articles]
    loops = run_loops(arguments.bundle, texts, arguments.seconds)
    windows = list(ready_windows(load_bundle(arguments.bundle), texts))
    rows = round(np.mean([tokens.bounds[b] - tokens.bounds[a] for tokens, (a, b) in windows]))
    work = multiply_adds_per_piece()
    speed = sum(loop.pieces for loop in loops) / sum(loop.processor for loop in loops)
    wall = sum(loop.pieces / loop.wall for loop in loops)
    print(f"{machine()}; ONNX Runtime {onnxruntime.__version__}\n")
    print("| the encoder alone | |\n|---|---:|")
    print(f"| processor time per word piece | {1e6 / speed:.0f} µs |")
    print(f"| word pieces per second and core | {speed:,.0f} |")
    print(f"| word pieces per second, {len(loops)} processes, wall clock | {wall:,.0f} |")
    print(f"| int8 multiply-adds per second and core | {speed * work / 1e9:.1f} · 10⁹ |")
    print("\n| int8 multiplication alone | 10⁹ multiply-adds per second | reached by the encoder |")
    print("|---|---:|---:|")
    for shape in (*((rows, inner, columns) for inner, columns, _ in PRODUCTS), LARGE):
        peak = product_speed(*shape)
        name = f"{shape[0]} × {shape[1]} by {shape[1]} × {shape[2]}"
        print(f"| {name} | {peak / 1e9:.1f} | {100 * speed * work / peak:.0f} % |")


if __name__ == "__main__":
    main()
