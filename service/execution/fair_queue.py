"""Queues the turns of several callers, so that each gets its share of the encoder's time.

Callers earn what the encoder can do, by weight, and each pass costs its caller the tokens that it
reads. The caller with the most credit goes first: the one furthest behind generalized processor
sharing (Parekh & Gallager 1993). Unlike there, a caller that waits for nothing earns, too, up to a
bound, as in a token bucket. One that asks for less than its share therefore has its credit full,
and goes before those that keep the encoder busy; those alternate. Because of the bound, nobody
saves up the right to keep all others waiting.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

from service.execution.job import Task

MAX_FLOWS = 1000
"""Callers whose credit is remembered; if there are more, those that wait for none are forgotten."""


@dataclass
class _Flow:
    """The turns that a caller waits for.

    Attributes:
        weight: of its share.
        credit: in tokens; negative after more than its share.
        tasks: a heap, earliest first.
    """

    weight: int
    credit: float = 0.0
    tasks: list[Task] = field(default_factory=list)


class FairQueue:
    """The turns that wait for a core. Not thread-safe.

    Args:
        credit: tokens at which the credit of a caller is full. Each begins with none.
    """

    def __init__(self, credit: float) -> None:
        self._full = credit
        self._flows: dict[str, _Flow] = {}
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def push(self, task: Task) -> None:
        """Add a turn."""
        share = task.job.limits.share
        flow = self._flows.setdefault(share.caller, _Flow(share.weight))
        flow.weight = share.weight
        heapq.heappush(flow.tasks, task)
        self._length += 1

    def pop(self) -> Task:
        """Remove the turn that is next: the earliest of the caller with the most credit.

        Raises:
            ValueError: there is none.
        """
        waiting = [flow for flow in self._flows.values() if flow.tasks]
        flow = min(waiting, key=lambda flow: (-flow.credit, flow.tasks[0]))
        task = heapq.heappop(flow.tasks)
        self._length -= 1
        if not task.cancelled:
            flow.credit = max(-self._full, flow.credit - task.size.cost)
            self.earn(task.size.cost)
        return task

    def earn(self, tokens: float) -> None:
        """Share out what the encoder can do among the callers whose credit is not full.

        Args:
            tokens: that it has been given, or could have processed while it had nothing to do.
        """
        # A caller alone earns as much as beside another that is yet to come: if it takes more, it
        # has no credit left when that comes.
        needy = [flow for flow in self._flows.values() if flow.credit < self._full]
        weights = sum(flow.weight for flow in needy) + (len(needy) == 1)
        for flow in needy:
            flow.credit = min(self._full, flow.credit + tokens * flow.weight / weights)
        if len(self._flows) > MAX_FLOWS:
            self._flows = {caller: flow for caller, flow in self._flows.items() if flow.tasks}
