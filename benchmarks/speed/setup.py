"""Parameters of the measurements, and how long these take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.peers import Peer
from benchmarks.speed.figures import OVERLOAD, TAIL

PARTS = {
    "idle": "single articles on an idle server",
    "open": "loads that do not wait for responses, on this service",
    "length": "texts of 100 to 100,000 words, on this service",
}
"""Parts of a turn that can be left out."""

WARM_UP = 3.0
"""Seconds of load before each measurement."""

IDLE = 3.0
"""Seconds of single articles."""

# Rough seconds, for the estimate of the run time.
_START_AND_STOP = 8.0
_SETTLE = 2.0  # after an open load
_PER_LENGTH = 2.0


@dataclass(frozen=True)
class Setup:
    """Parameters of the measurements.

    Attributes:
        texts: Articles of the loads.
        words: Words of all articles, from which texts of any length are built.
        contenders: Servers by name.
        parts: Names in :data:`PARTS`.
        rounds: Number of rounds.
        seconds: Duration of a closed load.
        limit: Latency limit of goodput in seconds.
        fractions: Open loads, as fractions of the capacity.
        lengths: Numbers of words for the part ``length``.
    """

    texts: Sequence[str]
    words: Sequence[str]
    contenders: Mapping[str, Peer]
    parts: Sequence[str]
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

    def duration(self, fraction: float) -> float:
        """Return the seconds of an open load."""
        # The queue needs time to exceed the limit, and a p99 needs many responses.
        if fraction in OVERLOAD:
            return 3 * self.limit
        return 3 * self.seconds if fraction == TAIL else self.seconds

    def estimate(self) -> float:
        """Return roughly how many seconds all rounds take."""
        turn = _START_AND_STOP + WARM_UP + self.seconds + ("idle" in self.parts) * IDLE
        own = 0.0
        if "open" in self.parts:
            own += sum(self.duration(fraction) + _SETTLE for fraction in self.fractions)
        if "length" in self.parts:
            own += _PER_LENGTH * len(self.lengths)
        services = sum(peer.kind == "ours" for peer in self.contenders.values())
        return self.rounds * (turn * (1 + len(self.contenders)) + own * services)
