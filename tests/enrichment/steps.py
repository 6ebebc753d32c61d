"""Counts the steps of a computation, which measure its work without a clock."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from service.enrichment.timings import StageTimer

SERVICE = str(Path(__file__).parents[2] / "service")

MOST_GROWTH = 2.6
"""Of the work when a text doubles: linear work has 2, quadratic work 4."""

CONSTANT = 500
"""Steps that do not count as growth."""


class StepTimer(StageTimer):
    """A timer that also counts the steps of each stage, those of inner stages included.

    Attributes:
        steps: stage → lines of Python, and calls of built-in functions, of the service's own code.
    """

    def __init__(self) -> None:
        super().__init__()
        self.steps: dict[str, int] = {}
        self._count = 0

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Count the steps inside the ``with`` block as well."""
        before = self._count
        with super().__call__(name):
            yield
        self.steps[name] = self.steps.get(name, 0) + self._count - before

    def count(self, run: Callable[[], object]) -> None:
        """Count the steps of ``run``, all of them as the stage ``""``."""

        def trace(frame, event, argument):
            if not frame.f_code.co_filename.startswith(SERVICE):
                return None
            self._count += 1
            return trace

        def profile(frame, event, argument):
            if event == "c_call" and frame.f_code.co_filename.startswith(SERVICE):
                self._count += 1

        previous = sys.gettrace()
        sys.settrace(trace)
        sys.setprofile(profile)
        try:
            with self(""):
                run()
        finally:
            sys.setprofile(None)
            sys.settrace(previous)


def excessive_growth(once: StepTimer, twice: StepTimer) -> dict[str, float]:
    """The stages whose work grows by more than it should when a text doubles, by how much."""
    return {
        stage: steps / once.steps[stage]
        for stage, steps in twice.steps.items()
        if steps > MOST_GROWTH * once.steps[stage] + CONSTANT
    }
