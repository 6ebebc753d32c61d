"""Processes that measure a server from outside during the attacks."""

from __future__ import annotations

import json
import multiprocessing
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from multiprocessing.synchronize import Event
from queue import Empty
from typing import Any

from benchmarks.abuse.attacks import Target

ARTICLES_A_SECOND = 5
PROBE_SECONDS = 0.05
PATIENCE_SECONDS = 30.0

_TEXT = (
    "President Joe Biden met Fumio Kishida in Lima on Friday. The {number}th talks between the two "
    "were friendly, officials of the Asia-Pacific Economic Cooperation said. Critics in Tokyo "
    "called the agreement weak. {filler}"
)
ARTICLE = (
    "Ministers from Japan, Peru and the United States praised the plan, which the World Bank "
    "backs. "
)


@dataclass
class Observed:
    """What the observers measured.

    Attributes:
        articles: seconds from the first attempt to the response, for each article.
        lost: number of articles without a response of status 200.
        probes: seconds that each request for ``/healthz`` took; infinite if it failed.
    """

    articles: list[float]
    lost: int
    probes: list[float]


@contextmanager
def observing(target: Target) -> Iterator[Observed]:
    """Send articles and probes to a server, in separate processes, until the block ends.

    The figures are available after the block.
    """
    stop = multiprocessing.Event()
    results: multiprocessing.Queue[Any] = multiprocessing.Queue()
    processes = [
        multiprocessing.Process(target=run, args=(target, stop, results), daemon=True)
        for run in (_send_articles, _probe)
    ]
    observed = Observed([], 0, [])
    for process in processes:
        process.start()
    try:
        yield observed
    finally:
        stop.set()
        for _ in processes:
            try:
                kind, values, lost = results.get(timeout=3 * PATIENCE_SECONDS)
            except Empty:
                observed.lost += 1
                continue
            setattr(observed, kind, values)
            observed.lost += lost
        for process in processes:
            process.join(PATIENCE_SECONDS)


def percentile(values: list[float], share: float) -> float:
    """The percentile ``share`` (0 to 1) of ``values``; 0 if there are none."""
    if len(values) < 2:
        return values[0] if values else 0.0
    return statistics.quantiles(values, n=1000, method="inclusive")[round(share * 1000) - 1]


def _ends(stop: Event) -> bool:
    """Whether to end: also when the benchmark was killed."""
    parent = multiprocessing.parent_process()
    return stop.is_set() or parent is None or not parent.is_alive()


def _send_articles(target: Target, stop: Event, results: multiprocessing.Queue[Any]) -> None:
    seconds: list[float] = []
    lost = number = 0
    due = time.monotonic()
    while not _ends(stop):
        number += 1
        body = json.dumps({"text": _TEXT.format(number=number, filler=ARTICLE * 20)}).encode()
        began = max(due, time.monotonic())
        if _send(target, body):
            seconds.append(time.monotonic() - began)
        else:
            lost += 1
        due += 1 / ARTICLES_A_SECOND
        time.sleep(max(0.0, due - time.monotonic()))
        due = max(due, time.monotonic() - 1)
    results.put(("articles", seconds, lost))


def _send(target: Target, body: bytes) -> bool:
    """Send an article; retry after ``Retry-After``, as a well-behaved client does."""
    headers = {"Content-Type": "application/json"}
    if target.secret:
        headers["X-API-Key"] = target.secret
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        connection = HTTPConnection("127.0.0.1", target.port, timeout=PATIENCE_SECONDS)
        pause = 0.1
        try:
            connection.request("POST", "/v1/enrich", body, headers)
            response = connection.getresponse()
            response.read()
            if response.status == 200:
                return True
            pause = float(response.headers.get("Retry-After", pause))
        except (OSError, HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(min(pause, 1.0))
    return False


def _probe(target: Target, stop: Event, results: multiprocessing.Queue[Any]) -> None:
    seconds: list[float] = []
    while not _ends(stop):
        began = time.monotonic()
        connection = HTTPConnection("127.0.0.1", target.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request("GET", "/healthz")
            healthy = connection.getresponse().status == 200
        except (OSError, HTTPException):
            healthy = False
        finally:
            connection.close()
        taken = time.monotonic() - began
        seconds.append(taken if healthy else float("inf"))
        time.sleep(max(0.0, PROBE_SECONDS - taken))
    results.put(("probes", seconds, 0))
