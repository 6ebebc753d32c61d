"""How many articles replicas answer per second, and the processor time that they take."""

from __future__ import annotations

import os
from dataclasses import dataclass
from statistics import median

from benchmarks.replicas.faults import begin, finish
from benchmarks.replicas.lab import REPLICAS, URL, Lab
from benchmarks.replicas.load import OK, SHORT, Plan

_CONNECTIONS = 12
_SECONDS = 8.0
_ROUNDS = 3
_LONG = 2300  # characters, as in an article of BBC


@dataclass(frozen=True)
class Capacity:
    """What a closed load has shown.

    Attributes:
        rate: articles per second.
        replicas: processor seconds per article in the replicas.
        balancer: processor seconds per article in HAProxy.
    """

    rate: float
    replicas: float
    balancer: float


def capacity(lab: Lab, characters: int = SHORT) -> Capacity:
    """Measure a closed load on the balancer."""
    salt = f"{os.urandom(8).hex()} "  # no article is in a cache
    plan = Plan(URL, _SECONDS, connections=_CONNECTIONS, salt=salt, characters=characters)
    names = (*REPLICAS, "haproxy")
    before = [lab.processor_seconds(name) for name in names]
    answers = finish(begin(lab, plan))
    used = [lab.processor_seconds(name) - start for name, start in zip(names, before, strict=True)]
    good = sum(answer.outcome == OK for answer in answers)
    seconds = max(a.done for a in answers) - min(a.due for a in answers)
    return Capacity(good / seconds, sum(used[:-1]) / good, used[-1] / good)


def compare() -> str:
    """What two replicas of one core do beside one, in Markdown."""
    measured: dict[tuple[str, ...], list[Capacity]] = {
        ("replica1",): [],
        ("replica1", "replica2"): [],
    }
    with Lab(pinned=True) as lab:
        for _ in range(_ROUNDS):
            for replicas, found in measured.items():
                lab.enable(*replicas)
                found.append(capacity(lab, _LONG))
    rows = [
        f"| {len(replicas)} | {median(each.rate for each in found):.1f} "
        f"| {1000 * median(each.replicas for each in found):.0f} "
        f"| {1000 * median(each.balancer for each in found):.2f} |"
        for replicas, found in measured.items()
    ]
    return "\n".join(
        [
            "| replicas of one core | articles per second | ms of processor time per article "
            "| ms in HAProxy |",
            "|---:|---:|---:|---:|",
            *rows,
            "",
            f"Articles of {_LONG} characters, medians of {_ROUNDS} rounds.",
        ]
    )
