"""What is measured: each function carries out one section and returns its figures, ready for JSON.

A machine is not equally fast all the time, so there are rounds: in each, everything that is to be
compared takes its turn, each time in another order.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.peers import OURS, PEERS, Peer
from benchmarks.peers.process import DoesNotStart, Running, running
from benchmarks.speed import encoder, load
from benchmarks.speed.figures import ENCODER, OVERLOAD, TAIL, Load, goodput, percentile
from service.config.cpu import usable_cores

CONNECTIONS = 8  # of a closed load: enough that no core waits for the next article
WORDS = 400  # of an article on an idle server

_WARM_UP = 3.0  # seconds
_LEAST = 8  # articles of a turn of the slowest
_PATIENCE = 60.0  # seconds
_SINGLES = 30  # articles of WORDS words
_WORDS = 10_000  # of the texts of each length together


@dataclass(frozen=True)
class Setup:
    """What to measure with.

    Attributes:
        texts: the articles of the loads.
        words: the words of all articles, to make texts of any length from.
        peers: names in :data:`PEERS`.
        rounds: of each section.
        seconds: of each load.
        limit: seconds in which an answer has to come to count for goodput.
        fractions: of the capacity that open loads have.
        lengths: words of the texts of growing length.
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
        """Words of an article, on average."""
        return sum(len(text.split()) for text in self.texts) / len(self.texts)

    def cut(self, length: int, most: int) -> list[str]:
        """Up to ``most`` different texts of so many words."""
        starts = range(0, len(self.words) - length + 1, length)[:most]
        return [" ".join(self.words[start : start + length]) for start in starts]


def _ask(server: Running, texts: Sequence[str], seconds: float, **more: Any) -> Load:
    bodies = [(server.peer.body(text), len(text.split())) for text in texts]
    return load.run(load.Plan(server.url, server.peer.media, bodies, seconds, **more))


def _progress(says: str) -> None:
    print(time.strftime("%H:%M:%S"), says, file=sys.stderr, flush=True)


def measure_throughput(setup: Setup) -> dict[str, Any]:
    """Everybody in turn: start, a closed load, memory, and single articles when idle."""
    contenders = {"ours": OURS, **{name: PEERS[name] for name in setup.peers}}
    absent = {name: "not installed" for name, p in contenders.items() if not p.python.exists()}
    turns: dict[str, list[dict[str, Any]]] = {ENCODER: []}
    turns |= {name: [] for name in contenders if name not in absent}
    for number in range(setup.rounds):
        names = list(turns)
        for name in names[number % len(names) :] + names[: number % len(names)]:
            if name in absent:
                continue
            _progress(f"throughput, round {number + 1}: {name}")
            try:
                turn = _limit(setup) if name == ENCODER else _turn(setup, contenders[name])
            except DoesNotStart as failure:
                _progress(str(failure))
                absent[name] = "does not start"
                continue
            turns[name].append(turn)
    return {"turns": {name: of for name, of in turns.items() if of}, "absent": absent}


def _limit(setup: Setup) -> dict[str, Any]:
    paces = encoder.run(encoder.Plan(setup.texts, setup.seconds, usable_cores()))
    words = sum(pace.words / pace.seconds for pace in paces)
    cost = sum(pace.processor for pace in paces) / sum(pace.words for pace in paces)
    return {"words": words, "articles": words / setup.mean, "processor": cost * setup.mean}


def _turn(setup: Setup, peer: Peer) -> dict[str, Any]:
    with running(peer) as server:
        _ask(server, setup.cut(50, 100), _WARM_UP, connections=CONNECTIONS)
        before = server.processor()
        done = _ask(server, setup.texts, setup.seconds, connections=CONNECTIONS, least=_LEAST)
        cost = (server.processor() - before) / max(sum(a.words for a in done.good), 1)
        memory = server.memory()
        single = _ask(server, setup.cut(WORDS, _SINGLES), 2.0, least=3)
    return {
        "words": done.words,
        "articles": done.words / setup.mean,  # whichever of them it got through
        "processor": cost * setup.mean,
        "worker": memory.worker,
        "together": memory.together,
        "started": server.started,
        "single": percentile([a.latency for a in single.good], 50),
        "share": done.share,
        "statuses": done.statuses,
    }


