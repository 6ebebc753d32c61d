"""A worker with real sockets, in a thread of the test process."""

import errno
import logging
import os
import signal
import socket
import threading
import time
from collections import Counter
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from gunicorn.config import Config
from gunicorn.glogging import Logger

from service.server import buffered_worker, response_sender
from service.server.buffered_worker import BufferedWorker
from service.server.request_buffer import BUFFER_BYTES

THREADS = 4
SECONDS = 10
LONG = BUFFER_BYTES * 2
LARGE = 8 * 1024**2


class Application:
    """Returns the body of each request; records the paths of the requests it started."""

    def __init__(self):
        self.started = []
        self.release = threading.Event()

    def __call__(self, environ, start_response):
        self.started.append(environ["PATH_INFO"])
        body = environ["wsgi.input"].read()
        if environ["PATH_INFO"] == "/wait":
            self.release.wait(SECONDS)
        if environ["PATH_INFO"] == "/large":
            body = bytes(LARGE)
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]


class WorkerInThread(BufferedWorker):
    def init_signals(self):
        """Leave the signal handlers to the test process."""

    def reject_slow_request(self, client):
        client.sendall(b"too slow")


@contextmanager
def run_worker(tmp_path):
    application = Application()
    config = Config()
    config.set("threads", THREADS)
    config.set("worker_tmp_dir", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        worker = WorkerInThread(
            0, os.getppid(), [listener], SimpleNamespace(wsgi=lambda: application), 30, config,
            Logger(config),
        )  # fmt: skip
        worker.max_body_bytes = 2 * LONG
        thread = threading.Thread(target=worker.init_process)
        thread.start()
        wait_until(lambda: worker.booted)
        try:
            yield worker, application, listener.getsockname()
        finally:
            worker.handle_exit(signal.SIGTERM, None)
            thread.join(SECONDS)
            logging.getLogger("gunicorn.error").handlers.clear()
        assert not thread.is_alive()


@pytest.fixture
def running(tmp_path):
    with run_worker(tmp_path) as running:
        yield running


@pytest.fixture
def connect(running):
    """Open connections to the worker; they close with the test."""
    _worker, _application, address = running
    connections = []

    def open_connection(data: bytes = b"") -> socket.socket:
        connection = socket.create_connection(address, timeout=SECONDS)
        connections.append(connection)
        connection.sendall(data)
        return connection

    yield open_connection
    for connection in connections:
        connection.close()


def post(path: str, body: bytes, length: int | None = None) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length or len(body)}\r\n\r\n"
    return head.encode() + body


