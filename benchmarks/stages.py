"""Processor time of each stage, beside that in another checkout, such as one of a past commit.

``python -m benchmarks.stages --data FOLDER --before CHECKOUT`` enriches BBC articles with the code
and the model of each, in two processes that take turns, and prints medians over the rounds: of the
times, and of the ratios within a round with their quartiles.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from statistics import median, quantiles
from typing import IO, cast

from tqdm import tqdm

from benchmarks.cost import read_texts

ARTICLES = 50
"""Articles of a round."""

ALL = "all but the encoder"
"""The sum of the other stages."""

Stages = dict[str, float]
"""Stage → milliseconds per article."""


class Checkout:
    """A process that enriches with the code in a folder.

    Args:
        folder: of the checkout.
        texts: of the articles.
    """

    def __init__(self, folder: Path, texts: list[str]) -> None:
        path = {"PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        # -P: the folder of this file holds modules with the names of libraries.
        self._process = subprocess.Popen(  # noqa: S603  no untrusted input
            [sys.executable, "-P", __file__],
            cwd=folder,
            env={**os.environ, **path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._ask(texts)

    def measure(self, first: int) -> Stages:
        """Enrich a round of articles, beginning with the text ``first``."""
        return self._ask([first, first + ARTICLES])

    def close(self) -> None:
        """End the process."""
        self._process.communicate()

    def _ask(self, question: object) -> Stages:
        print(json.dumps(question), file=self._process.stdin, flush=True)
        stages: Stages = json.loads(cast(IO[str], self._process.stdout).readline())
        return stages


def answer() -> None:
    """Answer the questions of :class:`Checkout`."""
    from flask import Flask

    from service.api.registration import register_api
    from service.api.schemas.options import DEFAULT_FEATURES, Options
    from service.api.schemas.response import EnrichmentSchema
    from service.api.serialization import to_response
    from service.enrichment import pipeline, timings
    from service.enrichment.language_detector import TrainedDetector
    from service.execution import memory
    from service.inference.bundle.bundle import load_bundle

    # Where the class is depends on the checkout; the pipeline of each has it.
    article_of = vars(pipeline)["Article"]
    vars(timings)["perf_counter"] = time.thread_time
    enricher = pipeline.Enricher(load_bundle(Path("models/enrich-en-small")), TrainedDetector())
    options = Options(frozenset(DEFAULT_FEATURES), None, "codepoint", False, None, ())
    app, schema = Flask("stages"), EnrichmentSchema()
    register_api(app)

    def enrich(text: str) -> timings.StageTimer:
        timer, article = timings.StageTimer(), article_of(text)
        enrichment = enricher.enrich(article, timer)
        with timer("answer"):
            app.json.response(schema.dump(to_response(enrichment, article, options)))
        return timer

    with app.app_context():
        texts = json.loads(input())
        for text in texts[:10]:  # warm up
            enrich(text)
        memory.settle()  # as each worker of a server does
        print("{}", flush=True)
        for line in sys.stdin:
            total: Counter[str] = Counter()
            for text in texts[slice(*json.loads(line))]:
                total.update(enrich(text).seconds)
            print(json.dumps({k: 1000 * s / ARTICLES for k, s in total.items()}), flush=True)


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stages", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with articles/bbc.jsonl")
    parser.add_argument("--before", type=Path, required=True, help="the other checkout")
    parser.add_argument("--rounds", type=int, default=12)
    arguments = parser.parse_args()
    texts = read_texts(arguments.data / "articles/bbc.jsonl")[: 6 * ARTICLES]
    checkouts = [Checkout(folder.resolve(), texts) for folder in (arguments.before, Path())]
    rounds: list[tuple[Stages, Stages]] = []
    for number in tqdm(range(arguments.rounds), "rounds"):
        turn = checkouts if number % 2 else checkouts[::-1]
        of = {checkout: checkout.measure(number % 6 * ARTICLES) for checkout in turn}
        rounds.append((of[checkouts[0]], of[checkouts[1]]))
    for checkout in checkouts:
        checkout.close()
    print("\n| stage | before, ms | now, ms | ratio | quartiles of the ratio |")
    print("|---|---:|---:|---:|---:|")
    for name in (*rounds[0][1], ALL):
        before, now = ([_of(name, stages[k]) for stages in rounds] for k in (0, 1))
        ratios = [new / old for old, new in zip(before, now, strict=True)]
        low, _, high = quantiles(ratios)
        times = f"{median(before):.2f} | {median(now):.2f}"
        print(f"| {name} | {times} | {median(ratios):.2f} | {low:.2f} to {high:.2f} |")


def _of(name: str, stages: Stages) -> float:
    if name == ALL:
        return sum(stages.values()) - stages["encode"]
    return stages[name]


if __name__ == "__main__":
    main() if len(sys.argv) > 1 else answer()
