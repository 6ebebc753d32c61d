"""The processes behind the service: what happens when they die, and when they are told to end."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.bundle import BUNDLE, ROOT
from tests.conftest import running_server

LONG = "The committee met again in Paris and nothing was decided about the matter. " * 2_000


def test_a_worker_that_dies_comes_back(tmp_path):
    with running_server(tmp_path, WORKERS="1") as server:
        (worker,) = server.workers()
        os.kill(worker, signal.SIGKILL)
        deadline = time.monotonic() + 60
        while server.workers() in ([], [worker]):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert requests.get(f"{server.url}/readyz", timeout=60).status_code == 200


def test_requests_in_flight_are_answered_when_the_service_is_told_to_end(tmp_path):
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


def test_signs_of_life_are_given_while_an_article_is_read(server):
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
    ("name", "value", "says"),
    [
        ("PORT", "http", "whole number"),
        ("WORKERS", "0", "whole number"),
        ("LOG_LEVEL", "LOUD", "one of"),
        ("ENRICH_MODEL", "no-such-model", "no model bundle"),
        ("MODELS_FILE", "no-such-file.yaml", "No such file"),
    ],
)
def test_a_wrong_setting_ends_the_start_with_one_line(name, value, says):
    done = subprocess.run(
        [sys.executable, "-m", "gunicorn"],
        cwd=ROOT,
        env={**os.environ, name: value},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode != 0
    (line,) = done.stderr.splitlines()
    assert says in line
    assert value in line


def test_nothing_the_service_imports_needs_torch():
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from pathlib import Path\n"
        "from service.enrichment.types import Article\n"
        "from service.enrichment.pipeline import Enricher\n"
        "from service.enrichment.language import TrainedDetector\n"
        "from service.inference.bundle.bundle import load_bundle\n"
        f"enricher = Enricher(load_bundle(Path({str(BUNDLE)!r})), TrainedDetector())\n"
        "print(enricher.enrich(Article('Joe Biden spoke.')).entities[0].name)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "Joe Biden\n", done.stderr
