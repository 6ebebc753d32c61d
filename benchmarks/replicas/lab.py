"""A small network of hosts on this machine: each is a network namespace on one bridge.

No host has a route to another network, so that nothing leaves the machine. The addresses are those
that RFC 2544 reserves for benchmarks.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.server import ROOT

CONFIGURATION = ROOT / "deploy/haproxy/haproxy.cfg"
HUB = "198.18.0.1"
REDIS = "198.18.0.2"
REPLICAS = {f"replica{k}": f"198.18.0.{10 + k}" for k in (1, 2, 3)}
URL = f"http://{HUB}:8000"
"""Address of the balancer, in the host ``hub``."""

PROGRAMS = ("ip", "haproxy", "redis-server", "taskset")

_START_SECONDS = 120
_STOP_SECONDS = 60


def missing() -> str:
    """What this machine lacks for a lab; ``""`` if nothing."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    lacking = [program for program in PROGRAMS if shutil.which(program) is None]
    if lacking:
        return f"not installed: {', '.join(lacking)}"
    name = f"enrich{os.getpid()}-try"
    if subprocess.run(["ip", "netns", "add", name], capture_output=True).returncode != 0:  # noqa: S603, S607
        return "this system does not allow network namespaces"
    _ip("netns", "del", name)
    return ""


