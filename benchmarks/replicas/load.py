"""The load generator, which runs in its own process and in a host of the lab.

``python -m benchmarks.replicas.load`` reads a :class:`Plan` as JSON from standard input and writes
:class:`Answer`s as JSON to standard output. An open load ends early at SIGTERM. Half of the
requests come from this project's client, which sends a request again after some failures, and half
from one that never does.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import NamedTuple

import httpx

from benchmarks.server import ROOT
from benchmarks.speed.figures import arrivals
from service.client import AsyncClient, RequestRejected, Unavailable

OURS, OTHER = "client", "other"
OK = "200"
SHORT = 600
"""Characters of an article that costs little."""

_REPEATED = 50  # different articles among those that are sent more than once
_SEED = ROOT / "seeds/000_80ad63ecd4c2c87b.txt"


class Answer(NamedTuple):
    """The outcome of a request.

    Attributes:
        due: when the request was due, on the clock of :func:`time.monotonic`.
        done: when the response was complete.
        caller: :data:`OURS` or :data:`OTHER`.
        outcome: HTTP status, or the name of an error if there was no response.
    """

    due: float
    done: float
    caller: str
    outcome: str

    @property
    def latency(self) -> float:
        """Seconds from the due time to the complete response."""
        return self.done - self.due


@dataclass(frozen=True)
class Plan:
    """A load: open if it has a ``rate``, else closed (each response triggers the next request).

    Attributes:
        url: address of the balancer.
        seconds: time after which no more requests are sent, at the latest.
        rate: mean requests per second of an open load.
        connections: connections of a closed load, which only the other client sends.
        salt: makes the articles differ from those of another load.
        characters: of each article.
    """

    url: str
    seconds: float
    rate: float | None = None
    connections: int = 1
    salt: str = ""
    characters: int = SHORT


def article(number: int, plan: Plan) -> str:
    """An article. Each of an open load is different, except for every fifth."""
    repeated = plan.rate is not None and number % 5 == 0
    text = _SEED.read_text("utf-8")[: plan.characters]
    return f"Report {plan.salt}{number % _REPEATED if repeated else number}. {text}"


class _Callers:
    """Two clients, and what they have received."""

    def __init__(self, plan: Plan, ours: AsyncClient, other: httpx.AsyncClient) -> None:
        self.answers: list[Answer] = []
        self._plan, self._ours, self._other = plan, ours, other

    async def run_open(self, rate: float) -> None:
        """Send requests at times that do not depend on the responses."""
        stopping = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
        began = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            for number, due in enumerate(arrivals(rate, self._plan.seconds, seed=0)):
                await asyncio.sleep(began + due - time.monotonic())
                if stopping.is_set():
                    break
                tasks.create_task(self._send(number, OTHER if number % 2 else OURS, began + due))

    async def run_closed(self) -> None:
        """Send requests over a fixed number of connections."""
        end = time.monotonic() + self._plan.seconds

        async def repeat(first: int) -> None:
            number = first
            while time.monotonic() < end:
                await self._send(number, OTHER, time.monotonic())
                number += self._plan.connections

        await asyncio.gather(*(repeat(k) for k in range(self._plan.connections)))

    async def _send(self, number: int, caller: str, due: float) -> None:
        send: Callable[[str], Awaitable[str]] = self._with_ours if caller == OURS else self._with
        outcome = await send(article(number, self._plan))
        self.answers.append(Answer(due, time.monotonic(), caller, outcome))

    async def _with_ours(self, text: str) -> str:
        try:
            await self._ours.enrich(text)
        except RequestRejected as error:
            return str(error.problem["status"])
        except Unavailable as error:
            return f"Unavailable: {error}"
        return OK

    async def _with(self, text: str) -> str:
        try:
            return str((await self._other.post("/v1/enrich", json={"text": text})).status_code)
        except httpx.HTTPError as error:
            return type(error).__name__


async def _run(plan: Plan) -> list[Answer]:
    unlimited = httpx.Limits(max_connections=None)
    async with (
        AsyncClient(plan.url) as ours,
        httpx.AsyncClient(base_url=plan.url, timeout=300, limits=unlimited) as other,
    ):
        callers = _Callers(plan, ours, other)
        await (callers.run_open(plan.rate) if plan.rate else callers.run_closed())
        return callers.answers


def encode(plan: Plan) -> bytes:
    """The standard input of this module for ``plan``."""
    return json.dumps(asdict(plan)).encode()


def decode(output: bytes) -> list[Answer]:
    """The answers in the standard output of this module."""
    return [Answer(*answer) for answer in json.loads(output)]


def main() -> None:
    """Run the plan on standard input."""
    plan = Plan(**json.load(sys.stdin))
    json.dump(asyncio.run(_run(plan)), sys.stdout)


if __name__ == "__main__":
    main()
