"""Figures and tables computed from the responses to a load."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from statistics import median
from typing import Any, NamedTuple

import numpy as np

OK = "200"
ENCODER = "encoder alone"
OVERLOAD = (1.0, 3.0)  # of the capacity
TAIL = 0.8  # of the capacity, at which the tail of the latencies is measured

Turn = dict[str, Any]
"""Figures of a contender in a round."""

Results = dict[str, Any]
"""The turns of all contenders, as :func:`benchmarks.speed.measure.measure` yields them."""


class Answer(NamedTuple):
    """The outcome of a request.

    Attributes:
        scheduled: Time when the request was due, in seconds since the start of the load. Latency
            counts from it, so it includes the time before the request could be sent.
        done: Time when the response was complete, in seconds since the start of the load.
        status: HTTP status, or ``"late"`` or the name of an error if there was no response.
        words: Words of the article.
    """

    scheduled: float
    done: float
    status: str
    words: int

    @property
    def latency(self) -> float:
        """Seconds from the due time to the complete response."""
        return self.done - self.scheduled


@dataclass(frozen=True)
class Load:
    """The outcome of a load.

    Attributes:
        answers: One per request.
        seconds: Time from the first request to the last response.
        processor: Processor seconds used by the load generator.
    """

    answers: Sequence[Answer]
    seconds: float
    processor: float

    @property
    def good(self) -> list[Answer]:
        """Successful requests."""
        return [answer for answer in self.answers if answer.status == OK]

    @property
    def words(self) -> float:
        """Words per second of successful requests."""
        return sum(answer.words for answer in self.good) / self.seconds

    @property
    def share(self) -> float:
        """Share of one core used by the load generator."""
        return self.processor / self.seconds

    @property
    def statuses(self) -> dict[str, int]:
        """Number of requests per status, the most frequent first."""
        return dict(Counter(answer.status for answer in self.answers).most_common())


class Spread(NamedTuple):
    """The median of a figure over the rounds, with its lowest and highest value."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Return the spread of ``values``.

        Raises:
            statistics.StatisticsError: There are no values.
        """
        return cls(median(values), min(values), max(values))


def percentile(values: Sequence[float], percent: float) -> float:
    """Return a percentile of ``values``; NaN if they are empty."""
    return float(np.percentile(values, percent)) if values else float("nan")


def goodput(answers: Sequence[Answer], seconds: float, limit: float) -> float:
    """Return the enrichments per second with a latency of at most ``limit`` seconds.

    Only responses in the first ``seconds``, while requests are sent, count: under a lasting load, a
    queue is never worked off afterwards.
    """
    return (
        sum(a.status == OK and a.latency <= limit and a.done <= seconds for a in answers) / seconds
    )


def arrivals(rate: float, seconds: float, seed: int) -> list[float]:
    """Return the arrival times, in seconds, of a Poisson process.

    Args:
        rate: Mean number of requests per second.
        seconds: Duration.
        seed: Seed of the random generator.
    """
    generator, time, times = Random(seed), 0.0, []
    while (time := time + generator.expovariate(rate)) < seconds:
        times.append(time)
    return times


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Format a table; the first column is text, the others are numbers."""
    rule = ["---", *["---:"] * (len(header) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, rule, *rows))