def measure_latency(setup: Setup) -> dict[str, Any]:
    """Open loads on our server, at fractions of what it can do and beyond."""
    rounds = []
    with running(OURS) as server:
        _ask(server, setup.texts, _WARM_UP, connections=CONNECTIONS)
        for number in range(setup.rounds):
            full = _ask(server, setup.texts, setup.seconds, connections=CONNECTIONS)
            capacity = full.words / setup.mean
            points = []
            for fraction in (*setup.fractions, *OVERLOAD):
                _progress(f"latency, round {number + 1}: {fraction:.0%} of {capacity:.1f}/s")
                # Percentiles need many answers, and a queue the time to grow beyond the limit.
                seconds = 3 * setup.limit if fraction in OVERLOAD else 2 * setup.seconds
                seconds *= 2 if fraction == TAIL else 1
                points.append(_point(setup, server, fraction, capacity, seconds, number))
                _rest(server)
            rounds.append({"capacity": capacity, "points": points})
    return {"limit": setup.limit, "rounds": rounds}


def _point(
    setup: Setup, server: Running, fraction: float, capacity: float, seconds: float, seed: int
) -> dict[str, Any]:
    # Percentiles must not leave out the slowest; beyond capacity callers give up sooner.
    limit = setup.limit if fraction in OVERLOAD else _PATIENCE
    asked = {"rate": fraction * capacity, "limit": limit, "seed": seed}
    done = _ask(server, setup.texts, seconds, **asked)
    return {
        "fraction": fraction,
        "rate": fraction * capacity,
        "latencies": [round(answer.latency, 4) for answer in done.good],
        "goodput": goodput(done.answers, seconds, setup.limit),
        "share": done.share,
        "statuses": done.statuses,
    }


def _rest(server: Running) -> None:
    """Wait until the server is idle, since callers who gave up may have left it work."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        before = server.processor()
        time.sleep(0.5)
        if server.processor() - before < 0.05:
            return


def measure_length(setup: Setup) -> dict[str, Any]:
    """Ever longer texts, one at a time on our idle server: microseconds a word."""
    rows: dict[int, list[dict[str, float]]] = {length: [] for length in setup.lengths}
    with running(OURS) as server:
        _ask(server, setup.texts, _WARM_UP, connections=CONNECTIONS)
        for number in range(setup.rounds):
            _progress(f"length, round {number + 1}")
            for length, row in rows.items():
                texts = setup.cut(length, max(1, min(_SINGLES, _WORDS // length)))
                before = server.processor()
                done = _ask(server, texts, 0, least=len(texts), most=len(texts))
                cost = (server.processor() - before) / (length * len(texts))
                wall = sum(a.latency for a in done.good) / (length * max(1, len(done.good)))
                row.append({"wall": 1e6 * wall, "processor": 1e6 * cost})
    return {"lengths": {str(length): row for length, row in rows.items()}}


def measure_single(setup: Setup) -> dict[str, Any]:
    """One article at a time on our idle server, beside the encoder on one core; the stages."""
    texts = setup.cut(WORDS, _SINGLES)
    rounds, stages = [], []
    with running(OURS) as server:
        _ask(server, setup.texts, _WARM_UP, connections=CONNECTIONS)
        for number in range(setup.rounds):
            _progress(f"single articles, round {number + 1}")
            one = _ask(server, texts, 0, least=len(texts), most=len(texts))
            (pace,) = encoder.run(encoder.Plan(texts, 0, 1))
            p50 = percentile([answer.latency for answer in one.good], 50)
            rounds.append({"p50": p50, "encoder": pace.seconds * WORDS / pace.words})
            most = min(len(setup.texts), 100)
            done = _ask(server, setup.texts, 0, least=most, most=most)
            stages.append({name: took / len(done.good) for name, took in done.stages.items()})
    return {"rounds": rounds, "stages": stages}


SECTIONS: dict[str, Callable[[Setup], dict[str, Any]]] = {
    "throughput": measure_throughput,
    "latency": measure_latency,
    "length": measure_length,
    "single": measure_single,
}
