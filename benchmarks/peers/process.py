"""Peers as processes: started, looked at, ended with all that they started themselves."""

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
_STOP_SECONDS = 20
_POLL_SECONDS = 0.02
_SHORT = "Ann Smith of Acme praised Bob Jones in London. He was pleased."

# One thread a process, as many processes as there are cores; no network, no reports to anyone.
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


class DoesNotStart(Exception):
    """A peer ended, or did not answer in time; the message holds the end of its log."""


@dataclass(frozen=True)
class Memory:
    """MB: the most that one process has resident, and what all of them take together."""

    worker: float
    together: float


@dataclass(frozen=True)
class Running:
    """A peer that answers, and the seconds from its start until it did."""

    peer: Peer
    process: psutil.Popen
    port: int
    started: float

    @property
    def url(self) -> str:
        """Where articles go."""
        return f"http://127.0.0.1:{self.port}{self.peer.path}"

    def family(self) -> list[psutil.Process]:
        """Its process and all that come from it."""
        return [psutil.Process(self.process.pid), *self.process.children(recursive=True)]

    def processor(self) -> float:
        """Seconds of processor time that its processes have used."""
        total = 0.0
        for each in self.family():
            try:
                times = each.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += times.user + times.system
        return total

    def memory(self) -> Memory:
        """What its processes hold now; pages that several of them share count once together."""
        held = []
        for each in self.family():
            try:
                held.append(each.memory_full_info())
            except psutil.NoSuchProcess:
                continue
        return Memory(max(one.rss for one in held) / _MB, sum(one.pss for one in held) / _MB)


@contextmanager
def running(peer: Peer) -> Iterator[Running]:
    """The peer on a free port of 127.0.0.1; it ends with the context.

    Raises:
        DoesNotStart: it does not come to answer.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with TemporaryDirectory() as empty, TemporaryFile() as log:
        own = {name: value.format(port=port) for name, value in peer.environment.items()}
        began = time.perf_counter()
        process = psutil.Popen(
            [peer.python, *(argument.format(port=port) for argument in peer.arguments)],
            cwd=peer.home or empty,  # gunicorn would read the settings of the service there
            env={**os.environ, **_ENVIRONMENT, **own},
            stdout=log,
            stderr=log,
        )
        try:
            while not _answers(peer, port):
                if process.poll() is not None or time.perf_counter() - began > _START_SECONDS:
                    log.seek(0)
                    end = log.read().decode(errors="replace")[-2000:]
                    raise DoesNotStart(f"{peer.title} does not start:\n{end}")
                time.sleep(_POLL_SECONDS)
            yield Running(peer, process, port, time.perf_counter() - began)
        finally:
            _end(process)


def _answers(peer: Peer, port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=_START_SECONDS)
    try:
        if peer.ready:
            connection.request("GET", peer.ready)
        else:
            fields = {"Content-Type": peer.media}
            connection.request("POST", peer.path, peer.body(_SHORT).encode(), fields)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _end(process: psutil.Popen) -> None:
    if process.poll() is not None:
        return
    family = process.children(recursive=True)
    process.terminate()
    _, alive = psutil.wait_procs([process, *family], _STOP_SECONDS)
    for each in alive:
        each.kill()
