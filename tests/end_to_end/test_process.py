"""Worker processes: crashes, shutdown, startup errors and imports."""

import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from tests.bundle import BUNDLE, ROOT
from tests.conftest import running_server

LONG = "The committee met again in Paris and nothing was decided about the matter. " * 2_000


def test_a_killed_worker_is_replaced(tmp_path):
    with running_server(tmp_path, WORKERS="1") as server:
        (worker,) = server.workers()
        os.kill(worker, signal.SIGKILL)
        deadline = time.monotonic() + 60
        while server.workers() in ([], [worker]):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert requests.get(f"{server.url}/readyz", timeout=60).status_code == 200


def test_requests_in_flight_complete_at_shutdown(tmp_path):
    with running_server(tmp_path, WORKERS="1") as server, ThreadPoolExecutor(1) as threads:
        in_flight = threads.submit(
            requests.post,
            f"{server.url}/v1/enrich",
            LONG.encode(),
            headers={"Content-Type": "text/plain"},
            timeout=60,
        )
        time.sleep(0.5)
        assert not in_flight.done()
        server.process.send_signal(signal.SIGTERM)
        answer = in_flight.result()
        assert answer.status_code == 200
        assert answer.json()["coverage"]["analyzed"] == len(LONG)
        assert server.process.wait(timeout=30) == 0


def test_connections_are_spread_over_the_workers(tmp_path):
    def sockets(worker):
        descriptors = Path(f"/proc/{worker}/fd").iterdir()
        return sum(os.readlink(descriptor).startswith("socket:") for descriptor in descriptors)

    with running_server(tmp_path, WORKERS="2") as server, ExitStack() as stack:
        workers = server.workers()
        time.sleep(1)  # for the second worker
        before = {worker: sockets(worker) for worker in workers}
        for _ in range(20):
            stack.enter_context(socket.create_connection((server.host, server.port)))
        time.sleep(1)
        shares = [sockets(worker) - before[worker] for worker in workers]
        assert sum(shares) == pytest.approx(20, abs=1)  # one of before may have been closed
        assert min(shares) >= 7


def test_the_health_check_responds_while_articles_are_processed(server):
    with ThreadPoolExecutor(2) as threads:
        busy = [
            threads.submit(
                requests.post,
                f"{server.url}/v1/enrich",
                LONG.encode(),
                headers={"Content-Type": "text/plain"},
                timeout=60,
            )
            for _ in range(2)
        ]
        time.sleep(0.3)
        assert requests.get(f"{server.url}/healthz", timeout=10).status_code == 200
        assert not all(request.done() for request in busy)
        assert [request.result().status_code for request in busy] == [200, 200]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PORT", "http", "whole number"),
        ("WORKERS", "0", "whole number"),
        ("LOG_LEVEL", "LOUD", "one of"),
        ("ENRICH_MODEL", "no-such-model", "no model bundle"),
        ("MODELS_FILE", "no-such-file.yaml", "No such file"),
    ],
)
def test_an_invalid_setting_is_reported_at_startup_in_one_line(name, value, message):
    process = subprocess.run(
        [sys.executable, "-m", "gunicorn"],
        cwd=ROOT,
        env={**os.environ, name: value},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert process.returncode != 0
    (line,) = process.stderr.splitlines()
    assert message in line
    assert value in line


def test_the_service_works_without_torch():
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from pathlib import Path\n"
        "from service.enrichment.article import Article\n"
        "from service.enrichment.pipeline import Enricher\n"
        "from service.enrichment.language_detector import TrainedDetector\n"
        "from service.inference.bundle.bundle import load_bundle\n"
        f"enricher = Enricher(load_bundle(Path({str(BUNDLE)!r})), TrainedDetector())\n"
        "print(enricher.enrich(Article('Joe Biden spoke.')).entities[0].name)\n"
    )
    process = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert process.stdout == "Joe Biden\n", process.stderr
