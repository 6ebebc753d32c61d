"""The measurements, as JSON values.

The speed of a machine varies over time. Therefore, all contenders take a turn in every round, each
time in a different order, and only figures of the same round are compared.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.peers import Peer
from benchmarks.peers.process import Running, StartupError, running
from benchmarks.speed import encoder, load
from benchmarks.speed.figures import (
    ENCODER,
    OVERLOAD,
    Load,
    Results,
    Turn,
    goodput,
    percentile,
)
from benchmarks.speed.setup import IDLE, WARM_UP, Setup
from service.config.cpu import usable_cores

CONNECTIONS = 8  # of a closed load: enough to keep every core busy
WORDS = 400  # of an article for an idle server

_MIN_REQUESTS = 8  # also for the slowest peers
_MAX_LATENCY = 60.0  # seconds
_SINGLE_ARTICLES = 60  # of WORDS words
_WORDS_PER_LENGTH = 10_000  # total of the texts of each length


def measure(setup: Setup) -> Iterator[Results]:
    """Run the rounds; yield the results after each."""
    absent = {
        name: "not installed" for name, p in setup.contenders.items() if not p.python.exists()
    }
    turns: dict[str, list[Turn]] = {ENCODER: []}
    turns |= {name: [] for name in setup.contenders if name not in absent}
    for number in range(setup.rounds):
        names = list(turns)
        for name in names[number % len(names) :] + names[: number % len(names)]:
            if name in absent:
                continue
            report_progress(f"round {number + 1} of {setup.rounds}: {name}")
            try:
                turns[name].append(
                    _measure_encoder(setup)
                    if name == ENCODER
                    else _measure_contender(setup, setup.contenders[name], number)
                )
            except StartupError as error:
                report_progress(str(error))
                absent[name] = "does not work"
        yield {
            "titles": {name: peer.title for name, peer in setup.contenders.items()},
            "limit": setup.limit,
            "turns": {name: of for name, of in turns.items() if of},
            "absent": absent,
        }


def report_progress(message: str) -> None:
    """Print a message with the time on standard error."""
    print(time.strftime("%H:%M:%S"), message, file=sys.stderr, flush=True)


def _measure_encoder(setup: Setup) -> Turn:
    paces = encoder.run(encoder.Plan(setup.texts, setup.seconds, usable_cores()))
    words = sum(pace.words / pace.seconds for pace in paces)
    cost = sum(pace.processor for pace in paces) / sum(pace.words for pace in paces)
    turn = {"words": words, "articles": words / setup.mean, "processor": cost * setup.mean}
    if "idle" in setup.parts:
        texts = setup.build_texts(WORDS, _SINGLE_ARTICLES)
        (pace,) = encoder.run(encoder.Plan(texts, 0, 1))
        turn["single"] = pace.seconds * WORDS / pace.words
    return turn


def _measure_contender(setup: Setup, peer: Peer, number: int) -> Turn:
    with running(peer) as server:
        _run_load(server, setup.build_texts(50, 100), WARM_UP, connections=CONNECTIONS)
        before = server.processor()
        result = _run_load(
            server, setup.texts, setup.seconds, connections=CONNECTIONS, min_requests=_MIN_REQUESTS
        )
        if not result.good:
            raise StartupError(f"{peer.title} enriches nothing: {result.statuses}")
        cost = (server.processor() - before) / sum(answer.words for answer in result.good)
        memory = server.memory()
        turn: Turn = {
            "words": result.words,
            "articles": result.words / setup.mean,  # of mean length, whichever it processed
            "processor": cost * setup.mean,
            "worker": memory.worker,
            "together": memory.together,
            "started": server.started,
            "share": result.share,
            "statuses": result.statuses,
        }
        if "idle" in setup.parts:
            texts = setup.build_texts(WORDS, _SINGLE_ARTICLES)
            single = _run_load(server, texts, IDLE, min_requests=3)
            turn["single"] = percentile([answer.latency for answer in single.good], 50)
        if peer.kind == "ours" and "open" in setup.parts:
            turn["loads"] = [
                _measure_load(setup, server, fraction, turn["articles"], number)
                for fraction in setup.fractions
            ]
        if peer.kind == "ours" and "length" in setup.parts:
            turn["lengths"] = {str(n): _measure_length(setup, server, n) for n in setup.lengths}
    return turn


def _run_load(server: Running, texts: Sequence[str], seconds: float, **options: Any) -> Load:
    bodies = [(server.peer.body(text), len(text.split())) for text in texts]
    return load.run(load.Plan(server.url, server.peer.media, bodies, seconds, **options))


def _measure_load(
    setup: Setup, server: Running, fraction: float, capacity: float, seed: int
) -> dict[str, Any]:
    seconds = setup.duration(fraction)
    # Percentiles must include the slowest responses; beyond capacity, clients time out.
    limit = setup.limit if fraction in OVERLOAD else _MAX_LATENCY
    options = {"rate": fraction * capacity, "limit": limit, "seed": seed}
    result = _run_load(server, setup.texts, seconds, **options)
    _wait_until_idle(server)
    latencies = [answer.latency for answer in result.good]
    return {
        "fraction": fraction,
        "rate": fraction * capacity,
        **{f"p{percent}": percentile(latencies, percent) for percent in (50, 95, 99)},
        "goodput": goodput(result.answers, seconds, setup.limit),
        "statuses": result.statuses,
    }


def _wait_until_idle(server: Running) -> None:
    """Wait until the server has finished the work of clients that timed out."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        before = server.processor()
        time.sleep(0.5)
        if server.processor() - before < 0.05:
            return


def _measure_length(setup: Setup, server: Running, length: int) -> dict[str, float]:
    """Return the microseconds per word of texts of ``length`` words, sent one at a time."""
    texts = setup.build_texts(length, max(1, _WORDS_PER_LENGTH // length))
    before = server.processor()
    result = _run_load(server, texts, 0, min_requests=len(texts), max_requests=len(texts))
    cost = (server.processor() - before) / (length * len(texts))
    wall = sum(a.latency for a in result.good) / (length * max(1, len(result.good)))
    return {"wall": 1e6 * wall, "processor": 1e6 * cost}
