"""Runs peers as processes and measures their memory and processor time."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from tempfile import TemporaryDirectory, TemporaryFile

import psutil

from benchmarks.peers import ROOT, Peer

_MB = 1e6
_START_SECONDS = 180
_STOP_SECONDS = 5  # LitServe does not stop by itself
_POLL_SECONDS = 0.02
_SHORT_TEXT = "Ann Smith of Acme praised Bob Jones in London. He was pleased."

# One thread per process and one process per core; no network access and no usage reports.
_ENVIRONMENT = {
    "PYTHONPATH": str(ROOT),
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_OFFLINE": "1",
    "ORT_DISABLE_TELEMETRY": "1",
    "BENTOML_DO_NOT_TRACK": "True",
    "RAY_USAGE_STATS_ENABLED": "0",
    "LITSERVE_ANALYTICS": "0",
    "LIT_ANALYTICS": "0",
}


class StartupError(Exception):
    """A peer exited or did not respond in time, with the end of its log; or it enriches nothing."""


@dataclass(frozen=True)
class Memory:
    """Memory of a peer in MB.

    Attributes:
        worker: Resident memory of the largest process.
        together: Memory of all processes; shared pages count once.
    """

    worker: float
    together: float


@dataclass(frozen=True)
class Running:
    """A running peer.

    Attributes:
        peer: The peer.
        process: Its main process.
        port: Its port on 127.0.0.1.
        started: Seconds from its start to its first response.
    """

    peer: Peer
    process: psutil.Popen
    port: int
    started: float

    @property
    def url(self) -> str:
        """URL to post articles to."""
        return f"http://127.0.0.1:{self.port}{self.peer.path}"

    def processes(self) -> list[psutil.Process]:
        """Return its process and all descendants."""
        return [psutil.Process(self.process.pid), *self.process.children(recursive=True)]

    def processor(self) -> float:
        """Return the processor seconds used by its processes."""
        total = 0.0
        for process in self.processes():
            try:
                times = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += times.user + times.system
        return total

    def memory(self) -> Memory:
        """Measure the memory of its processes."""
        infos = []
        for process in self.processes():
            try:
                infos.append(process.memory_full_info())
            except psutil.NoSuchProcess:
                continue
        return Memory(max(i.rss for i in infos) / _MB, sum(i.pss for i in infos) / _MB)


@contextmanager
def running(peer: Peer) -> Iterator[Running]:
    """Run a peer on a free port of 127.0.0.1 until the context ends.

    Raises:
        StartupError: The peer does not start.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with TemporaryDirectory() as empty, TemporaryFile() as log:
        environment = {name: value.format(port=port) for name, value in peer.environment.items()}
        began = time.perf_counter()
        process = psutil.Popen(
            [peer.python, *(argument.format(port=port) for argument in peer.arguments)],
            cwd=peer.home or empty,  # gunicorn would read gunicorn.conf.py in the current folder
            env={**os.environ, **_ENVIRONMENT, **environment},
            stdout=log,
            stderr=log,
        )
        try:
            while not _responds(peer, port):
                if process.poll() is not None or time.perf_counter() - began > _START_SECONDS:
                    log.seek(0)
                    end = log.read().decode(errors="replace")[-2000:]
                    raise StartupError(f"{peer.title} does not start:\n{end}")
                time.sleep(_POLL_SECONDS)
            yield Running(peer, process, port, time.perf_counter() - began)
        finally:
            _stop(process)


def _responds(peer: Peer, port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=_START_SECONDS)
    try:
        if peer.ready:
            connection.request("GET", peer.ready)
        else:
            fields = {"Content-Type": peer.media}
            connection.request("POST", peer.path, peer.body(_SHORT_TEXT).encode(), fields)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _stop(process: psutil.Popen) -> None:
    if process.poll() is not None:
        return
    children = process.children(recursive=True)
    process.terminate()
    _, alive = psutil.wait_procs([process, *children], _STOP_SECONDS)
    for remaining in alive:
        remaining.kill()
