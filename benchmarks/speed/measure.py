"""The measurements: each function runs one section and returns its figures as JSON values.

The speed of a machine varies over time, so each section has rounds: in every round, all contenders
are measured once, in a different order.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.peers import OURS, PEERS, Peer
from benchmarks.peers.process import Running, StartupError, running
from benchmarks.speed import encoder, load
from benchmarks.speed.figures import ENCODER, OVERLOAD, TAIL, Load, goodput, percentile
from service.config.cpu import usable_cores

CONNECTIONS = 8  # of a closed load: enough to keep every core busy
WORDS = 400  # of an article for an idle server

_WARM_UP = 3.0  # seconds
_MIN_REQUESTS = 8  # also for the slowest peers
_MAX_LATENCY = 60.0  # seconds
_SINGLE_ARTICLES = 30  # of WORDS words
_WORDS_PER_LENGTH = 10_000  # total of the texts of each length


@dataclass(frozen=True)
class Setup:
    """Parameters of the measurements.

    Attributes:
        texts: Articles of the loads.
        words: Words of all articles, from which texts of any length are built.
        peers: Names in :data:`PEERS`.
        rounds: Rounds per section.
        seconds: Duration of each load.
        limit: Latency limit of goodput in seconds.
        fractions: Open loads, as fractions of the capacity.
        lengths: Numbers of words for the section ``length``.
    """

    texts: Sequence[str]
    words: Sequence[str]
    peers: Sequence[str]
    rounds: int
    seconds: float
    limit: float
    fractions: Sequence[float]
    lengths: Sequence[int]

    @property
    def mean(self) -> float:
        """Mean number of words per article."""
        return sum(len(text.split()) for text in self.texts) / len(self.texts)

    def build_texts(self, length: int, maximum: int) -> list[str]:
        """Return up to ``maximum`` different texts of ``length`` words."""
        starts = range(0, len(self.words) - length + 1, length)[:maximum]
        return [" ".join(self.words[start : start + length]) for start in starts]


def _run_load(server: Running, texts: Sequence[str], seconds: float, **options: Any) -> Load:
    bodies = [(server.peer.body(text), len(text.split())) for text in texts]
    return load.run(load.Plan(server.url, server.peer.media, bodies, seconds, **options))


def _report_progress(message: str) -> None:
    print(time.strftime("%H:%M:%S"), message, file=sys.stderr, flush=True)


def measure_throughput(setup: Setup) -> dict[str, Any]:
    """Measure startup, a closed load, memory and single articles of all contenders."""
    contenders = {"ours": OURS, **{name: PEERS[name] for name in setup.peers}}
    absent = {name: "not installed" for name, p in contenders.items() if not p.python.exists()}
    turns: dict[str, list[dict[str, Any]]] = {ENCODER: []}
    turns |= {name: [] for name in contenders if name not in absent}
    for number in range(setup.rounds):
        names = list(turns)
        for name in names[number % len(names) :] + names[: number % len(names)]:
            if name in absent:
                continue
            _report_progress(f"throughput, round {number + 1}: {name}")
            try:
                turn = (
                    _measure_encoder(setup)
                    if name == ENCODER
                    else _measure_contender(setup, contenders[name])
                )
            except StartupError as error:
                _report_progress(str(error))
                absent[name] = "does not start"
                continue
            turns[name].append(turn)
    return {
        "turns": {name: results for name, results in turns.items() if results},
        "absent": absent,
    }


def _measure_encoder(setup: Setup) -> dict[str, Any]:
    paces = encoder.run(encoder.Plan(setup.texts, setup.seconds, usable_cores()))
    words = sum(pace.words / pace.seconds for pace in paces)
    cost = sum(pace.processor for pace in paces) / sum(pace.words for pace in paces)
    return {"words": words, "articles": words / setup.mean, "processor": cost * setup.mean}


def _measure_contender(setup: Setup, peer: Peer) -> dict[str, Any]:
    with running(peer) as server:
        _run_load(server, setup.build_texts(50, 100), _WARM_UP, connections=CONNECTIONS)
        before = server.processor()
        result = _run_load(
            server, setup.texts, setup.seconds, connections=CONNECTIONS, min_requests=_MIN_REQUESTS
        )
        cost = (server.processor() - before) / max(sum(a.words for a in result.good), 1)
        memory = server.memory()
        single = _run_load(server, setup.build_texts(WORDS, _SINGLE_ARTICLES), 2.0, min_requests=3)
    return {
        "words": result.words,
        "articles": result.words / setup.mean,  # of mean length, whichever articles it processed
        "processor": cost * setup.mean,
        "worker": memory.worker,
        "together": memory.together,
        "started": server.started,
        "single": percentile([a.latency for a in single.good], 50),
        "share": result.share,
        "statuses": result.statuses,
    }


def measure_latency(setup: Setup) -> dict[str, Any]:
    """Measure latency under open loads below, at and beyond the capacity of this service."""
    rounds = []
    with running(OURS) as server:
        _run_load(server, setup.texts, _WARM_UP, connections=CONNECTIONS)
        for number in range(setup.rounds):
            full = _run_load(server, setup.texts, setup.seconds, connections=CONNECTIONS)
            capacity = full.words / setup.mean
            points = []
            for fraction in (*setup.fractions, *OVERLOAD):
                _report_progress(f"latency, round {number + 1}: {fraction:.0%} of {capacity:.1f}/s")
                # Percentiles need many responses, and the queue needs time to exceed the limit.
                seconds = 3 * setup.limit if fraction in OVERLOAD else 2 * setup.seconds
                seconds *= 2 if fraction == TAIL else 1
                points.append(_measure_load(setup, server, fraction, capacity, seconds, number))
                _wait_until_idle(server)
            rounds.append({"capacity": capacity, "points": points})
    return {"limit": setup.limit, "rounds": rounds}


def _measure_load(
    setup: Setup, server: Running, fraction: float, capacity: float, seconds: float, seed: int
) -> dict[str, Any]:
    # Percentiles must include the slowest responses; beyond capacity, clients time out.
    limit = setup.limit if fraction in OVERLOAD else _MAX_LATENCY
    options = {"rate": fraction * capacity, "limit": limit, "seed": seed}
    result = _run_load(server, setup.texts, seconds, **options)
    return {
        "fraction": fraction,
        "rate": fraction * capacity,
        "latencies": [round(answer.latency, 4) for answer in result.good],
        "goodput": goodput(result.answers, seconds, setup.limit),
        "share": result.share,
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


def measure_length(setup: Setup) -> dict[str, Any]:
    """Measure the time per word, in microseconds, of texts of increasing length."""
    rows: dict[int, list[dict[str, float]]] = {length: [] for length in setup.lengths}
    with running(OURS) as server:
        _run_load(server, setup.texts, _WARM_UP, connections=CONNECTIONS)
        for number in range(setup.rounds):
            _report_progress(f"length, round {number + 1}")
            for length, row in rows.items():
                texts = setup.build_texts(
                    length, max(1, min(_SINGLE_ARTICLES, _WORDS_PER_LENGTH // length))
                )
                before = server.processor()
                result = _run_load(
                    server, texts, 0, min_requests=len(texts), max_requests=len(texts)
                )
                cost = (server.processor() - before) / (length * len(texts))
                wall = sum(a.latency for a in result.good) / (length * max(1, len(result.good)))
                row.append({"wall": 1e6 * wall, "processor": 1e6 * cost})
    return {"lengths": {str(length): row for length, row in rows.items()}}


def measure_single(setup: Setup) -> dict[str, Any]:
    """Measure single articles on an idle server, the encoder alone, and the time per stage."""
    texts = setup.build_texts(WORDS, _SINGLE_ARTICLES)
    rounds, stages = [], []
    with running(OURS) as server:
        _run_load(server, setup.texts, _WARM_UP, connections=CONNECTIONS)
        for number in range(setup.rounds):
            _report_progress(f"single articles, round {number + 1}")
            single = _run_load(server, texts, 0, min_requests=len(texts), max_requests=len(texts))
            (pace,) = encoder.run(encoder.Plan(texts, 0, 1))
            p50 = percentile([answer.latency for answer in single.good], 50)
            rounds.append({"p50": p50, "encoder": pace.seconds * WORDS / pace.words})
            number_of_texts = min(len(setup.texts), 100)
            result = _run_load(
                server, setup.texts, 0, min_requests=number_of_texts, max_requests=number_of_texts
            )
            stages.append({name: time_ / len(result.good) for name, time_ in result.stages.items()})
    return {"rounds": rounds, "stages": stages}


SECTIONS: dict[str, Callable[[Setup], dict[str, Any]]] = {
    "throughput": measure_throughput,
    "latency": measure_latency,
    "length": measure_length,
    "single": measure_single,
}