def response_body(connection: socket.socket) -> bytes:
    """Read one response and return its body."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += (piece := connection.recv(1))
        assert piece, received
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    length = int(head.lower().partition(b"content-length: ")[2].split()[0])
    while len(body) < length:
        body += (piece := connection.recv(length - len(body)))
        assert piece
    return body


def wait_until(condition) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_request_that_arrives_in_pieces_is_answered(connect):
    connection = connect()
    request = post("/", b"hello")
    for start in range(0, len(request), 7):
        connection.sendall(request[start : start + 7])
        time.sleep(0.005)
    assert response_body(connection) == b"hello"


def test_incomplete_requests_occupy_no_threads(running, connect):
    worker, application, _ = running
    request = post("/slow", b"hello")
    slow = [connect(request[: 10 + number]) for number in range(5 * THREADS)]
    wait_until(lambda: worker.nr_conns == len(slow))
    assert response_body(connect(post("/quick", b"now"))) == b"now"
    assert application.started == ["/quick"]
    for number, connection in enumerate(slow):
        connection.sendall(request[10 + number :])
    assert [response_body(connection) for connection in slow] == [b"hello"] * len(slow)


def test_long_requests_occupy_at_most_half_of_the_threads(running, connect):
    _worker, application, _ = running
    paths = [f"/long/{number}" for number in range(THREADS)]
    received = b"x" * BUFFER_BYTES
    long = [connect(post(path, received, LONG)) for path in paths]
    wait_until(lambda: len(application.started) == THREADS // 2)
    assert response_body(connect(post("/short", b"now"))) == b"now"
    started = [path for path in application.started if path != "/short"]
    assert len(started) == THREADS // 2
    first = long[paths.index(started[0])]
    first.sendall(b"x" * (LONG - BUFFER_BYTES))
    assert len(response_body(first)) == LONG
    wait_until(lambda: len(application.started) == THREADS // 2 + 2)
    others = [connection for connection in long if connection is not first]
    for connection in others:
        connection.sendall(b"x" * (LONG - BUFFER_BYTES))
    assert [len(response_body(connection)) for connection in others] == [LONG] * len(others)
    assert Counter(application.started) == Counter([*paths, "/short"])


def test_a_request_that_does_not_arrive_in_time_is_rejected(monkeypatch, running, connect):
    worker, application, _ = running
    monkeypatch.setattr(buffered_worker, "RECEIVE_SECONDS", 0.1)
    connection = connect(b"POST / HTTP/1.1\r\n")
    assert connection.recv(100) == b"too slow"
    assert connection.recv(100) == b""
    wait_until(lambda: worker.nr_conns == 0)
    assert application.started == []


def test_a_connection_serves_one_request_after_another(connect):
    connection = connect()
    for body in (b"one", b"two"):
        connection.sendall(post("/", body))
        assert response_body(connection) == body


def test_pipelined_requests_are_answered_in_order(connect):
    third = post("/", b"three")
    connection = connect(post("/", b"one") + post("/", b"two") + third[:20])
    assert response_body(connection) == b"one"
    assert response_body(connection) == b"two"
    connection.sendall(third[20:])
    assert response_body(connection) == b"three"


def test_a_client_that_disconnects_leaves_no_connection_behind(running, connect):
    worker, application, _ = running
    connections = [connect(b""), connect(b"POST / HT")]
    wait_until(lambda: worker.nr_conns == 2)
    for connection in connections:
        connection.close()
    wait_until(lambda: worker.nr_conns == 0)
    assert application.started == []


def test_a_shutdown_closes_idle_connections_and_completes_requests(running, connect):
    worker, _application, _ = running
    request = post("/", b"hello")
    idle, begun = connect(), connect(request[:20])
    wait_until(lambda: worker.nr_conns == 2)
    worker.handle_exit(signal.SIGTERM, None)
    assert idle.recv(100) == b""
    begun.sendall(request[20:])
    assert response_body(begun) == b"hello"
    assert begun.recv(100) == b""


def test_probes_have_threads_of_their_own(running, connect):
    _worker, application, _ = running
    waiting = [connect(post("/wait", b"late")) for _ in range(2 * THREADS)]
    wait_until(lambda: application.started.count("/wait") == THREADS)
    try:
        for path in ("/healthz", "/readyz", "/metrics?x=1"):
            probe = connect(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert response_body(probe) == b""
    finally:
        application.release.set()
    assert [response_body(connection) for connection in waiting] == [b"late"] * len(waiting)


def test_responses_that_nobody_reads_hold_no_thread(running, connect):
    _worker, application, _ = running
    unread = [connect(post("/large", b"")) for _ in range(2 * THREADS)]
    wait_until(lambda: application.started.count("/large") == len(unread))
    assert response_body(connect(post("/", b"now"))) == b"now"
    assert [len(response_body(connection)) for connection in unread] == [LARGE] * len(unread)


def test_a_client_below_the_least_rate_is_disconnected(monkeypatch, running, connect):
    worker, _application, _ = running
    monkeypatch.setattr(response_sender, "BASE_SECONDS", 0.1)
    connect(post("/large", b""))
    wait_until(lambda: worker.nr == 1)
    wait_until(lambda: worker.nr_conns == 0)


def test_the_slowest_client_is_disconnected_when_responses_take_too_much_memory(
    monkeypatch, running, connect
):
    worker, _application, _ = running
    monkeypatch.setattr(response_sender, "TOTAL_BYTES", LARGE)
    unread = [connect(post("/large", b"")) for _ in range(3)]
    wait_until(lambda: worker.nr == len(unread))
    wait_until(lambda: 0 < worker.nr_conns < len(unread))


def test_a_worker_without_file_descriptors_pauses_and_goes_on(monkeypatch, running, connect):
    worker, _application, _ = running
    accept = socket.socket.accept
    failures = [OSError(errno.EMFILE, "Too many open files")] * 2

    def fail_first(listener):
        if failures:
            raise failures.pop()
        return accept(listener)

    monkeypatch.setattr(socket.socket, "accept", fail_first)
    assert response_body(connect(post("/", b"now"))) == b"now"
    assert failures == []
    assert worker.alive


def test_silent_connections_make_room_for_requests(running, connect):
    worker, _application, _ = running
    worker.worker_connections = 10
    silent = [connect() for _ in range(15)]
    assert response_body(connect(post("/", b"now"))) == b"now"
    assert silent[0].recv(1) == b""
