"""What the answers of a load show about each fault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.replicas.faults import Event
from benchmarks.replicas.load import OK, OTHER, OURS, Answer

NORMAL = 2.0
"""Times the p99 before the first fault, up to which the p99 counts as back to normal."""

WINDOW = 5.0
"""Seconds over which a p99 is taken."""

_STEP = 0.5


@dataclass(frozen=True)
class Impact:
    """How a fault shows.

    Attributes:
        name: the fault.
        seconds: how long it lasted.
        worst: longest latency of a request that was due during it, in seconds.
        back: seconds from its beginning until the p99 was normal; ``None`` if it was not again.
        failures: responses of the other client that were not 200.
        lost: articles of this project's client without an enrichment, after its retries.
    """

    name: str
    seconds: float
    worst: float
    back: float | None
    failures: int
    lost: int


def lost(answers: Sequence[Answer]) -> list[Answer]:
    """The articles of this project's client that were not enriched."""
    return [answer for answer in answers if answer.caller == OURS and answer.outcome != OK]


def failures(answers: Sequence[Answer]) -> list[Answer]:
    """The requests of the other client that were not answered with 200."""
    return [answer for answer in answers if answer.caller == OTHER and answer.outcome != OK]


def p99(answers: Sequence[Answer]) -> float:
    """The 99th percentile of the latencies in seconds; 0 for no answers."""
    return float(np.percentile([a.latency for a in answers], 99)) if answers else 0.0


def due(answers: Sequence[Answer], begin: float, end: float) -> list[Answer]:
    """The answers to requests that were due from ``begin`` on and before ``end``."""
    return [answer for answer in answers if begin <= answer.due < end]


def before(answers: Sequence[Answer], events: Sequence[Event]) -> float:
    """The p99 before the first fault in seconds."""
    return p99(due(answers, 0, events[0].began))


def impacts(answers: Sequence[Answer], events: Sequence[Event]) -> list[Impact]:
    """How each fault shows until the next begins."""
    limit = NORMAL * before(answers, events)
    ends = [event.began for event in events[1:]] + [max(a.due for a in answers)]
    found = []
    for event, end in zip(events, ends, strict=True):
        during = due(answers, event.began, end)
        found.append(
            Impact(
                event.name,
                event.ended - event.began,
                max(answer.latency for answer in during),
                _back(answers, event.began, end, limit),
                len(failures(during)),
                len(lost(during)),
            )
        )
    return found


def _back(answers: Sequence[Answer], begin: float, end: float, limit: float) -> float | None:
    for start in np.arange(begin, max(begin, end - WINDOW) + _STEP, _STEP):
        if p99(due(answers, start, start + WINDOW)) <= limit:
            return float(start - begin)
    return None


def table(answers: Sequence[Answer], events: Sequence[Event]) -> str:
    """The impacts in Markdown."""
    rows = [
        f"| {i.name} | {i.seconds:.0f} | {i.worst:.2f} | "
        f"{'–' if i.back is None else f'{i.back:.1f}'} | {i.failures} | {i.lost} |"
        for i in impacts(answers, events)
    ]
    others = [answer for answer in answers if answer.caller == OTHER]
    return "\n".join(
        [
            "| fault | lasts, s | slowest answer, s | p99 is normal after, s | failed | lost |",
            "|---|---:|---:|---:|---:|---:|",
            *rows,
            "",
            f"{len(answers)} requests; p99 before the faults {before(answers, events):.2f} s, "
            f"over all {p99(answers):.2f} s.",
            f"Lost by the client with retries: {len(lost(answers))} of "
            f"{len(answers) - len(others)}. "
            f"Failed without retries: {len(failures(answers))} of {len(others)} "
            f"({len(failures(answers)) / len(others):.2%}).",
        ]
    )
