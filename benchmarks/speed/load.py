"""The load generator, which runs in its own process.

``python -m benchmarks.speed.load`` reads a :class:`Plan` as JSON from standard input and writes a
:class:`benchmarks.speed.figures.Load` as JSON to standard output. It shares the cores with the
server, so it does little work: bodies are built before the measurement and responses are not
parsed. Its processor time is part of the result.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import aiohttp

from benchmarks.speed.figures import Answer, Load, arrivals
from benchmarks.speed.isolated_process import run_module

MAX_REQUESTS = 20_000


@dataclass(frozen=True)
class Plan:
    """A load: open if it has a ``rate``, else closed (each response triggers the next request).

    Attributes:
        url: URL to POST to.
        media: Media type of the bodies.
        bodies: Body and number of words of each article; repeated as needed.
        seconds: Time after which no more requests are sent.
        min_requests: Number of requests that a closed load sends even if it takes longer.
        max_requests: Number of requests after which the load ends early.
        connections: Connections of a closed load.
        rate: Mean requests per second of an open load.
        limit: Timeout of a request in seconds.
        seed: Seed of the arrival times.
    """

    url: str
    media: str
    bodies: Sequence[tuple[str, int]]
    seconds: float
    min_requests: int = 0
    max_requests: int = MAX_REQUESTS
    connections: int = 1
    rate: float | None = None
    limit: float = 300.0
    seed: int = 0


def run(plan: Plan) -> Load:
    """Run ``plan`` in a new process."""
    outcome = run_module("benchmarks.speed.load", plan)
    return Load(**{**outcome, "answers": [Answer(*answer) for answer in outcome["answers"]]})


class _LoadGenerator:
    """Sends the requests of a plan and records their outcomes."""

    def __init__(self, plan: Plan, session: aiohttp.ClientSession) -> None:
        self.answers: list[Answer] = []
        self._plan = plan
        self._session = session
        encoded = [(body.encode(), words) for body, words in plan.bodies]
        self._bodies = itertools.islice(itertools.cycle(encoded), plan.max_requests)
        self._began = time.perf_counter()

    async def run_closed(self) -> None:
        """Send requests over a fixed number of connections."""
        await asyncio.gather(*(self._send_repeatedly() for _ in range(self._plan.connections)))

    async def run_open(self, rate: float) -> None:
        """Send requests at times that do not depend on the responses."""
        times = arrivals(rate, self._plan.seconds, self._plan.seed)
        async with asyncio.TaskGroup() as tasks:
            for due, (body, words) in zip(times, self._bodies, strict=False):
                await asyncio.sleep(due - self._now())
                tasks.create_task(self._send(body, words, due))

    async def _send_repeatedly(self) -> None:
        for body, words in self._bodies:
            await self._send(body, words, self._now())
            if self._now() > self._plan.seconds and len(self.answers) >= self._plan.min_requests:
                return

    async def _send(self, body: bytes, words: int, due: float) -> None:
        # A timeout of 0 means no timeout.
        timeout = aiohttp.ClientTimeout(max(due + self._plan.limit - self._now(), 0.001))
        try:
            async with self._session.post(self._plan.url, data=body, timeout=timeout) as response:
                await response.read()
            status = str(response.status)
        except TimeoutError:
            status = "late"
        except aiohttp.ClientError as error:
            status = type(error).__name__
        self.answers.append(Answer(due, self._now(), status, words))

    def _now(self) -> float:
        return time.perf_counter() - self._began


async def _run(plan: Plan) -> Load:
    # No compression: no peer compresses, and decompression would load this process.
    headers = {"Content-Type": plan.media, "Accept-Encoding": "identity"}
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        generator = _LoadGenerator(plan, session)
        began, worked = time.perf_counter(), time.process_time()
        await (generator.run_open(plan.rate) if plan.rate else generator.run_closed())
        seconds, processor = time.perf_counter() - began, time.process_time() - worked
    return Load(generator.answers, seconds, processor)


def main() -> None:
    """Run the plan on standard input."""
    plan = Plan(**json.load(sys.stdin))
    json.dump(asdict(asyncio.run(_run(plan))), sys.stdout)


if __name__ == "__main__":
    main()
