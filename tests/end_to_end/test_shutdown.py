"""Shutdowns: readiness fails first, late requests are answered, unfinished ones are told."""

import json
import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.conftest import running_server

ARTICLE = {"text": "Ann Smith of Acme Corp. praised Bob Jones in Berlin.", "language": "en"}
LONG = "Ann Smith of Acme Corp. praised Bob Jones in Berlin on Monday. " * 30_000


@pytest.fixture
def own_server(tmp_path):
    with running_server(tmp_path, WORKERS="1", GRACEFUL_TIMEOUT="8") as server:
        yield server


def test_readiness_fails_before_the_server_stops_to_accept(own_server):
    own_server.process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    readiness = requests.get(f"{own_server.url}/readyz", timeout=5)
    assert readiness.status_code == 503
    assert readiness.json()["type"] == "/problems/not-ready"
    answer = requests.post(f"{own_server.url}/v1/enrich", json=ARTICLE, timeout=5)
    assert answer.status_code == 200
    assert answer.headers["Connection"] == "close"
    assert own_server.process.wait(timeout=10) == 0


def test_a_reload_loses_no_request(own_server):
    (before,) = own_server.workers()
    own_server.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 60
    while before in own_server.workers():
        assert time.monotonic() < deadline
        answer = requests.post(f"{own_server.url}/v1/enrich", json=ARTICLE, timeout=15)
        assert answer.status_code == 200


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP])
def test_an_article_that_outlasts_the_shutdown_receives_a_problem(tmp_path, how):
    with (
        running_server(tmp_path, WORKERS="1", GRACEFUL_TIMEOUT="3") as server,
        ThreadPoolExecutor(1) as threads,
    ):
        in_flight = threads.submit(
            requests.post, f"{server.url}/v1/enrich", json={"text": LONG, "language": "en"},
            timeout=60,
        )  # fmt: skip
        time.sleep(0.5)
        (worker,) = server.workers()
        server.process.send_signal(how)
        answer = in_flight.result()
        assert answer.status_code == 503
        assert answer.json()["type"] == "/problems/broken-off"
        if how == signal.SIGTERM:
            server.process.wait(timeout=10)
            return
        deadline = time.monotonic() + 60
        while worker in server.workers():
            assert time.monotonic() < deadline
            time.sleep(0.2)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP])
def test_a_line_that_outlasts_the_shutdown_ends_its_stream_with_a_problem(tmp_path, how):
    lines = json.dumps(ARTICLE) + "\n" + json.dumps({"text": LONG, "language": "en"}) + "\n"
    body = lines.encode()
    head = (
        b"POST /v1/enrich/batch HTTP/1.1\r\nHost: x\r\n"
        b"Content-Type: application/x-ndjson\r\nContent-Length: %d\r\n\r\n" % len(body)
    )
    received = b""
    with (
        running_server(tmp_path, WORKERS="1", GRACEFUL_TIMEOUT="3") as server,
        socket.create_connection((server.host, server.port), timeout=60) as client,
    ):
        client.sendall(head + body)
        while b'"status":200' not in received:
            received += client.recv(65_536)
        server.process.send_signal(how)
        while piece := client.recv(65_536):
            received += piece
    assert b"it has answered the first 1 lines" in received
    assert received.endswith(b"\r\n0\r\n\r\n")


def test_a_stream_that_a_shutdown_ends_has_one_response(own_server):
    head = (
        b"POST /v1/enrich/batch HTTP/1.1\r\nHost: x\r\n"
        b"Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    line = b'{"text": "Ann.", "language": "en"}\n'
    received = b""
    with socket.create_connection((own_server.host, own_server.port), timeout=20) as client:
        client.sendall(head + b"%x\r\n%s\r\n" % (len(line), line))
        while b'"status":200' not in received:
            received += client.recv(65_536)
        own_server.process.send_signal(signal.SIGTERM)
        while piece := client.recv(65_536):
            received += piece
    assert received.count(b"HTTP/1.1 ") == 1
    assert b"/problems/broken-off" in received
    assert received.endswith(b"\r\n0\r\n\r\n")


def test_a_worker_that_hangs_is_replaced_soon(own_server):
    (worker,) = own_server.workers()
    os.kill(worker, signal.SIGSTOP)
    deadline = time.monotonic() + 40
    while worker in own_server.workers():
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert requests.get(f"{own_server.url}/healthz", timeout=60).status_code == 200
