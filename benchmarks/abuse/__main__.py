"""Attack a server and check that it keeps serving: ``python -m benchmarks.abuse``.

The command starts a server with the limits of ``docker-compose.yml``: two workers, 2 GiB of memory
(if this process may create a control group), 1,024 file descriptors, and the memory allocator of
the image if it is installed (``apt-get install libjemalloc2``). While the attacks run one after the
other, a well-behaved client sends five articles per second and a probe requests ``/healthz``. The
exit code is 1 if

- a worker dies,
- a status is 500 or above, except 501, 503 and 504,
- the client loses an article, or its p99 exceeds two seconds,
- the p99 of the probe exceeds 100 ms, or
- memory, apart from the cache, is more than a fifth higher afterwards than before.

Before the attacks, the workers process ordinary articles and pages, the longest of 30,000 words,
so that memory that every server takes at some time does not count as growth.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from ctypes.util import find_library
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.abuse import generated
from benchmarks.abuse.attacks import (
    ATTACKS,
    HTML,
    QUICK,
    SLOW,
    Attack,
    Outcome,
    Target,
    request,
    send_all,
    together,
)
from benchmarks.abuse.observers import ARTICLE, PATIENCE_SECONDS, observing, percentile
from benchmarks.server import MIB, Server, machine, running_server
from service.access.api_key import ApiKey, hash_secret, new_secret
from service.access.key_file import add_key

ATTACKER, CLIENT = "attacker", "client"
MEMORY = 2 * 1024**3
DESCRIPTORS = 1024
CACHE = "enrich_cache_bytes "
CLIENT_P99, PROBE_P99 = 2.0, 0.1
GROWTH = 1.2
ALLOCATOR = "libjemalloc.so.2"
ALLOCATOR_SETTINGS = {  # of the Dockerfile
    "LD_PRELOAD": ALLOCATOR,
    "PYTHONMALLOC": "malloc",
    "MALLOC_CONF": "background_thread:true,narenas:2,dirty_decay_ms:5000,muzzy_decay_ms:0",
}
_GROUPS = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")
_REST_SECONDS = 15
_LONGEST = 30_000 // len(ARTICLE.split())
_ALLOWED = {501, 503, 504}


@dataclass
class Findings:
    """What an attacked server does wrong, a sentence for each.

    Attributes:
        wrong: responses, lost articles and dead workers.
        exceeded: limits of time and memory, which depend on the machine.
    """

    wrong: list[str] = field(default_factory=list)
    exceeded: list[str] = field(default_factory=list)


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
    """The attacks, by name.

    Args:
        short: run the slow clients at the same time, only some of the attacks on the processor, and
            few of the generated requests.
    """
    if short:
        yield "slow clients", together(SLOW)
    for attack in QUICK if short else ATTACKS:
        yield attack.__name__, attack
    count = 200 if short else 10_000

    async def malformed(target: Target) -> Outcome:
        return await send_all(target, generated.requests(count))

    yield f"generated ({count})", malformed


async def warm_up(target: Target) -> None:
    """Send ordinary articles and pages, some of them long."""
    lengths = [2, 20, 100] * 8 + [_LONGEST] * 4
    texts = [f"{ARTICLE * repeated} {number}" for number, repeated in enumerate(lengths)]
    contents = [request(text.encode()) for text in texts]
    contents += [request(f"<p>{text}</p>".encode(), HTML) for text in texts]
    outcome = await send_all(target, contents, at_once=4)
    if outcome.statuses[200] < len(contents) / 2:
        raise RuntimeError(f"the server rejects ordinary articles: {dict(outcome.statuses)}")


def cache_size(target: Target) -> float:
    """The size of the caches in the memory of all workers, in MiB."""
    connection = HTTPConnection("127.0.0.1", target.port, timeout=PATIENCE_SECONDS)
    connection.request("GET", "/metrics", headers={"X-API-Key": target.secret})
    lines = connection.getresponse().read().decode().splitlines()
    connection.close()
    return sum(float(line.split()[1]) for line in lines if line.startswith(CACHE)) / MIB


def check(server: Server, short: bool, secrets: Mapping[str, str]) -> Findings:
    """Run the attacks and print the outcome of each.

    Args:
        server: to attack.
        short: as for :func:`attacks`; the workers do not warm up.
        secrets: the API keys of the attacker and of the client, if the server requires keys.
    """
    target = Target(server.port, secrets.get(ATTACKER, ""))
    if not short:
        asyncio.run(warm_up(target))
        time.sleep(_REST_SECONDS)
    workers, before, cached = server.workers(), server.resident(), cache_size(target)
    findings = Findings()
    with observing(Target(server.port, secrets.get(CLIENT, ""))) as observed:
        for name, attack in attacks(short):
            began = time.monotonic()
            outcome = asyncio.run(attack(target))
            statuses = ", ".join(f"{n}×{s or '–'}" for s, n in sorted(outcome.statuses.items()))
            seconds = time.monotonic() - began
            print(
                f"{name:22} {seconds:6.1f} s {server.resident():6.0f} MiB  {statuses}", flush=True
            )
            findings.wrong += [f"{name}: {what}" for what in outcome.wrong]
            findings.wrong += [
                f"{name}: status {status}"
                for status in outcome.statuses
                if status >= 500 and status not in _ALLOWED
            ]
            if server.workers() != workers:
                findings.wrong.append(f"{name}: workers {workers} became {server.workers()}")
                workers = server.workers()
        if not short:
            time.sleep(_REST_SECONDS)
        after, cached_after = server.resident(), cache_size(target)
    client, probe = percentile(observed.articles, 0.99), percentile(observed.probes, 0.99)
    print(
        f"\nclient: {len(observed.articles)} articles, {observed.lost} lost, "
        f"p50 {percentile(observed.articles, 0.5):.3f} s, p99 {client:.3f} s"
        f"\n/healthz: {len(observed.probes)} probes, p50 {percentile(observed.probes, 0.5):.4f} s, "
        f"p99 {probe:.4f} s\nmemory: {before:.0f} MiB before, {after:.0f} MiB after, "
        f"of which the cache is {cached:.0f} and {cached_after:.0f} MiB"
    )
    if observed.lost:
        findings.wrong.append(f"the client lost {observed.lost} articles")
    if client > CLIENT_P99:
        findings.exceeded.append(f"p99 of the client is {client:.2f} s")
    if probe > PROBE_P99:
        findings.exceeded.append(f"p99 of /healthz is {probe:.3f} s")
    if after - cached_after > GROWTH * (before - cached):
        findings.exceeded.append(f"memory grew from {before:.0f} to {after:.0f} MiB")
    return findings


def allocator_settings() -> dict[str, str]:
    """The settings of the image's allocator; none where it is not installed."""
    return ALLOCATOR_SETTINGS if find_library("jemalloc") == ALLOCATOR else {}


