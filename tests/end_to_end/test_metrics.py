"""Metrics and traces of a real server, including those of exited workers."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.bundle import ROOT, SEED
from tests.collector import EXTRA, running_collector
from tests.conftest import free_port, running_server
from tests.metrics import Samples

REQUESTS = "enrich_requests_total"
ENRICHED = {"route": "/v1/enrich", "status": "200"}
SECONDS = 0.1
"""Time limit of a scrape."""


@pytest.fixture
def two_workers(tmp_path):
    """A server with two ready workers; `/readyz` requires only one."""
    with running_server(tmp_path, WORKERS="2") as server:
        deadline = time.monotonic() + 60
        while scrape(server).sum("enrich_worker_ready") != 2:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield server


def scrape(server):
    return Samples(requests.get(f"{server.url}/metrics", timeout=30).text)


def enrich(server, number):
    """Send a new article on a new connection, which either worker can accept."""
    answer = requests.post(
        f"{server.url}/v1/enrich", json={"text": f"Ann met Joe {number}."}, timeout=60
    )
    assert answer.status_code == 200


def enrich_all(server, numbers=range(40)):
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: enrich(server, number), numbers))


def folders():
    return {path.name for path in Path("/dev/shm").glob("enrich-metrics-*")}


def test_metrics_are_summed_over_workers_and_survive_a_killed_worker(two_workers):
    enrich_all(two_workers)
    found = scrape(two_workers)
    assert found.sum(REQUESTS, **ENRICHED) == 40
    assert found.sum("enrich_articles_total", via="request", outcome="ok") == 40
    assert found.sum("enrich_workers") == found.sum("enrich_worker_ready") == 2
    workers = {str(pid) for pid in two_workers.workers()}
    assert found.labels("enrich_process_resident_memory_bytes", "pid") == workers
    assert found.sum("enrich_requests_in_flight", route="/v1/enrich") == 0

    victim = two_workers.workers()[0]
    os.kill(victim, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while (found := scrape(two_workers)).sum("enrich_worker_ready") != 2 or str(
        victim
    ) in found.labels("enrich_worker_ready", "pid"):
        assert time.monotonic() < deadline
        assert found.sum(REQUESTS, **ENRICHED) == 40
        time.sleep(0.2)
    enrich_all(two_workers, range(40, 50))
    after = scrape(two_workers)
    assert after.sum(REQUESTS, **ENRICHED) == 50
    assert after.sum("enrich_model_info") == 1
    assert str(victim) not in after.labels("enrich_process_resident_memory_bytes", "pid")


def test_counters_continue_after_a_reload(two_workers):
    enrich_all(two_workers, range(10))
    before = set(two_workers.workers())
    two_workers.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 60
    while (
        before & set(two_workers.workers()) or scrape(two_workers).sum("enrich_worker_ready") != 2
    ):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    enrich_all(two_workers, range(10, 20))
    assert scrape(two_workers).sum(REQUESTS, **ENRICHED) == 20


def test_requests_that_gunicorn_rejects_are_counted(server):
    before = scrape(server)
    server.send(b"NONSENSE\r\n\r\n")
    after = scrape(server)
    labels = {"problem": "malformed-request"}
    assert after.sum("enrich_problems_total", **labels) == 1 + before.sum(
        "enrich_problems_total", **labels
    )


def test_the_metrics_folder_is_removed_with_the_server(tmp_path):
    before = folders()
    with running_server(tmp_path, WORKERS="1"):
        assert len(folders() - before) >= 1
        new = folders() - before
    assert not new & folders()


def test_a_scrape_is_fast(server):
    answers = [requests.get(f"{server.url}/metrics", timeout=30) for _ in range(20)]
    times = [re.search(r"total;dur=([\d.]+)", a.headers["Server-Timing"])[1] for a in answers]
    assert sorted(map(float, times))[10] < 1000 * SECONDS


def test_spans_reach_a_collector(tmp_path):
    with running_collector() as collector:
        settings = {"WORKERS": "1", "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
        with running_server(tmp_path, **settings) as server:
            enrich(server, 1)
        span = collector.wait("POST /v1/enrich")  # sent when the server stops, if not before
        assert "encode" in collector.below(span)


@pytest.fixture(params=["refuses", "never answers"])
def dead_collector(request):
    """The URL of a collector that does not accept spans."""
    pytest.importorskip("opentelemetry.sdk", reason=EXTRA)
    if request.param == "refuses":
        yield f"http://127.0.0.1:{free_port()}"
        return
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_an_unavailable_collector_does_not_delay_requests(tmp_path, dead_collector):
    settings = {
        "WORKERS": "1",
        "OTEL_EXPORTER_OTLP_ENDPOINT": dead_collector,
        "OTEL_BSP_SCHEDULE_DELAY": "50",
    }
    with running_server(tmp_path, **settings) as server:
        text = SEED.read_text("utf-8")
        for _ in range(2):
            answer = requests.post(f"{server.url}/v1/enrich", json={"text": text}, timeout=60)
            assert answer.status_code == 200
        times = []
        for _ in range(30):
            began = time.perf_counter()
            requests.post(f"{server.url}/v1/enrich", json={"text": text}, timeout=60)
            times.append(time.perf_counter() - began)
        assert sorted(times)[15] < 0.5
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(timeout=25) == 0


def test_a_missing_otel_extra_is_reported_at_startup_in_one_line():
    missing = "opentelemetry.exporter.otlp.proto.http.trace_exporter"
    code = (
        f"import sys; sys.modules[{missing!r}] = None; from gunicorn.app.wsgiapp import run; run()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("cannot start: OTEL_EXPORTER_OTLP_ENDPOINT=")
    assert "[otel]" in line
