"""How long each stage of an enrichment took: kept apart from its result, which must not vary."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter


class StageTimer:
    """Seconds by stage, in the order in which the stages were first left.

    The time in a stage that is entered inside another counts for the inner one alone.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._intervals: dict[str, tuple[float, float]] = {}
        self._nested = 0.0  # seconds in stages entered inside the present one

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Add the time spent inside the ``with`` block to the stage ``name``."""
        began = perf_counter()
        outer_nested, self._nested = self._nested, 0.0
        try:
            yield
        finally:
            ended = perf_counter()
            nested, self._nested = self._nested, outer_nested
            self.record(name, began, ended)
            self.seconds[name] -= nested

    def record(self, name: str, began: float, ended: float) -> None:
        """Add an interval to the stage ``name``, which counts as entered inside the present stage.

        Args:
            name: of the stage.
            began: on the clock of :func:`time.perf_counter`.
            ended: on the same clock.
        """
        self.seconds[name] = self.seconds.get(name, 0.0) + ended - began
        self._nested += ended - began
        self._intervals[name] = (self._intervals.get(name, (began, 0.0))[0], ended)

    def interval(self, name: str) -> tuple[float, float]:
        """When a stage was first entered and last left, on the clock of ``perf_counter``."""
        return self._intervals[name]
