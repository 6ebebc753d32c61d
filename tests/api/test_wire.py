"""What only shows on the wire: the server's own errors, limits, and how connections end."""

import json
import socket
import time

import pytest
import requests

HEADERS = b"Host: localhost\r\nContent-Type: text/plain\r\nConnection: close\r\n"
LIMIT = 4 * 1024**2


def answer(raw: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, header fields by lower-case name, and body of the last response in ``raw``."""
    raw = raw[raw.rindex(b"HTTP/1.1 ") :]
    head, _, body = raw.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    fields = dict(line.split(": ", 1) for line in lines)
    return int(status.split()[1]), {name.lower(): value for name, value in fields.items()}, body


def post(rest: bytes) -> bytes:
    return b"POST /v1/enrich HTTP/1.1\r\n" + HEADERS + rest


UNREADABLE = {
    "not HTTP": (b"GARBAGE\r\n\r\n", 400, "malformed-request"),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "malformed-request"),
    "a wrong version": (b"GET / HTTP/9.9\r\n\r\n", 400, "malformed-request"),
    "a wrong method": (b"get / HTTP/1.1\r\n\r\n", 400, "malformed-request"),
    "bare line feeds": (b"GET / HTTP/1.1\nHost: x\n\n", 400, "malformed-request"),
    "a space in a name": (b"GET / HTTP/1.1\r\nA b: c\r\n\r\n", 400, "malformed-request"),
    "a folded header": (b"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", 400, "malformed-request"),
    "two hosts": (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "malformed-request"),
    "a length that is none": (post(b"Content-Length: ten\r\n\r\n"), 400, "malformed-request"),
    "a negative length": (post(b"Content-Length: -1\r\n\r\n"), 400, "malformed-request"),
    "two lengths": (
        post(b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
        400,
        "malformed-request",
    ),
    "length and chunks": (
        post(b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        400,
        "malformed-request",
    ),
    "another transfer coding": (
        post(b"Transfer-Encoding: nonesuch\r\n\r\n"),
        501,
        "unsupported-transfer-coding",
    ),
    "a chunk size that is none": (
        post(b"Transfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n"),
        400,
        "malformed-request",
    ),
    "a chunk longer than it says": (
        post(b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n"),
        400,
        "malformed-request",
    ),
    "a long request line": (
        b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\n\r\n",
        414,
        "uri-too-long",
    ),
    "a long header": (
        b"GET / HTTP/1.1\r\nA: " + b"a" * 9000 + b"\r\n\r\n",
        431,
        "headers-too-large",
    ),
    "many headers": (
        b"GET / HTTP/1.1\r\n" + b"".join(b"A%d: b\r\n" % i for i in range(150)) + b"\r\n",
        431,
        "headers-too-large",
    ),
    "an expectation": (post(b"Expect: miracles\r\n\r\n"), 417, "expectation-failed"),
}


@pytest.mark.parametrize(("raw", "status", "kind"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_the_server_cannot_read_gets_its_problem_and_its_line(server, raw, status, kind):
    got, fields, body = answer(server.send(raw))
    assert got == status
    assert fields["content-type"] == "application/problem+json"
    assert fields["connection"] == "close"
    assert fields["x-content-type-options"] == "nosniff"
    problem = json.loads(body)
    assert problem["type"] == f"/problems/{kind}"
    assert problem["status"] == status
    assert problem["request_id"] == fields["x-request-id"]
    assert kind != "headers-too-large" or "8190 bytes" in problem["detail"]
    line = server.log_of(problem["request_id"])
    assert (line["status"], line["problem"]) == (status, problem["type"])
    assert line["level"] == "INFO"


def test_the_server_says_which_but_not_which_version_it_is(server):
    assert requests.get(f"{server.url}/healthz", timeout=10).headers["Server"] == "gunicorn"


def test_a_body_that_is_too_large_is_rejected_before_it_is_sent(server):
    began = time.monotonic()
    got, fields, body = answer(server.send(post(b"Content-Length: 999999999\r\n\r\n")))
    assert got == 413
    assert fields["connection"] == "close"
    assert json.loads(body)["type"] == "/problems/body-too-large"
    assert time.monotonic() - began < 8


@pytest.mark.parametrize("megabytes", [5, 40])
def test_a_caller_who_sends_all_of_it_first_still_receives_the_reason(server, megabytes):
    length = megabytes * 1024**2
    with socket.create_connection((server.host, server.port), timeout=20) as connection:
        connection.sendall(post(f"Content-Length: {length}\r\n\r\n".encode()))
        connection.sendall(b"x" * length)
        received = b""
        while piece := connection.recv(65536):
            received += piece
    assert answer(received)[0] == 413


def test_a_chunked_body_that_is_too_large_is_rejected(server):
    pieces = (b"Ann met Joe in Paris. " * 3000 for _ in range(100))
    response = requests.post(
        f"{server.url}/v1/enrich", data=pieces, headers={"Content-Type": "text/plain"}, timeout=20
    )
    assert response.status_code == 413
    assert response.headers["Connection"] == "close"
    assert server.log_of(response.headers["X-Request-Id"])["problem"] == "/problems/body-too-large"


def test_a_chunked_body_is_read_whole(server):
    pieces = [b"Ann met Joe ", b"in Paris."]
    response = requests.post(
        f"{server.url}/v1/enrich",
        data=iter(pieces),
        headers={"Content-Type": "text/plain"},
        timeout=20,
    )
    assert response.json()["coverage"]["characters"] == len(b"".join(pieces))


def test_a_caller_who_hangs_up_inside_the_body_is_no_fault_of_ours(server):
    before = len(server.logs())
    for rest in (
        b"Content-Length: 100\r\n\r\nAnn",
        b"Transfer-Encoding: chunked\r\n\r\n64\r\nAnn",
        b"Transfer-Encoding: chunked\r\n\r\n3\r\nAnn\r\n",
    ):
        with socket.create_connection((server.host, server.port), timeout=10) as connection:
            connection.sendall(post(rest))
            connection.shutdown(socket.SHUT_WR)
            raw = b""
            while piece := connection.recv(65536):
                raw += piece
        assert answer(raw)[0] == 400
    assert {line["level"] for line in server.logs()[before:]} <= {"INFO"}


def test_a_caller_may_wait_for_leave_to_send(server):
    with socket.create_connection((server.host, server.port), timeout=10) as connection:
        connection.sendall(post(b"Content-Length: 12\r\nExpect: 100-continue\r\n\r\n"))
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 Continue\r\n\r\n")
        connection.sendall(b"Ann met Joe.")
        raw = b""
        while piece := connection.recv(65536):
            raw += piece
    assert answer(raw)[0] == 200


def test_a_connection_can_be_used_again_after_an_answer_and_after_a_problem(server):
    with requests.Session() as session:
        for body, status in (("Ann.", 200), ("", 422), ("Ann.", 200)):
            response = session.post(
                f"{server.url}/v1/enrich",
                data=body,
                headers={"Content-Type": "text/plain"},
                timeout=20,
            )
            assert response.status_code == status
            assert response.headers["Connection"] == "keep-alive"


def test_head_has_the_header_fields_of_get_and_no_body(server):
    raw = server.send(b"HEAD /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    got, fields, body = answer(raw)
    assert (got, body) == (200, b"")
    assert fields["x-request-id"]
