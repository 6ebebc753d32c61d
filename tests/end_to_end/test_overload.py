"""A server under more load than it can process."""

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
import requests

from tests.conftest import running_server

ARTICLE = "Ann Smith of Acme Corp. praised Bob Jones in Berlin on Monday. " * 8
LONG = "The committee met again and nothing was decided about the matter at hand. " * 3_000


@pytest.fixture(scope="module")
def narrow(tmp_path_factory):
    """A server with one worker, eight threads and a short queue."""
    folder = tmp_path_factory.mktemp("narrow")
    with running_server(
        folder, WORKERS="1", THREADS="8", QUEUE_TOKENS="1024", CACHE_BYTES="0"
    ) as server:
        yield server


def enrich(server, text=ARTICLE, timeout=60, **headers):
    body = {"text": text, "language": "en"}
    return requests.post(f"{server.url}/v1/enrich", json=body, headers=headers, timeout=timeout)


def stalled(server, *pieces):
    connection = socket.create_connection((server.host, server.port), timeout=60)
    for piece in pieces:
        connection.sendall(piece)
    return connection


def test_a_burst_is_rejected_with_retry_after(narrow):
    with ThreadPoolExecutor(40) as clients:
        answers = list(clients.map(lambda _: enrich(narrow), range(120)))
    refused = [answer for answer in answers if answer.status_code == 503]
    assert {answer.status_code for answer in answers} == {200, 503}
    for answer in refused:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["type"] == "/problems/overloaded"
        assert 1 <= int(answer.headers["Retry-After"]) < 60
    given = {json.dumps(answer.json()) for answer in answers if answer.status_code == 200}
    assert len(given) == 1
    assert enrich(narrow).status_code == 200


def test_the_health_check_responds_under_overload(narrow):
    stop = threading.Event()

    def send_requests():
        while not stop.is_set():
            enrich(narrow)

    with ThreadPoolExecutor(20) as clients:
        pending = [clients.submit(send_requests) for _ in range(20)]
        statuses = [
            requests.get(f"{narrow.url}/healthz", timeout=10).status_code for _ in range(50)
        ]
        stop.set()
        for request in pending:
            request.result()
    assert set(statuses) == {200}


def test_a_long_article_does_not_delay_short_ones(narrow):
    with ThreadPoolExecutor(1) as clients:
        long = clients.submit(enrich, narrow, LONG)
        time.sleep(1)
        while not long.done():
            assert enrich(narrow).status_code == 200
            if not long.done():
                break
        else:
            pytest.fail("the long article finished before any short one")
        assert long.result().json()["coverage"]["analyzed"] == len(LONG)


@pytest.mark.parametrize(("timeout", "status"), [("0.2", 504), ("1000000000", 422), ("x", 422)])
def test_a_client_can_limit_the_time_of_its_request(narrow, timeout, status):
    answer = enrich(narrow, LONG, **{"X-Request-Timeout": timeout})
    assert answer.status_code == status
    if status == 504:
        assert answer.json()["type"] == "/problems/out-of-time"
    else:
        assert answer.json()["errors"][0]["parameter"] == "X-Request-Timeout"
    assert enrich(narrow).status_code == 200


def test_articles_of_a_batch_over_the_time_limit_fail_one_by_one(narrow):
    answer = requests.post(
        f"{narrow.url}/v1/enrich/batch",
        json={"articles": [{"text": "Ann.", "language": "en"}, {"text": LONG, "language": "en"}]},
        headers={"X-Request-Timeout": "1"},
        timeout=60,
    )
    assert [result["status"] for result in answer.json()["results"]] == [200, 504]


def test_processing_stops_when_the_client_disconnects(narrow):
    body = json.dumps({"text": LONG, "language": "en"}).encode()
    head = (
        "POST /v1/enrich HTTP/1.1\r\nHost: x\r\nX-Request-Id: hung-up\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with stalled(narrow, head.encode(), body):
        time.sleep(0.5)
    assert narrow.log_of("hung-up", 30)["status"] == 499


def test_stalled_clients_do_not_delay_others(narrow):
    head = b"POST /v1/enrich HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
    with ExitStack() as connections:
        slow = [
            connections.enter_context(stalled(narrow, *pieces))
            for pieces in (
                *[()] * 100,
                *[(b"P",)] * 100,
                *[(head,)] * 100,
                *[(head, b"Content-Length: 1000\r\n\r\n", b"x")] * 100,
                *[(head, b"Content-Length: 100000\r\n\r\n", b"x" * 70_000)] * 5,
                *[(head, b"Transfer-Encoding: chunked\r\n\r\n", b"5\r\nab")] * 5,
            )
        ]
        for _ in range(5):
            assert enrich(narrow, timeout=15).status_code == 200
        for connection in slow[100:]:
            with connection.makefile("rb") as answer:
                assert b" 408 " in answer.readline()
    assert enrich(narrow).status_code == 200


def test_a_stream_can_pause_between_lines(narrow):
    head = (
        b"POST /v1/enrich/batch?features=sentiment HTTP/1.1\r\nHost: x\r\n"
        b"Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    line = b'{"text": "Ann.", "language": "en"}\n'
    with stalled(narrow, head, b"%x\r\n%s\r\n" % (len(line), line)) as connection:
        time.sleep(12)  # longer than a body can stall
        connection.sendall(b"%x\r\n%s\r\n0\r\n\r\n" % (len(line), line))
        received = b""
        while piece := connection.recv(65536):
            received += piece
    assert received.count(b'"status":200') == 2


def test_the_number_of_concurrent_streams_is_limited(narrow):
    head = (
        b"POST /v1/enrich/batch HTTP/1.1\r\nHost: x\r\n"
        b"Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    with stalled(narrow, head), stalled(narrow, head):
        time.sleep(0.5)
        with stalled(narrow, head) as third, third.makefile("rb") as answer:
            assert b" 503 " in answer.readline()
        assert enrich(narrow).status_code == 200
