"""One API key floods a server while another sends little: ``python -m benchmarks.fairness``.

The load is open: articles arrive at random, whether or not those before have been answered, and
latency counts from when an article is due. The command prints the latency of the quiet key, alone
and beside the flood, and exits with 1 if its p99 is higher by more than half.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from benchmarks.abuse.observers import percentile
from benchmarks.server import machine, running_server
from service.access.api_key import ApiKey, hash_secret, new_secret
from service.access.key_file import add_key

WORST = 1.5
_TEXT = "President Joe Biden met Fumio Kishida in Lima on Friday. Ministers praised the {} plan. "
_SENTENCES = 25
_PATIENCE = 60.0
_THREADS = 256


@dataclass(frozen=True)
class Load:
    """What a key sends.

    Attributes:
        secret: of the key.
        rate: articles per second.
        seconds: duration.
        seed: of the times of arrival.
    """

    secret: str
    rate: float
    seconds: float
    seed: int


def send(port: int, load: Load) -> tuple[list[float], Counter[int]]:
    """Send the articles of a load; the latency of each enrichment, and the statuses."""
    rng = random.Random(load.seed)
    began, due, statuses = time.monotonic(), 0.0, Counter[int]()
    latencies: list[float] = []

    def post(at: float, number: int) -> None:
        text = " ".join(_TEXT.format(f"{load.seed}-{number}-{n}") for n in range(_SENTENCES))
        connection = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
        headers = {"Content-Type": "application/json", "X-API-Key": load.secret}
        try:
            connection.request("POST", "/v1/enrich", json.dumps({"text": text}).encode(), headers)
            response = connection.getresponse()
            response.read()
            statuses[response.status] += 1
            if response.status == 200:
                latencies.append(time.monotonic() - at)
        except (OSError, HTTPException):
            statuses[0] += 1
        finally:
            connection.close()

    with ThreadPoolExecutor(_THREADS) as threads:
        number = 0
        while (due := due + rng.expovariate(load.rate)) < load.seconds:
            time.sleep(max(0.0, began + due - time.monotonic()))
            threads.submit(post, began + due, number)
            number += 1
    return latencies, statuses


def measure(port: int, *loads: Load) -> list[tuple[list[float], Counter[int]]]:
    """Send loads at the same time, each from a process of its own."""
    with multiprocessing.get_context("spawn").Pool(len(loads)) as pool:
        return pool.starmap(send, [(port, load) for load in loads])


def main() -> None:
    """Run, print and exit."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fairness", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="of each of the two parts")
    parser.add_argument(
        "--rate", type=float, default=4, help="articles per second of the quiet key"
    )
    parser.add_argument("--flood", type=float, default=60, help="those of the other")
    arguments = parser.parse_args()
    secrets = {name: new_secret(name) for name in ("quiet", "flood")}
    with tempfile.TemporaryDirectory() as folder:
        keys = Path(folder) / "keys.yaml"
        for name, secret in secrets.items():
            add_key(keys, ApiKey(name, hash_secret(secret)))
        with running_server(API_KEYS_FILE=str(keys), CACHE_BYTES="0") as server:
            quiet = Load(secrets["quiet"], arguments.rate, arguments.seconds, 1)
            flood = Load(secrets["flood"], arguments.flood, arguments.seconds, 2)
            measure(server.port, Load(secrets["quiet"], 1, 5, 3))
            [alone] = measure(server.port, quiet)
            beside, flooding = measure(server.port, quiet, flood)
    print(f"{machine()}\n\n| | p50, s | p99, s | statuses |\n|---|---|---|---|")
    rows = {"quiet, alone": alone, "quiet, beside the flood": beside, "flood": flooding}
    for name, (latencies, statuses) in rows.items():
        shown = ", ".join(f"{count}×{status or '–'}" for status, count in sorted(statuses.items()))
        p50, p99 = percentile(latencies, 0.5), percentile(latencies, 0.99)
        print(f"| {name} | {p50:.3f} | {p99:.3f} | {shown} |")
    ratio = percentile(beside[0], 0.99) / percentile(alone[0], 0.99)
    lost = sum(count for status, count in beside[1].items() if status != 200)
    print(f"\nThe p99 of the quiet key is {ratio:.2f} times as high; {lost} articles were lost.")
    sys.exit(ratio > WORST or lost > 0)


if __name__ == "__main__":
    main()
