"""The limit: the encoder alone, over windows that are ready, in a process a core and without HTTP.

``python -m benchmarks.speed.encoder`` reads a :class:`Plan` as JSON from standard input and writes
a list of :class:`Pace` as JSON, one a process. Nothing that serves this file on these cores with
one thread a window can be faster.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from benchmarks.server import ROOT
from service.enrichment.article import Article
from service.enrichment.segments import segment
from service.enrichment.windows import cut_windows
from service.inference.bundle import ENCODER, load_bundle
from service.settings import read_settings

Feed = dict[str, NDArray[np.int32]]


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
    command = [sys.executable, "-m", "benchmarks.speed.encoder"]
    done = subprocess.run(  # noqa: S603  nothing in it is from outside
        command,
        input=json.dumps(asdict(plan)).encode(),
        stdout=subprocess.PIPE,
        cwd=ROOT,
        check=True,
    )
    return [Pace(**pace) for pace in json.loads(done.stdout)]


def _feeds(texts: Sequence[str]) -> list[list[Feed]]:
    """What the encoder is given for each text, a window each."""
    folder = read_settings().model_folder
    bundle = load_bundle(folder)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    begin, end = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    feeds = []
    for text in texts:
        segments = segment(Article(text))
        pieces = bundle.tokenize(text, segments.words)
        windows = cut_windows(
            text, segments.words, pieces.bounds, segments.sentences, bundle.window
        )
        of_text = []
        for parts in windows:
            inside = slice(pieces.bounds[parts[0][0]], pieces.bounds[parts[-1][1]])
            ids, cases = [begin, *pieces.ids[inside], end], [0, *pieces.cases[inside], 0]
            of_text.append({"ids": np.array([ids], "i4"), "cases": np.array([cases], "i4")})
        feeds.append(of_text)
    return feeds


def _read_on(texts: Sequence[str], seconds: float) -> Pace:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    path = read_settings().model_folder / ENCODER
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    feeds, sizes = _feeds(texts), [len(text.split()) for text in texts]
    for feed in feeds[0]:  # what is set up on first use
        session.run(None, feed)
    words, began, worked = 0, time.perf_counter(), time.process_time()
    while not words or time.perf_counter() - began < seconds:
        for of_text, size in zip(feeds, sizes, strict=True):
            for feed in of_text:
                session.run(None, feed)
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
