"""The time that each stage of an enrichment takes.

Timings stay apart from the enrichment, which is the same on every run.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from time import perf_counter


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

    def __call__(self, name: str) -> AbstractContextManager[None]:
        """Count the time inside the ``with`` block as the stage ``name``."""
        return _RunningStage(self, name)

    def record(self, name: str, began: float, ended: float) -> None:
        """Count an interval as the stage ``name``, and exclude it from the running stage.

        A :class:`~service.enrichment.model_protocol.PassRunner` reports its waiting time this way.

        Args:
            name: of the stage.
            began: on the clock of :func:`time.perf_counter`.
            ended: on the same clock.
        """
        self.seconds[name] = self.seconds.get(name, 0.0) + ended - began
        if self._running:
            self._running[-1].excluded += ended - began
        first, _ = self._intervals.get(name, (began, ended))
        self._intervals[name] = (first, ended)

    def interval(self, name: str) -> tuple[float, float]:
        """When the stage was first entered and last left, on the clock of ``perf_counter``."""
        return self._intervals[name]


class _RunningStage(AbstractContextManager[None]):
    """The time inside a ``with`` block. Takes half the time of a generator."""

    __slots__ = ("_began", "_name", "_timer", "excluded")

    def __init__(self, timer: StageTimer, name: str) -> None:
        self._timer = timer
        self._name = name
        self.excluded = 0.0

    def __enter__(self) -> None:
        self._timer.seconds.setdefault(self._name, 0.0)
        self._began = perf_counter()
        self._timer._running.append(self)

    def __exit__(self, *_: object) -> None:
        ended = perf_counter()
        timer, name = self._timer, self._name
        timer._running.pop()
        timer.record(name, self._began, ended)
        timer.seconds[name] -= self.excluded
