"""Attack a server, and see whether it serves on: ``python -m benchmarks.abuse``.

A server is started with the limits of ``docker-compose.yml``: two workers, 2 GiB of memory (in a
control group where this process may make one) and 1,024 file descriptors. While all attacks run one
after the other, a well-behaved client sends five articles a second and a probe asks for
``/healthz``. Exits with 1 if a worker dies, a status is 500 or above and neither 503 nor 504, the
client loses an article or its p99 exceeds two seconds, that of the probe 100 ms, or memory has
grown by more than a fifth afterwards.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.abuse import generated
from benchmarks.abuse.attacks import ATTACKS, Attack, Outcome, send_all
from benchmarks.abuse.observers import observing, percentile
from benchmarks.server import Server, machine, running_server

MEMORY = 2 * 1024**3
DESCRIPTORS = 1024
CLIENT_P99, PROBE_P99 = 2.0, 0.1
GROWTH = 1.2
_GROUPS = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")
_REST_SECONDS = 15
_ALLOWED = {503, 504}


@contextmanager
def memory_limit() -> Iterator[Path | None]:
    """A control group of :data:`MEMORY` for the processes started inside; ``None`` without one."""
    for parent, limit in zip(_GROUPS, ("memory.limit_in_bytes", "memory.max"), strict=True):
        group = parent / f"enrich-abuse-{os.getpid()}"
        try:
            group.mkdir()
            (group / limit).write_text(str(MEMORY))
        except OSError:
            continue
        try:
            yield group
        finally:
            group.rmdir()
        return
    yield None


def attacks(short: bool) -> Iterator[tuple[str, Attack]]:
    """The attacks, by name; ``short`` leaves most of the generated requests out."""
    for attack in ATTACKS:
        yield attack.__name__, attack
    count = 500 if short else 10_000

    async def malformed(port: int) -> Outcome:
        return await send_all(port, generated.requests(count))

    yield f"generated ({count})", malformed


def check(server: Server, short: bool) -> list[str]:
    """Run all attacks, print what came of each, and return what should not have been."""
    workers, before = server.workers(), server.resident()
    wrong: list[str] = []
    with observing(server.port) as observed:
        for name, attack in attacks(short):
            began = time.monotonic()
            outcome = asyncio.run(attack(server.port))
            statuses = ", ".join(f"{n}×{s or '–'}" for s, n in sorted(outcome.statuses.items()))
            seconds = time.monotonic() - began
            print(
                f"{name:22} {seconds:6.1f} s {server.resident():6.0f} MiB  {statuses}", flush=True
            )
            wrong += [f"{name}: {what}" for what in outcome.wrong]
            wrong += [
                f"{name}: status {status}"
                for status in outcome.statuses
                if status >= 500 and status not in _ALLOWED and status != 501
            ]
        time.sleep(_REST_SECONDS)
        after = server.resident()
    client, probe = percentile(observed.articles, 0.99), percentile(observed.probes, 0.99)
    print(
        f"\nclient: {len(observed.articles)} articles, {observed.lost} lost, "
        f"p50 {percentile(observed.articles, 0.5):.3f} s, p99 {client:.3f} s"
        f"\n/healthz: {len(observed.probes)} probes, p50 {percentile(observed.probes, 0.5):.4f} s, "
        f"p99 {probe:.4f} s\nmemory: {before:.0f} MiB before, {after:.0f} MiB after"
    )
    if server.workers() != workers:
        wrong.append(f"workers {workers} became {server.workers()}")
    if observed.lost:
        wrong.append(f"the client lost {observed.lost} articles")
    if client > CLIENT_P99:
        wrong.append(f"p99 of the client is {client:.2f} s")
    if probe > PROBE_P99:
        wrong.append(f"p99 of /healthz is {probe:.3f} s")
    if after > GROWTH * before:
        wrong.append(f"memory grew from {before:.0f} to {after:.0f} MiB")
    return wrong


def main() -> None:
    """Run, print and exit."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.abuse", description=__doc__)
    parser.add_argument("--short", action="store_true", help="500 generated requests, not 10,000")
    arguments = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))
    with memory_limit() as group:
        print(f"{machine()}; memory limit: {'2 GiB' if group else 'none, no control group'}")
        with running_server(WORKERS="2", group=group, descriptors=DESCRIPTORS) as server:
            wrong = check(server, arguments.short)
    for what in wrong:
        print(f"WRONG: {what}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
