"""How long each stage of an enrichment took: kept apart from its result, which must not vary."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter


class StageTimer:
    """Seconds by stage, in the order in which the stages were first entered."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._intervals: dict[str, tuple[float, float]] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Add the time spent inside the ``with`` block to the stage ``name``."""
        began = perf_counter()
        try:
            yield
        finally:
            ended = perf_counter()
            self.add(name, ended - began)
            self._intervals[name] = (self._intervals.get(name, (began, 0.0))[0], ended)

    def add(self, name: str, seconds: float) -> None:
        """Add ``seconds``, which may be negative, to the stage ``name``."""
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds

    def interval(self, name: str) -> tuple[float, float]:
        """When a stage was first entered and last left, on the clock of ``perf_counter``.

        One that was only added, which is the wait for the encoder, begins with the encoder's.
        """
        if name in self._intervals:
            return self._intervals[name]
        began = self._intervals["encode"][0] if "encode" in self._intervals else perf_counter()
        return began, began + self.seconds[name]
