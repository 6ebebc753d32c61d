"""Heads of requests that HTTP requires to reject."""

import pytest

BODY = b"5\r\nhello\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    "fields",
    [
        b"",
        b"Host: a\r\nHost: b\r\n",
        b"Host: a b\r\n",
        b"Host: a/b\r\n",
        b"Host: a@b\r\n",
        b"Host: a:port\r\n",
        b"Host: [::1\r\n",
        b"Host:\r\n",
    ],
)
def test_a_request_needs_one_valid_host(server, fields):
    answer = server.send(b"GET /healthz HTTP/1.1\r\nConnection: close\r\n" + fields + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"/problems/malformed-request" in answer


@pytest.mark.parametrize("host", [b"localhost", b"a.example:8080", b"[::1]:8000", b"127.0.0.1"])
def test_a_valid_host_is_accepted(server, host):
    fields = b"Host: " + host + b"\r\nConnection: close\r\n\r\n"
    assert server.send(b"GET /healthz HTTP/1.1\r\n" + fields).startswith(b"HTTP/1.1 200 ")


def test_http_1_0_needs_no_host(server):
    assert server.send(b"GET /healthz HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.0 200 ")


@pytest.mark.parametrize("coding", [b"gzip, chunked", b"deflate, chunked", b"GZIP,chunked"])
def test_other_transfer_codings_than_chunked_are_not_supported(server, coding):
    head = (
        b"POST /v1/enrich HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        b"Content-Type: text/plain\r\nTransfer-Encoding: " + coding + b"\r\n\r\n"
    )
    answer = server.send(head + BODY)
    assert answer.startswith(b"HTTP/1.1 501 ")
    assert b"/problems/unsupported-transfer-coding" in answer


@pytest.mark.parametrize(
    "path", [b"//metrics", b"///metrics", b"/%2Fmetrics", b"http://x//metrics"]
)
def test_two_slashes_do_not_lead_around_the_rules_of_a_proxy(server, path):
    head = b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert server.send(head).startswith(b"HTTP/1.1 404 ")


@pytest.mark.parametrize("field", [b"SCRIPT_NAME: /metrics", b"Path_Info: /metrics"])
def test_no_header_field_changes_the_path(server, field):
    head = b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    assert server.send(head + field + b"\r\n\r\n").startswith(b"HTTP/1.1 200 ")
