"""Runs real servers, as `make run` does; one is shared by all tests that do not change it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from tokenizers import Tokenizer

from tests.bundle import BUNDLE, ROOT

START_SECONDS = 120


@dataclass(frozen=True)
class Server:
    """A running gunicorn."""

    host: str
    port: int
    process: subprocess.Popen
    output: Path

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def pid(self) -> int:
        return self.process.pid

    def workers(self) -> list[int]:
        """Return the process ids of the workers."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        if not children.exists():
            pytest.skip("/proc of this system does not list child processes")
        return [int(child) for child in children.read_text().split()]

    def logs(self) -> list[dict[str, Any]]:
        """Return all log lines, in order."""
        return [json.loads(line) for line in self.output.read_text().splitlines()]

    def log_of(self, request_id: str, seconds: float = 5) -> dict[str, Any]:
        """Wait for the log line of a request, which can follow its response."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for line in self.logs():
                if line.get("request_id") == request_id and "status" in line:
                    return line
            time.sleep(0.02)
        raise AssertionError(f"the log has no line for {request_id}")

    def send(self, raw: bytes) -> bytes:
        """Send raw bytes and return all that is received until the server closes the connection."""
        with socket.create_connection((self.host, self.port), timeout=10) as connection:
            connection.sendall(raw)
            received = b""
            while piece := connection.recv(65536):
                received += piece
        return received


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def running_server(
    folder: Path, python: str = sys.executable, **environment: str
) -> Iterator[Server]:
    """Run a server with these settings until the context ends; write its output to ``folder``."""
    if not (BUNDLE / "manifest.json").exists():
        pytest.skip("models/ contains no model bundle")
    port = free_port()
    output = folder / "server.log"
    errors = folder / "server.err"
    with output.open("w") as stdout, errors.open("w") as stderr:
        process = subprocess.Popen(
            [python, "-m", "gunicorn"],
            cwd=ROOT,
            env={**os.environ, "HOST": "127.0.0.1", "PORT": str(port), **environment},
            stdout=stdout,
            stderr=stderr,
        )
    server = Server("127.0.0.1", port, process, output)
    try:
        _wait_until_ready(server, errors)
        yield server
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def _wait_until_ready(server: Server, errors: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert server.process.poll() is None, f"{errors.read_text()}\n{server.output.read_text()}"
        try:
            if requests.get(f"{server.url}/readyz", timeout=START_SECONDS).status_code == 200:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise AssertionError(f"not ready after {START_SECONDS} seconds:\n{server.output.read_text()}")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server with two workers for the whole session. Tests must not change its state."""
    with running_server(tmp_path_factory.mktemp("server"), WORKERS="2") as running:
        yield running


@pytest.fixture(scope="session")
def tokenizer():
    return Tokenizer.from_file(str(BUNDLE / "tokenizer.json"))
