"""A server of its own for a benchmark, started as ``make run`` does, and what Linux says of it."""

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
_IDLE_TICKS = 3  # of 100 in the second that is looked at


@dataclass(frozen=True)
class Server:
    """A gunicorn that runs on 127.0.0.1."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def workers(self) -> list[int]:
        """The ids of its worker processes."""
        pid = self.process.pid
        return [int(child) for child in _read(f"/proc/{pid}/task/{pid}/children").split()]

    def resident(self) -> float:
        """MiB of memory of all its processes; pages that they share count once for each."""
        kib = 0
        for pid in (self.process.pid, *self.workers()):
            for line in _read(f"/proc/{pid}/status").splitlines():
                if line.startswith("VmRSS:"):
                    kib += int(line.split()[1])
        return kib / 1024

    def spooled(self) -> float:
        """MiB that its workers hold in files without a name."""
        sizes = 0
        for pid in self.workers():
            for descriptor in Path(f"/proc/{pid}/fd").glob("*"):
                try:
                    if os.readlink(descriptor).endswith(" (deleted)"):
                        sizes += descriptor.stat().st_size
                except FileNotFoundError:  # closed meanwhile
                    continue
        return sizes / MIB

    def ticks(self) -> dict[int, int]:
        """Processor time that each worker has used, in hundredths of a second."""
        stats = {pid: _read(f"/proc/{pid}/stat").rpartition(")")[2] for pid in self.workers()}
        return {pid: sum(map(int, stat.split()[11:13])) for pid, stat in stats.items()}

    def busiest_since(self, before: dict[int, int]) -> int:
        """The worker that has worked most since :meth:`ticks` gave ``before``."""
        now = self.ticks()
        return max(now, key=lambda pid: now[pid] - before.get(pid, 0))

    def settle(self) -> None:
        """Return once it is ready and every worker idle: one may still be loading the model.

        Raises:
            RuntimeError: that does not happen.
        """
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            before = self.ticks()
            time.sleep(1)
            now = self.ticks()
            idle = all(now[pid] - before.get(pid, 0) <= _IDLE_TICKS for pid in now)
            if now.keys() == before.keys() and idle and self._is_ready():
                return
        raise RuntimeError("the server does not start, or does not come to rest")

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
    """A server, all workers of which are ready; it ends with the context.

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
    """The articles of a file, again and again, each with an id that is its own, and its line."""
    members = [json.loads(line) for line in articles.read_text("utf-8").splitlines()]
    for number, article in enumerate(itertools.cycle(members)):
        name = f"{number}:{article['id']}"
        line = json.dumps({"id": name, "title": article["title"], "text": article["text"]})
        yield name, line.encode() + b"\n"


def machine() -> str:
    """What this runs on, in a line."""
    names = [line for line in _read("/proc/cpuinfo").splitlines() if line.startswith("model name")]
    processor = names[0].partition(":")[2].strip() if names else "processor of unknown name"
    python = platform.python_version()
    return f"{usable_cores()} cores, {processor}, {platform.machine()}, Python {python}"


def _read(path: str) -> str:
    """What a file of /proc says; nothing, if its process is gone."""
    try:
        return Path(path).read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
