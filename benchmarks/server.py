"""Runs a server for a benchmark, as ``make run`` does, and reads its resource usage from /proc."""

from __future__ import annotations

import itertools
import json
import os
import platform
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from service.config.cpu import usable_cores

ROOT = Path(__file__).parent.parent
MIB = 1024**2
LINES = "application/x-ndjson"

_START_SECONDS = 180
_STOP_SECONDS = 60
_IDLE_TICKS = 3  # clock ticks (10 ms) per second that an idle worker uses at most


@dataclass(frozen=True)
class Server:
    """A running gunicorn on 127.0.0.1."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def url(self) -> str:
        """Base URL."""
        return f"http://127.0.0.1:{self.port}"

    def workers(self) -> list[int]:
        """Return the process ids of the workers."""
        return _children(self.process.pid)

    def resident(self) -> float:
        """Return the resident memory of all processes in MiB; shared pages count for each.

        The processes that parse web pages are among them.
        """
        kib = 0
        parsers = [child for worker in self.workers() for child in _children(worker)]
        for pid in (self.process.pid, *self.workers(), *parsers):
            for line in _read(f"/proc/{pid}/status").splitlines():
                if line.startswith("VmRSS:"):
                    kib += int(line.split()[1])
        return kib / 1024

    def spooled(self) -> float:
        """Return the size of the workers' open, deleted files in MiB."""
        sizes = 0
        for pid in self.workers():
            for descriptor in Path(f"/proc/{pid}/fd").glob("*"):
                try:
                    if os.readlink(descriptor).endswith(" (deleted)"):
                        sizes += descriptor.stat().st_size
                except FileNotFoundError:  # closed in the meantime
                    continue
        return sizes / MIB

    def ticks(self) -> dict[int, int]:
        """Return the processor time of each worker in clock ticks (10 ms)."""
        stats = {pid: _read(f"/proc/{pid}/stat").rpartition(")")[2] for pid in self.workers()}
        return {pid: sum(map(int, stat.split()[11:13])) for pid, stat in stats.items()}

    def busiest_since(self, before: dict[int, int]) -> int:
        """Return the worker that used most processor time since ``before``, a result of `ticks`."""
        now = self.ticks()
        return max(now, key=lambda pid: now[pid] - before.get(pid, 0))

    def settle(self) -> None:
        """Wait until the server is ready and every worker is idle: some may be loading the model.

        Raises:
            RuntimeError: The server exits or does not become idle in time.
        """
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            before = self.ticks()
            time.sleep(1)
            now = self.ticks()
            idle = all(now[pid] - before.get(pid, 0) <= _IDLE_TICKS for pid in now)
            if now.keys() == before.keys() and idle and self._is_ready():
                return
        raise RuntimeError("the server does not start or does not become idle")

    def _is_ready(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=_START_SECONDS)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()


@contextmanager
def running_server(
    *, group: Path | None = None, descriptors: int | None = None, **settings: str
) -> Iterator[Server]:
    """Run a server until the context ends; all workers are ready.

    Args:
        group: control group that its processes belong to.
        descriptors: file descriptors that each of them may have.
        settings: variables of the environment.
    """

    def limit() -> None:
        if group:
            (group / "cgroup.procs").write_text(str(os.getpid()))
        if descriptors:
            resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = {"HOST": "127.0.0.1", "PORT": str(port), "ORT_DISABLE_TELEMETRY": "1"}
    with tempfile.TemporaryFile() as logs:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn"],
            cwd=ROOT,
            env={**os.environ, **address, **settings},
            stdout=logs,
            stderr=logs,
            preexec_fn=limit,
        )
        try:
            server = Server(process, port)
            server.settle()
            yield server
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def repeated(articles: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the articles of a file endlessly, each as a unique id and an NDJSON line."""
    records = [json.loads(line) for line in articles.read_text("utf-8").splitlines()]
    for number, article in enumerate(itertools.cycle(records)):
        name = f"{number}:{article['id']}"
        line = json.dumps({"id": name, "title": article["title"], "text": article["text"]})
        yield name, line.encode() + b"\n"


def machine() -> str:
    """Describe this machine in one line."""
    processors = _read("/proc/cpuinfo")
    names = [line for line in processors.splitlines() if line.startswith("model name")]
    processor = names[0].partition(":")[2].strip() if names else "unknown processor"
    vnni = "with VNNI" if "_vnni" in processors else "without VNNI"
    python = platform.python_version()
    return f"{usable_cores()} cores, {processor} {vnni}, {platform.machine()}, Python {python}"


def _children(pid: int) -> list[int]:
    threads = Path(f"/proc/{pid}/task")
    try:
        paths = [thread / "children" for thread in threads.iterdir()]
    except FileNotFoundError:  # the process has exited
        return []
    return [int(child) for path in paths for child in _read(str(path)).split()]


def _read(path: str) -> str:
    """Read a file in /proc; return nothing if its process has exited."""
    try:
        return Path(path).read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