class Lab:
    """Three replicas, a Redis and HAProxy; all stop at the end of the ``with`` block.

    HAProxy runs in the host ``hub``, which the others are connected to, and reads the configuration
    in ``deploy/haproxy``.

    Args:
        pinned: whether each replica has one core, a different one if there are enough.
        settings: variables of the environment of each replica.
    """

    def __init__(self, *, pinned: bool = False, **settings: str) -> None:
        self._pinned = pinned
        self._settings = settings
        self._prefix = f"enrich{os.getpid()}"
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            self._build(stack)
            stack.callback(self._end_processes)
            self.start_redis()
            for name in REPLICAS:
                self.start(name)
            self._start_balancer()
            for name in REPLICAS:
                self.wait_until(name, "UP")
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    def start(self, replica: str) -> None:
        """Start a replica without waiting for it."""
        environment = {
            "HOST": REPLICAS[replica],
            "PORT": "8000",
            "WORKERS": "1",
            "FORWARDED_ALLOW_IPS": HUB,
            "CACHE_URL": f"redis://{REDIS}:6379/0",
            "CACHE_SECRET": "the-secret-of-all-replicas",
            "ORT_DISABLE_TELEMETRY": "1",
            **self._settings,
        }
        command = [sys.executable, "-m", "gunicorn"]
        if self._pinned:
            cores = sorted(os.sched_getaffinity(0))
            core = cores[list(REPLICAS).index(replica) % len(cores)]
            command = ["taskset", "--cpu-list", str(core), *command]
        self._run(replica, command, replica, environment)

    def start_redis(self) -> None:
        """Start an empty Redis."""
        options = ["--bind", REDIS, "--protected-mode", "no", "--save", "", "--dir", "."]
        self._run("redis", ["redis-server", *options], "redis", {})

    def kill(self, name: str) -> None:
        """Kill all processes of a replica, or the Redis, at once."""
        self.signal(name, signal.SIGKILL)
        self._processes.pop(name).wait(_STOP_SECONDS)

    def stop(self, replica: str) -> None:
        """Stop a replica as Kubernetes and systemd do, and wait for its end."""
        process = self._processes.pop(replica)
        process.send_signal(signal.SIGTERM)
        process.wait(_STOP_SECONDS)

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to all processes of a replica, or to the Redis."""
        os.killpg(self._processes[name].pid, number)

    def disconnect(self, host: str) -> None:
        """Cut a host off from all others."""
        _ip("-n", self._namespace("hub"), "link", "set", host, "down")

    def connect(self, host: str) -> None:
        """Connect a host again."""
        _ip("-n", self._namespace("hub"), "link", "set", host, "up")

    def enable(self, *replicas: str) -> None:
        """Let HAProxy send requests to these replicas only."""
        for name in REPLICAS:
            state = "ready" if name in replicas else "maint"
            self._ask_balancer(f"set server replicas/{name} state {state}")
        for name in replicas:
            self.wait_until(name, "UP")

    def states(self) -> dict[str, str]:
        """What HAProxy finds each replica to be, such as ``UP`` or ``DOWN``."""
        rows = [line.split(",") for line in self._ask_balancer("show stat").splitlines() if line]
        return {row[1]: row[17] for row in rows if row[1] in REPLICAS}

    def wait_until(self, replica: str, state: str) -> None:
        """Wait until HAProxy finds a replica to be in a state.

        Raises:
            RuntimeError: it does not become so in time, or has ended.
        """
        deadline = time.monotonic() + _START_SECONDS
        process = self._processes.get(replica)
        while time.monotonic() < deadline and (process is None or process.poll() is None):
            # The socket does not exist before HAProxy has started.
            with suppress(FileNotFoundError, ConnectionRefusedError):
                if self.states()[replica] == state:
                    return
            time.sleep(0.1)
        raise RuntimeError(f"{replica} is not {state}:\n{self.log(replica)}")

    def log(self, name: str) -> str:
        """What the latest process of a replica, ``redis`` or ``haproxy`` has written."""
        return (self._folder / f"{name}.log").read_text("utf-8")

    def processor_seconds(self, name: str) -> float:
        """Processor time that the processes of a replica, ``haproxy`` or ``redis`` have used."""
        session = self._processes[name].pid
        ticks = 0
        for file in Path("/proc").glob("[0-9]*/stat"):
            with suppress(FileNotFoundError, ProcessLookupError):  # it has exited
                stat = file.read_text().rpartition(")")[2].split()
                ticks += sum(map(int, stat[11:13])) if int(stat[3]) == session else 0
        return ticks / os.sysconf("SC_CLK_TCK")

    def command(self, host: str, *command: str) -> list[str]:
        """The command line that runs a command in a host."""
        return ["ip", "netns", "exec", self._namespace(host), *command]

    def _ask_balancer(self, command: str) -> str:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self._folder / "haproxy.sock"))
            connection.sendall(command.encode() + b"\n")
            with connection.makefile() as answer:
                return answer.read()

    def _build(self, stack: ExitStack) -> None:
        hub = self._namespace("hub")
        self._add_namespace(stack, "hub")
        _ip("-n", hub, "link", "add", "bridge", "type", "bridge")
        _ip("-n", hub, "address", "add", f"{HUB}/24", "dev", "bridge")
        _ip("-n", hub, "link", "set", "bridge", "up")
        for host, address in {"redis": REDIS, **REPLICAS}.items():
            own = self._namespace(host)
            self._add_namespace(stack, host)
            peer = ("peer", "name", "eth0", "netns", own)
            _ip("-n", hub, "link", "add", host, "type", "veth", *peer)
            _ip("-n", hub, "link", "set", host, "master", "bridge", "up")
            _ip("-n", own, "address", "add", f"{address}/24", "dev", "eth0")
            _ip("-n", own, "link", "set", "eth0", "up")

    def _add_namespace(self, stack: ExitStack, host: str) -> None:
        name = self._namespace(host)
        _ip("netns", "add", name)
        stack.callback(_ip, "netns", "del", name)
        _ip("-n", name, "link", "set", "lo", "up")

    def _namespace(self, host: str) -> str:
        return f"{self._prefix}-{host}"

    def _start_balancer(self) -> None:
        environment = {
            "BIND": f"{HUB}:8000",
            "STATS_SOCKET": str(self._folder / "haproxy.sock"),
            **{f"REPLICA_{name[-1]}": f"{address}:8000" for name, address in REPLICAS.items()},
        }
        self._run("haproxy", ["haproxy", "-db", "-f", str(CONFIGURATION)], "hub", environment)

    def _run(self, name: str, command: list[str], host: str, environment: dict[str, str]) -> None:
        with (self._folder / f"{name}.log").open("wb") as log:
            self._processes[name] = subprocess.Popen(  # noqa: S603  no untrusted input
                self.command(host, *command),
                cwd=self._folder if name == "redis" else ROOT,
                env={**os.environ, **environment},
                stdout=log,
                stderr=log,
                start_new_session=True,  # signals reach all of its processes and no others
            )

    def _end_processes(self) -> None:
        for process in self._processes.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(_STOP_SECONDS)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, timeout=30)  # noqa: S603, S607
