"""What comes out of a load: answers in, figures and tables out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

import numpy as np

OK = "200"
ENCODER = "encoder alone"
OVERLOAD = (1.0, 3.0)  # of the capacity
TAIL = 0.8  # of the capacity: where the tail of the latencies is looked at most closely


class Answer(NamedTuple):
    """What became of one request.

    Attributes:
        scheduled, done: seconds since the load began. A request that had to wait before it could be
            sent has waited, so latency counts from when it was due.
        status: of HTTP, or ``"late"`` or the name of the error if there was no answer.
        words: of the article.
    """

    scheduled: float
    done: float
    status: str
    words: int

    @property
    def latency(self) -> float:
        """Seconds from when it was due until the whole answer was there."""
        return self.done - self.scheduled


@dataclass(frozen=True)
class Load:
    """What a load came to.

    Attributes:
        answers: one a request.
        seconds: from the first request until the last answer.
        processor: seconds of processor time that asking took.
        stages: milliseconds by stage, summed over ``answers``, as ``Server-Timing`` has them.
    """

    answers: Sequence[Answer]
    seconds: float
    processor: float
    stages: dict[str, float]

    @property
    def good(self) -> list[Answer]:
        """Those that were answered with an enrichment."""
        return [answer for answer in self.answers if answer.status == OK]

    @property
    def words(self) -> float:
        """Words a second."""
        return sum(answer.words for answer in self.good) / self.seconds

    @property
    def share(self) -> float:
        """Which share of one core asking took."""
        return self.processor / self.seconds

    @property
    def statuses(self) -> dict[str, int]:
        """How many answers have each status, the most frequent first."""
        return dict(Counter(answer.status for answer in self.answers).most_common())


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that ``percent`` of ``values`` do not exceed; not a number if there are none."""
    return float(np.percentile(values, percent)) if values else float("nan")


def goodput(answers: Sequence[Answer], seconds: float, limit: float) -> float:
    """Enrichments a second that came within ``limit`` seconds of when they were due.

    Only what came in the first ``seconds``, while requests were still being sent: a queue that is
    emptied afterwards is no use to those who wait in one that never empties.
    """
    return (
        sum(a.status == OK and a.latency <= limit and a.done <= seconds for a in answers) / seconds
    )


def arrivals(rate: float, seconds: float, seed: int) -> list[float]:
    """When requests arrive that know nothing of one another: a Poisson process.

    Args:
        rate: requests a second, on average.
        seconds: until when.
        seed: the same seed gives the same arrivals.
    """
    chance, moment, moments = Random(seed), 0.0, []
    while (moment := moment + chance.expovariate(rate)) < seconds:
        moments.append(moment)
    return moments


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table whose first column is text and whose others are figures."""
    rule = ["---", *["---:"] * (len(header) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, rule, *rows))