@contextmanager
def key_settings(keys: bool) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """The settings of a server with a key for the attacker and one for the client, and the keys.

    Both are empty without ``keys``.
    """
    if not keys:
        yield {}, {}
        return
    secrets = {name: new_secret(name) for name in (ATTACKER, CLIENT)}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "keys.yaml"
        for name, secret in secrets.items():
            add_key(path, ApiKey(name, hash_secret(secret)))
        yield {"API_KEYS_FILE": str(path)}, secrets


def run(short: bool, keys: bool = False) -> Findings:
    """Start a server, attack it, and stop it.

    Args:
        short: as for :func:`attacks`.
        keys: whether the server requires API keys; attacker and client have one each.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = 8192 if hard == resource.RLIM_INFINITY else min(8192, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
    try:
        with memory_limit() as group, key_settings(keys) as (settings, secrets):
            settings |= allocator_settings()
            allocator = settings.get("LD_PRELOAD", "Python's, not the image's")
            limit = "2 GiB" if group else "none, no control group"
            print(f"{machine()}; memory limit: {limit}; allocator: {allocator}")
            with running_server(
                WORKERS="2", group=group, descriptors=DESCRIPTORS, **settings
            ) as server:
                return check(server, short, secrets)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def main() -> None:
    """Run, print and exit."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.abuse", description=__doc__)
    parser.add_argument(
        "--short", action="store_true", help="some of it, in a minute or two, without warming up"
    )
    parser.add_argument(
        "--keys", action="store_true", help="require API keys; attacker and client have one each"
    )
    arguments = parser.parse_args()
    findings = run(arguments.short, arguments.keys)
    for what in findings.wrong + findings.exceeded:
        print(f"WRONG: {what}")
    sys.exit(bool(findings.wrong or findings.exceeded))


if __name__ == "__main__":
    main()
