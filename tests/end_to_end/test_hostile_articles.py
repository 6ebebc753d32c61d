"""Articles that once took a worker's memory, or its time, for a few bytes."""

import gzip

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
