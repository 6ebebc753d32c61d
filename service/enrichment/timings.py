"""The time that each stage of an enrichment takes.

Timings stay apart from the enrichment, which is the same on every run.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter


@dataclass
class _RunningStage:
    began: float
    excluded: float = 0.0


class StageTimer:
    """Seconds per stage, in the order in which the stages were first entered.

    Stages nest: a stage excludes the time of the stages inside it, so that the seconds of all
    stages add up to the time that passed. One thread at a time may use a timer.

    Attributes:
        seconds: stage name → seconds.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._intervals: dict[str, tuple[float, float]] = {}
        self._running: list[_RunningStage] = []

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Count the time inside the ``with`` block as the stage ``name``."""
        self.seconds.setdefault(name, 0.0)
        stage = _RunningStage(perf_counter())
        self._running.append(stage)
        try:
            yield
        finally:
            ended = perf_counter()
            self._running.pop()
            self.add(name, ended - stage.began - stage.excluded)
            self._exclude(ended - stage.began)
            self._extend_interval(name, stage.began, ended)

    def record(self, name: str, seconds: float) -> None:
        """Count the last ``seconds`` of the running stage as the stage ``name`` instead.

        A :class:`~service.enrichment.model_protocol.PassRunner` reports its waiting time this way:
        the stage that runs the passes then excludes it. Outside of every stage, the seconds count
        for ``name`` alone.
        """
        ended = perf_counter()
        self.add(name, seconds)
        self._exclude(seconds)
        self._extend_interval(name, ended - seconds, ended)

    def add(self, name: str, seconds: float) -> None:
        """Add ``seconds``, which may be negative, to the stage ``name``."""
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds

    def interval(self, name: str) -> tuple[float, float]:
        """When the stage was first entered and last left, on the clock of ``perf_counter``.

        A stage known only from :meth:`add` begins with the stage ``encode``.
        """
        if name in self._intervals:
            return self._intervals[name]
        began = self._intervals["encode"][0] if "encode" in self._intervals else perf_counter()
        return began, began + self.seconds[name]

    def _exclude(self, seconds: float) -> None:
        if self._running:
            self._running[-1].excluded += seconds

    def _extend_interval(self, name: str, began: float, ended: float) -> None:
        first, _ = self._intervals.get(name, (began, ended))
        self._intervals[name] = (first, ended)
