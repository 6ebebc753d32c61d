"""Asks a server for many enrichments, from a process of its own.

``python -m benchmarks.speed.load`` reads a :class:`Plan` as JSON from standard input and writes a
:class:`benchmarks.speed.figures.Load` as JSON to standard output. It shares the cores with the
server, so it does as little as it can: bodies are made before the clock starts and answers are not
parsed. What it takes is part of what it returns.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import aiohttp

from benchmarks.speed.apart import carried_out
from benchmarks.speed.figures import OK, Answer, Load, arrivals

MOST = 20_000  # requests of one load
_STAGE = re.compile(r"(\w+);dur=([\d.]+)")


@dataclass(frozen=True)
class Plan:
    """A load: closed (each connection asks again once it is answered) unless it has a ``rate``.

    Attributes:
        url: to POST to.
        media: the media type of the bodies.
        bodies: body and words of each article; again from the first once they are used up.
        seconds: after which nothing more is sent.
        least: requests that a closed load sends even if that takes longer.
        most: requests after which it ends even if there is time left.
        connections: of a closed load.
        rate: requests a second of an open load, which come when they come.
        limit: seconds after which an answer is not waited for any more.
        seed: of the arrivals.
    """

    url: str
    media: str
    bodies: Sequence[tuple[str, int]]
    seconds: float
    least: int = 0
    most: int = MOST
    connections: int = 1
    rate: float | None = None
    limit: float = 300.0
    seed: int = 0


def run(plan: Plan) -> Load:
    """Have a process of its own carry out ``plan``."""
    outcome = carried_out("benchmarks.speed.load", plan)
    return Load(**{**outcome, "answers": [Answer(*answer) for answer in outcome["answers"]]})


class _Asker:
    """Sends the requests of a plan and notes what becomes of them."""

    def __init__(self, plan: Plan, session: aiohttp.ClientSession) -> None:
        self.answers: list[Answer] = []
        self.stages: Counter[str] = Counter()
        self._plan = plan
        self._session = session
        encoded = [(body.encode(), words) for body, words in plan.bodies]
        self._bodies = itertools.islice(itertools.cycle(encoded), plan.most)
        self._began = time.perf_counter()

    async def closed(self) -> None:
        """Ask over so many connections at a time."""
        await asyncio.gather(*(self._ask_on() for _ in range(self._plan.connections)))

    async def open(self, rate: float) -> None:
        """Ask at moments that do not depend on the answers."""
        moments = arrivals(rate, self._plan.seconds, self._plan.seed)
        async with asyncio.TaskGroup() as tasks:
            for moment, (body, words) in zip(moments, self._bodies, strict=False):
                await asyncio.sleep(moment - self._now())
                tasks.create_task(self._ask(body, words, moment))

    async def _ask_on(self) -> None:
        for body, words in self._bodies:
            await self._ask(body, words, self._now())
            if self._now() > self._plan.seconds and len(self.answers) >= self._plan.least:
                return

    async def _ask(self, body: bytes, words: int, due: float) -> None:
        # Nought would mean that there is no limit.
        left = aiohttp.ClientTimeout(max(due + self._plan.limit - self._now(), 0.001))
        try:
            async with self._session.post(self._plan.url, data=body, timeout=left) as response:
                await response.read()
            status = str(response.status)
            if status == OK:
                self.stages.update(_stages(response.headers.get("Server-Timing", "")))
        except TimeoutError:
            status = "late"
        except aiohttp.ClientError as error:
            status = type(error).__name__
        self.answers.append(Answer(due, self._now(), status, words))

    def _now(self) -> float:
        return time.perf_counter() - self._began


def _stages(field: str) -> dict[str, float]:
    return {name: float(duration) for name, duration in _STAGE.findall(field)}


async def _carry_out(plan: Plan) -> Load:
    # Nothing is to be packed: no peer does, and unpacking would cost this process its lightness.
    headers = {"Content-Type": plan.media, "Accept-Encoding": "identity"}
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        asker = _Asker(plan, session)
        began, worked = time.perf_counter(), time.process_time()
        await (asker.open(plan.rate) if plan.rate else asker.closed())
        seconds, processor = time.perf_counter() - began, time.process_time() - worked
    return Load(asker.answers, seconds, processor, dict(asker.stages))


def main() -> None:
    """Carry out the plan on standard input."""
    plan = Plan(**json.load(sys.stdin))
    json.dump(asdict(asyncio.run(_carry_out(plan))), sys.stdout)


if __name__ == "__main__":
    main()
