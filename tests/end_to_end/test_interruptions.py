"""Runs and streams that are interrupted by a killed process."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.bundle import ROOT
from tests.conftest import Server, running_server

ARTICLES = 200
MIDDLE = 50
"""Number of answers after which a process is killed."""

SECONDS = 120
"""Time limit for each step, sufficient on a busy machine."""

LINES = 2_000
"""Lines of a stream: too many to finish before the kill."""


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with two workers that tests can kill."""
    with running_server(tmp_path_factory.mktemp("server"), WORKERS="2") as running:
        yield running


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    file = tmp_path / "articles.jsonl"
    file.write_bytes(b"".join(map(article, range(1, ARTICLES + 1))))
    return file


def article(number: int) -> bytes:
    text = (
        f"Ann Lee of Acme Ltd. met Bob Hart in Lima on day {number} of the talks. "
        f'"We have lost {number} good friends," Hart said. Lee praised him for it.'
    )
    return json.dumps({"id": str(number), "text": text}).encode() + b"\n"


def enrich(server: Server, articles: Path, output: Path, *more: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "service.cli", articles, "--url", server.url, "-o", output]
    return subprocess.Popen([*command, "--wait", str(SECONDS), *more], cwd=ROOT)


def kill(*processes: int) -> None:
    for process in processes:
        os.kill(process, signal.SIGKILL)


def answers_in(output: Path) -> int:
    return output.read_bytes().count(b"\n") if output.exists() else 0


def wait_for_the_middle(process: subprocess.Popen, output: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while answers_in(output) < MIDDLE:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.005)


def assert_complete(output: Path, articles: Path) -> None:
    """Assert that every article was enriched once, in order."""
    found = [json.loads(line) for line in output.read_text().splitlines()]
    assert [line["source"] for line in found] == [
        f"{articles}:{number}" for number in range(1, ARTICLES + 1)
    ]
    assert [line.get("enrichment", line)["id"] for line in found] == [
        str(number) for number in range(1, ARTICLES + 1)
    ]


def test_a_run_enriches_every_article_once_if_a_worker_is_killed(own_server, articles, tmp_path):
    output = tmp_path / "out.ndjson"
    run = enrich(own_server, articles, output)
    wait_for_the_middle(run, output)
    # The worker with more connections processes articles; the other may still be loading its model.
    other, victim = sorted(own_server.workers(), key=lambda pid: len(os.listdir(f"/proc/{pid}/fd")))
    kill(victim)
    assert MIDDLE <= answers_in(output) < ARTICLES
    assert run.wait(timeout=SECONDS) == 0
    assert_complete(output, articles)
    assert other in own_server.workers()
    assert victim not in own_server.workers()


def test_a_killed_and_resumed_run_equals_an_uninterrupted_one(own_server, articles, tmp_path):
    whole, output = tmp_path / "whole.ndjson", tmp_path / "out.ndjson"
    assert enrich(own_server, articles, whole).wait(timeout=SECONDS) == 0
    killed = enrich(own_server, articles, output)
    wait_for_the_middle(killed, output)
    kill(killed.pid)
    assert killed.wait(timeout=SECONDS) == -signal.SIGKILL
    before = output.read_bytes()
    assert MIDDLE <= before.count(b"\n") < ARTICLES
    assert enrich(own_server, articles, output, "--resume").wait(timeout=SECONDS) == 0
    assert_complete(output, articles)
    assert output.read_bytes() == whole.read_bytes()
    assert output.read_bytes().startswith(before)


def wait_until_ready(server: Server) -> None:
    """Wait until a replacement of the killed workers accepts requests."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        try:
            if requests.get(f"{server.url}/readyz", timeout=SECONDS).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise AssertionError("no worker started")


def test_the_stream_of_a_killed_worker_has_no_last_chunk(own_server):
    wait_until_ready(own_server)
    body = b"".join(map(article, range(1, LINES + 1)))
    head = (
        "POST /v1/enrich/batch HTTP/1.1\r\nHost: test\r\n"
        f"Content-Type: application/x-ndjson\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    address = (own_server.host, own_server.port)
    received = b""
    with socket.create_connection(address, timeout=SECONDS) as connection:
        connection.sendall(head.encode() + body)
        while received.count(b'{"line":') < MIDDLE:
            received += (piece := connection.recv(65536))
            assert piece
        kill(*own_server.workers())  # one of them has the stream
        try:
            while piece := connection.recv(65536):
                received += piece
        except ConnectionResetError:
            pass
    assert b"\r\nTransfer-Encoding: chunked\r\n" in received
    assert MIDDLE <= received.count(b'{"line":') < LINES
    assert not received.endswith(b"\r\n0\r\n\r\n")
