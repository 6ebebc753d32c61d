"""What `deploy/haproxy` does when replicas, played here by small servers, fail."""

import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
import yaml

from service.config.settings import Settings
from service.server.buffered_worker import RECEIVE_SECONDS
from service.server.shutdown import DRAIN_SECONDS
from tests.bundle import ROOT
from tests.conftest import free_port

CONFIGURATION = ROOT / "deploy/haproxy/haproxy.cfg"
LINES = {"Content-Type": "application/x-ndjson"}


def haproxy() -> str:
    program = shutil.which("haproxy")
    if program is None:
        pytest.skip("haproxy is not installed (Debian package haproxy)")
    return program


def check(file: Path) -> None:
    command = [haproxy(), "-c", "-f", str(file)]
    process = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert process.returncode == 0, process.stderr
    assert "[WARNING]" not in process.stderr


def seconds(name: str) -> float:
    [(number, unit)] = re.findall(rf"^ .*\b{name} (\d+)(ms|s)\b", CONFIGURATION.read_text(), re.M)
    return int(number) / (1000 if unit == "ms" else 1)


def test_the_configuration_is_valid():
    check(CONFIGURATION)


def test_replicas_in_kubernetes_take_the_place_of_the_servers(tmp_path):
    page = (ROOT / "docs/replicas.md").read_text("utf-8")
    [snippet] = re.findall(r"^```haproxy\n(.+?)^```", page, re.MULTILINE | re.DOTALL)
    servers = re.compile(r"(^ +server .*\n)+", re.MULTILINE)
    file = tmp_path / "haproxy.cfg"
    file.write_text(servers.sub(snippet, CONFIGURATION.read_text()))
    assert "server-template" in file.read_text()
    check(file)
    services = (ROOT / "deploy/kubernetes/base/services.yaml").read_text()
    headless = [each for each in yaml.safe_load_all(services) if "clusterIP" in each["spec"]]
    [port] = headless[0]["spec"]["ports"]
    assert f"{headless[0]['metadata']['name']}:{port['port']} " in snippet


def test_times_fit_those_of_the_service():
    for side in ("client", "server"):
        assert seconds(f"timeout {side}") > Settings().request_timeout
    assert seconds("hard-stop-after") > Settings().request_timeout
    assert seconds("timeout http-request") == seconds("wait-for-body time") == RECEIVE_SECONDS
    # A replica is asked at least once while it announces its end but still accepts requests.
    assert seconds("check inter") <= DRAIN_SECONDS / 2
    uri = re.search(r"uri (\S+)", CONFIGURATION.read_text())[1]
    assert uri in yaml.safe_load((ROOT / "openapi.yaml").read_text("utf-8"))["paths"]


class Replica(ThreadingHTTPServer):
    """Answers with its name, or as ``act`` does."""

    daemon_threads = True

    def __init__(self, name: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.name = name
        self.ready = True
        self.act: Callable[[Handler], None] = Handler.answer
        self.received: list[bytes] = []
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def handle_error(self, *_):
        pass  # clients leave


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.respond(200 if self.server.ready else 503, self.server.name)

    def do_POST(self):
        self.server.act(self)

    def answer(self):
        self.read()
        self.respond(200, self.server.name)

    def read(self) -> None:
        self.server.received.append(self.rfile.read(int(self.headers["Content-Length"])))

    def respond(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


class Balancer:
    """HAProxy in front of three replicas."""

    def __init__(self, port: int, folder: Path, replicas: list[Replica]) -> None:
        self.port, self.replicas, self.folder = port, replicas, folder
        self.url = f"http://127.0.0.1:{port}/v1/enrich"

    def states(self) -> list[str]:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self.folder / "haproxy.sock"))
            connection.sendall(b"show stat\n")
            rows = connection.makefile().read().splitlines()
        return [row.split(",")[17] for row in rows if "replicas,replica" in row]

    def wait_for(self, *states: str) -> None:
        deadline = time.monotonic() + 30
        while self.states() != list(states):
            assert time.monotonic() < deadline, self.states()
            time.sleep(0.05)

    def post(self, body: bytes = b"{}", **options) -> requests.Response:
        return requests.post(self.url, data=body, timeout=30, **options)


@contextmanager
def running(folder: Path) -> Iterator[Balancer]:
    program, port, path = haproxy(), free_port(), folder / "haproxy.sock"
    replicas = [Replica(f"replica{k}") for k in (1, 2, 3)]
    environment = {"BIND": f"127.0.0.1:{port}", "STATS_SOCKET": str(path)}
    for k, replica in enumerate(replicas, 1):
        environment[f"REPLICA_{k}"] = f"127.0.0.1:{replica.server_port}"
    with (folder / "haproxy.log").open("wb") as log:
        process = subprocess.Popen(
            [program, "-db", "-f", CONFIGURATION],
            env={**os.environ, **environment},
            stdout=log,
            stderr=log,
        )
    try:
        deadline = time.monotonic() + 30
        while not path.exists():
            assert process.poll() is None, "haproxy did not start"
            assert time.monotonic() < deadline, "haproxy is not ready"
            time.sleep(0.05)
        balancer = Balancer(port, folder, replicas)
        balancer.wait_for("UP", "UP", "UP")
        yield balancer
    finally:
        process.kill()
        process.wait(timeout=30)
        for replica in replicas:
            replica.shutdown()
            replica.server_close()


