"""Articles that once took a worker's memory, or its time, for a few bytes."""

import gzip
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.conftest import running_server


@pytest.fixture(scope="module")
def narrow(tmp_path_factory):
    """A server with one worker."""
    with running_server(
        tmp_path_factory.mktemp("hostile"), WORKERS="1", THREADS="8", CACHE_BYTES="0"
    ) as server:
        yield server


def post(server, text, media_type="text/plain", **headers):
    headers = {"Content-Type": media_type, "Content-Encoding": "gzip", **headers}
    body = gzip.compress(text.encode())
    return requests.post(f"{server.url}/v1/enrich", data=body, headers=headers, timeout=30)


def test_half_a_million_sentences_without_word_pieces_are_rejected(narrow):
    answer = post(narrow, "\u0301\f" * 500_000)
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/too-much-work"
    assert "65536 sentences" in answer.json()["detail"]


def test_a_deadline_stops_the_parser_of_a_page(narrow):
    page = "<table>" + "<tr><td>x" * 120_000  # takes the parser minutes
    answer = post(narrow, page, "text/html", **{"X-Request-Timeout": "1"})
    assert answer.status_code == 504
    assert post(narrow, "<p>Ann Lee left Lima.</p>", "text/html").status_code == 200


def test_the_longest_articles_together_take_bounded_memory_and_give_it_back(tmp_path):
    texts = ["a " * 999_000, "(" * 999_000, "Ann Lee, " * 300_000] * 2
    with (
        running_server(tmp_path, WORKERS="1") as server,
        ThreadPoolExecutor(len(texts)) as threads,
    ):
        (worker,) = server.workers()
        limit = {"X-Request-Timeout": "20"}
        answers = list(threads.map(lambda text: post(server, text, **limit), texts))
        assert {answer.status_code for answer in answers} <= {422, 503, 504}
        assert memory(worker, "VmHWM") < 900
        deadline = time.monotonic() + 60
        while memory(worker, "VmRSS") > 420:
            assert time.monotonic() < deadline
            post(server, "Ann Lee left Lima. " * 200)
        assert server.workers() == [worker]


def memory(process, kind):
    """MiB of a process: ``VmRSS`` now, or ``VmHWM`` at most so far."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(kind + ":"))
