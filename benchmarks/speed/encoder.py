"""The upper limit: the encoder alone, over prepared windows, one process per core, without HTTP.

``python -m benchmarks.speed.encoder`` reads a :class:`Plan` as JSON from standard input and writes
a list of :class:`Pace` as JSON, one per process. No server that runs this model on these cores with
one thread per window can be faster.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context

from benchmarks.limits import ready_windows
from benchmarks.speed.isolated_process import run_module
from service.config.settings import read_settings
from service.inference.bundle.bundle import load_bundle


@dataclass(frozen=True)
class Plan:
    """Texts to encode repeatedly for ``seconds``, or once if ``seconds`` is 0."""

    texts: Sequence[str]
    seconds: float
    processes: int


@dataclass(frozen=True)
class Pace:
    """Words that a process encoded, and the wall-clock and processor seconds it took."""

    words: int
    seconds: float
    processor: float


def run(plan: Plan) -> list[Pace]:
    """Run ``plan`` in new processes."""
    return [Pace(**pace) for pace in run_module("benchmarks.speed.encoder", plan)]


def _encode(texts: Sequence[str], seconds: float) -> Pace:
    bundle = load_bundle(read_settings().model_folder)
    windows = [list(ready_windows(bundle, [text])) for text in texts]
    sizes = [len(text.split()) for text in texts]
    for tokens, window in windows[0]:  # warm up
        bundle.read(tokens, window)
    words, began, worked = 0, time.perf_counter(), time.process_time()
    while not words or time.perf_counter() - began < seconds:
        for text_windows, size in zip(windows, sizes, strict=True):
            for tokens, window in text_windows:
                bundle.read(tokens, window)
            words += size
            if time.perf_counter() - began >= seconds > 0:
                break
    return Pace(words, time.perf_counter() - began, time.process_time() - worked)


def main() -> None:
    """Run the plan on standard input."""
    plan = Plan(**json.load(sys.stdin))
    shares = [plan.texts[k :: plan.processes] for k in range(plan.processes)]
    with ProcessPoolExecutor(plan.processes, get_context("spawn")) as pool:
        paces = list(pool.map(_encode, shares, [plan.seconds] * plan.processes))
    json.dump([asdict(pace) for pace in paces], sys.stdout)


if __name__ == "__main__":
    main()