@pytest.fixture
def balancer(tmp_path):
    with running(tmp_path) as balancer:
        yield balancer


def reject(handler: Handler) -> None:
    handler.read()
    handler.respond(503, handler.server.name)


def hang_up(handler: Handler) -> None:
    handler.read()
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


@pytest.mark.parametrize("failure", [reject, hang_up])
def test_a_request_that_fails_is_sent_once_more_to_another_replica(balancer, failure):
    body = json.dumps({"text": "Ann. " * 20_000}).encode()
    balancer.replicas[0].act = failure
    answers = [balancer.post(body) for _ in range(6)]
    assert {(answer.status_code, answer.text) for answer in answers} == {
        (200, "replica2"),
        (200, "replica3"),
    }
    first, *others = (replica.received for replica in balancer.replicas)
    assert first
    assert sum(map(len, others)) == 6
    assert {*first, *others[0], *others[1]} == {body}


def test_a_request_that_every_replica_rejects_is_tried_twice(balancer):
    for replica in balancer.replicas:
        replica.act = reject
    assert balancer.post().status_code == 503
    assert sorted(len(replica.received) for replica in balancer.replicas) == [0, 1, 1]


def test_the_replica_with_the_fewest_requests_is_next(balancer):
    release = threading.Event()

    def wait(handler: Handler) -> None:
        handler.read()
        release.wait(30)
        handler.respond(200, handler.server.name)

    for replica in balancer.replicas:
        replica.act = wait
    threads = [threading.Thread(target=balancer.post) for _ in range(2)]
    for thread in threads:
        thread.start()
    while sum(len(replica.received) for replica in balancer.replicas) < 2:
        time.sleep(0.02)
    [free] = [replica for replica in balancer.replicas if not replica.received]
    free.act = Handler.answer
    assert {balancer.post().text for _ in range(5)} == {free.name}
    release.set()
    for thread in threads:
        thread.join()


def test_a_replica_that_stops_finishes_its_requests_and_receives_no_more(balancer):
    stopping, release, results = balancer.replicas[0], threading.Event(), []

    def wait(handler: Handler) -> None:
        handler.read()
        release.wait(30)
        handler.respond(200, handler.server.name)

    for replica in balancer.replicas:
        replica.act = wait
    threads = [threading.Thread(target=lambda: results.append(balancer.post())) for _ in range(3)]
    for thread in threads:
        thread.start()
    while not all(replica.received for replica in balancer.replicas):
        time.sleep(0.02)
    stopping.ready = False
    balancer.wait_for("NOLB", "UP", "UP")
    for replica in balancer.replicas:
        replica.act = Handler.answer
    assert "replica1" not in {balancer.post().text for _ in range(6)}
    release.set()
    for thread in threads:
        thread.join()
    assert sorted(each.text for each in results) == ["replica1", "replica2", "replica3"]
    assert len(stopping.received) == 1


def test_a_stream_passes_line_by_line_and_is_never_repeated(balancer):
    def echo(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        while size := int(handler.rfile.readline(), 16):
            line = handler.rfile.read(size + 2)[:-2]
            handler.server.received.append(line)
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
        handler.rfile.readline()
        handler.wfile.write(b"0\r\n\r\n")

    for replica in balancer.replicas:
        replica.act = echo
    head = "POST /v1/enrich/batch HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n"
    with socket.create_connection(("127.0.0.1", balancer.port), timeout=30) as client:
        client.sendall(head.encode() + b"Transfer-Encoding: chunked\r\n\r\n")
        for number in range(3):
            line = b'{"text": "%d"}\n' % number
            client.sendall(b"%x\r\n%s\r\n" % (len(line), line))
            received = b""
            while line not in received:  # before the next line is sent
                piece = client.recv(65536)
                assert piece, received
                received += piece
        client.sendall(b"0\r\n\r\n")
    assert sorted(len(replica.received) for replica in balancer.replicas) == [0, 0, 3]
    for replica in balancer.replicas:
        replica.received.clear()
        replica.act = reject
    assert balancer.post(headers=LINES).status_code == 503
    assert sorted(len(replica.received) for replica in balancer.replicas) == [0, 0, 1]


def test_metrics_stay_private(balancer):
    assert requests.get(f"http://127.0.0.1:{balancer.port}/metrics", timeout=30).status_code == 404


def test_query_strings_are_not_logged(balancer):
    assert balancer.post(params={"title": "secret"}).status_code == 200
    deadline = time.monotonic() + 30
    while "POST /v1/enrich" not in (log := (balancer.folder / "haproxy.log").read_text()):
        assert time.monotonic() < deadline, log
        time.sleep(0.02)
    assert "secret" not in log
