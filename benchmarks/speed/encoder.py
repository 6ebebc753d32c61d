"""The limit: the encoder alone, over windows that are ready, in a process a core and without HTTP.

``python -m benchmarks.speed.encoder`` reads a :class:`Plan` as JSON from standard input and writes
a list of :class:`Pace` as JSON, one a process. Nothing that serves this file on these cores with
one thread a window can be faster.
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
from benchmarks.speed.apart import carried_out
from service.config.settings import read_settings
from service.inference.bundle.bundle import load_bundle


@dataclass(frozen=True)
class Plan:
    """What is read: ``texts`` again and again for so many seconds, or once if those are 0."""

    texts: Sequence[str]
    seconds: float
    processes: int


@dataclass(frozen=True)
class Pace:
    """What one process got through: words, seconds on the clock and of processor time."""

    words: int
    seconds: float
    processor: float


def run(plan: Plan) -> list[Pace]:
    """Have processes of their own carry out ``plan``."""
    return [Pace(**pace) for pace in carried_out("benchmarks.speed.encoder", plan)]


def _read_on(texts: Sequence[str], seconds: float) -> Pace:
    bundle = load_bundle(read_settings().model_folder)
    windows = [list(ready_windows(bundle, [text])) for text in texts]
    sizes = [len(text.split()) for text in texts]
    for tokens, window in windows[0]:  # what is set up on first use
        bundle.read(tokens, window)
    words, began, worked = 0, time.perf_counter(), time.process_time()
    while not words or time.perf_counter() - began < seconds:
        for of_text, size in zip(windows, sizes, strict=True):
            for tokens, window in of_text:
                bundle.read(tokens, window)
            words += size
            if time.perf_counter() - began >= seconds > 0:
                break
    return Pace(words, time.perf_counter() - began, time.process_time() - worked)


def main() -> None:
    """Carry out the plan on standard input."""
    plan = Plan(**json.load(sys.stdin))
    shares = [plan.texts[k :: plan.processes] for k in range(plan.processes)]
    with ProcessPoolExecutor(plan.processes, get_context("spawn")) as pool:
        paces = list(pool.map(_read_on, shares, [plan.seconds] * plan.processes))
    json.dump([asdict(pace) for pace in paces], sys.stdout)


if __name__ == "__main__":
    main()
