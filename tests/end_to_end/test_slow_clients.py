"""Clients that send or receive so slowly that they would hold a server, and silent ones."""

import resource
import select
import socket
import sys
import time
from contextlib import ExitStack, contextmanager

import pytest
import requests

from tests.conftest import running_server

THREADS = 8
CLIENTS = 5 * THREADS
ARTICLE = {"text": "Ann Smith of Acme Corp. praised Bob Jones in Berlin.", "language": "en"}


@pytest.fixture(scope="module")
def narrow(tmp_path_factory):
    """A server with one worker and eight threads."""
    folder = tmp_path_factory.mktemp("narrow")
    with running_server(folder, WORKERS="1", THREADS=str(THREADS)) as server:
        yield server


@contextmanager
def connections(server, data=b"", number=CLIENTS, receive_bytes=None):
    with ExitStack() as stack:
        opened = []
        for _ in range(number):
            client = stack.enter_context(socket.socket())
            if receive_bytes:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
            client.settimeout(60)
            client.connect((server.host, server.port))
            client.sendall(data)
            opened.append(client)
        yield opened


def status_line(client):
    with client.makefile("rb") as answer:
        return answer.readline()


def assert_serves(server):
    assert requests.get(f"{server.url}/healthz", timeout=5).status_code == 200
    answer = requests.post(f"{server.url}/v1/enrich", json=ARTICLE, timeout=15)
    assert answer.status_code == 200


def test_long_incomplete_heads_hold_no_thread(narrow):
    field = b"X-Padding: " + b"x" * 7_900 + b"\r\n"
    head = b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + 3 * field
    with connections(narrow, head) as clients:
        assert_serves(narrow)
        for client in clients:
            client.sendall(field)
        for client in clients:
            client.sendall(field)
            assert b" 431 " in status_line(client)
    assert_serves(narrow)


def test_an_endless_request_line_is_too_long(narrow):
    with connections(narrow, b"GET /" + b"x" * 40_000, 1) as (client,):
        assert b" 414 " in status_line(client)


def test_a_head_with_bare_line_feeds_holds_no_thread(narrow):
    with connections(narrow, b"GET /healthz HTTP/1.1\r\nHost: x\n\n") as clients:
        assert all(b" 400 " in status_line(client) for client in clients)


def test_clients_that_read_nothing_hold_no_thread(narrow):
    request = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 200
    with connections(narrow, request, receive_bytes=4_096):
        time.sleep(1)
        for _ in range(3):
            assert_serves(narrow)


def test_a_client_that_takes_no_response_is_disconnected(narrow):
    request = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 200
    with connections(narrow, request, 1, receive_bytes=4_096) as (client,):
        hung_up = select.poll()
        hung_up.register(client, select.POLLRDHUP)
        assert hung_up.poll(30_000)


def test_a_client_that_reads_slowly_receives_all_of_its_responses(narrow):
    one = narrow.send(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    length = len(one.partition(b"\r\n\r\n")[2])
    number = 100
    request = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * number
    with connections(narrow, request, 1, receive_bytes=4_096) as (client,):
        time.sleep(2)
        received = 0
        while received < number * length:
            received += len(piece := client.recv(65_536))
            assert piece


def test_a_client_that_keeps_a_closed_connection_open_delays_nobody(narrow):
    request = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with connections(narrow, request):
        began = time.monotonic()
        assert_serves(narrow)
        assert time.monotonic() - began < CLIENTS / 2  # each would hold the event loop for 2 s


def test_silent_connections_above_the_limit_lock_nobody_out(tmp_path):
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (160, 160)); {RUN}"
    wrapper = tmp_path / "python"
    wrapper.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{limit}" "$@"\n')
    wrapper.chmod(0o755)
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 1_000:
        pytest.skip("this process cannot open enough connections")
    with running_server(tmp_path, str(wrapper), WORKERS="1", THREADS="8") as server:
        workers = server.workers()
        with connections(server, number=400):
            time.sleep(1)
            for _ in range(3):
                assert_serves(server)
        assert server.workers() == workers


def test_silent_streams_end_with_a_problem_when_another_waits(tmp_path):
    wrapper = tmp_path / "python"
    wrapper.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{RUN_IMPATIENTLY}" "$@"\n')
    wrapper.chmod(0o755)
    line = b'{"text": "Ann."}\n'
    stream = (
        b"POST /v1/enrich/batch HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
        b"Content-Type: application/x-ndjson\r\n\r\n%x\r\n%b\r\n" % (len(line), line)
    )
    url, lines = "/v1/enrich/batch", {"Content-Type": "application/x-ndjson"}
    with (
        running_server(tmp_path, str(wrapper), WORKERS="1", THREADS="8") as server,
        connections(server, stream, number=2) as clients,  # all slots
    ):
        for client in clients:
            status = b""
            while b"\n" not in status:  # it has a slot now
                status += client.recv(1)
            assert status.startswith(b"HTTP/1.1 200 ")
        deadline = time.monotonic() + 30
        while True:
            answer = requests.post(server.url + url, line, headers=lines, timeout=15)
            if answer.status_code == 200:
                break
            assert answer.status_code == 503
            assert time.monotonic() < deadline
            time.sleep(0.2)
        hung_up = select.poll()
        for client in clients:
            hung_up.register(client, select.POLLRDHUP)
        ((ended, _event), *_) = hung_up.poll(15_000)  # either may be the first
        (first,) = (client for client in clients if client.fileno() == ended)
        with first.makefile("rb") as received:
            rest = received.read()
        assert b"HTTP/1.1 " not in rest
        assert b"/problems/too-slow" in rest
        assert b"while other streams waited" in rest
        assert rest.endswith(b"\r\n0\r\n\r\n")


RUN = "import os, sys; os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
# A stream may pause for a second instead of a minute. gunicorn's arguments are `-m gunicorn`.
RUN_IMPATIENTLY = (
    "import runpy, sys; from service.api import stream_slots; stream_slots.IDLE_SECONDS = 1.0; "
    "del sys.argv[1:]; "
    "runpy.run_module('gunicorn', run_name='__main__')"
)
