"""What bounds the encoder's speed: ``python -m benchmarks.limits --data FOLDER``.

Two limits. The bare loop is the encoder alone, over windows that were cut before the clock starts,
one process a usable core: no server can be faster than that. The bare product is ONNX Runtime's
int8 matrix multiplication alone, at the shapes of the encoder and at a large one: no encoder of
these shapes can be faster than that. Both are counted in processor seconds, which other users of
the machine disturb less than the clock's.
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
from service.enrichment.segmentation import segment
from service.enrichment.types import Article
from service.enrichment.windows import cut_windows
from service.enrichment.words import WordRange
from service.inference.bundle.bundle import Bundle, load_bundle
from service.inference.bundle.wordpieces import Pieces

LAYERS = 6
PRODUCTS = ((384, 384, 4), (384, 1536, 1), (1536, 384, 1))
"""Of each layer: inner length, columns, and how many such multiplications there are."""
LARGE = (2048, 2048, 2048)
"""Rows, inner length and columns of a multiplication that is bound by nothing but arithmetic."""

_UINT8, _INT8, _INT32 = 2, 3, 6  # onnx.TensorProto.DataType
_ROUNDS = 5


@dataclass(frozen=True)
class Loop:
    """Word pieces that were read, and the processor and wall-clock seconds this took."""

    pieces: int
    processor: float
    wall: float


def per_piece() -> int:
    """Multiply-adds in int8 that the encoder's layers need for one word piece."""
    return LAYERS * sum(inner * columns * count for inner, columns, count in PRODUCTS)


def ready_windows(bundle: Bundle, texts: Sequence[str]) -> Iterator[tuple[Pieces, WordRange]]:
    """The windows of all ``texts``, as the service cuts them."""
    for text in texts:
        segments = segment(Article(text))
        tokens = bundle.tokenize(segments.source, segments.words)
        for parts in cut_windows(
            segments.source, segments.words, tokens.bounds, segments.sentences, bundle.window
        ):
            yield tokens, (parts[0][0], parts[-1][1])


def run_loop(folder: Path, texts: Sequence[str], seconds: float) -> Loop:
    """Read the windows of ``texts`` again and again, for so many seconds of processor time."""
    bundle = load_bundle(folder)
    windows = list(ready_windows(bundle, texts))
    for tokens, words in windows[:5]:  # what is allocated on first use
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
    """:func:`run_loop` in one process a usable core, all at once."""
    cores = usable_cores()
    with ProcessPoolExecutor(cores, get_context("spawn")) as pool:
        return list(pool.map(run_loop, *zip(*[(folder, texts, seconds)] * cores, strict=True)))


def product_speed(rows: int, inner: int, columns: int) -> float:
    """Multiply-adds a processor second of an int8 product alone, the best of some rounds."""
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
    """A session that multiplies uint8 ``left`` by int8 weights, on one thread.

    The weights are those of :func:`weights`; as in the encoder they are known beforehand, so that
    the runtime may lay them out as it likes.
    """
    # Written by hand, since the package onnx is needed nowhere else here. Numbers are those of the
    # fields in onnx.proto.
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
    """Weights for a product: small, so that no processor's 16-bit sums overflow."""
    return np.random.default_rng(1).integers(-64, 65, (inner, columns), dtype=np.int8)


def _value(name: bytes, kind: int) -> bytes:
    """A matrix of any size that goes in or comes out."""
    shape = _field(1, _field(2, b"rows")) + _field(1, _field(2, name + b"_columns"))
    return _field(1, name) + _field(2, _field(1, _field(1, kind) + _field(2, shape)))


def _field(number: int, value: int | bytes) -> bytes:
    """A field of a protocol buffer: an integer, or bytes with their length."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    low, high = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + _varint(high) if high else bytes([low])


def main() -> None:
    """Measure and print."""
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
    speed = sum(loop.pieces for loop in loops) / sum(loop.processor for loop in loops)
    wall = sum(loop.pieces / loop.wall for loop in loops)
    print(f"{machine()}; ONNX Runtime {onnxruntime.__version__}\n")
    print("| the encoder alone | |\n|---|---:|")
    print(f"| processor time a word piece | {1e6 / speed:.0f} µs |")
    print(f"| word pieces a second of one core | {speed:,.0f} |")
    print(f"| word pieces a second, {len(loops)} at once, by the clock | {wall:,.0f} |")
    print(f"| int8 multiply-adds a second of one core | {speed * per_piece() / 1e9:.1f} · 10⁹ |")
    print("\n| int8 product alone | · 10⁹ multiply-adds a second | the encoder reaches |")
    print("|---|---:|---:|")
    for shape in (*((rows, inner, columns) for inner, columns, _ in PRODUCTS), LARGE):
        peak = product_speed(*shape)
        name = f"{shape[0]} × {shape[1]} by {shape[1]} × {shape[2]}"
        print(f"| {name} | {peak / 1e9:.1f} | {100 * speed * per_piece() / peak:.0f} % |")


if __name__ == "__main__":
    main()
