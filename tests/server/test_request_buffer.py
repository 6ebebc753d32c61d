import pytest

from service.server.request_buffer import BUFFER_BYTES, HEAD_BYTES, RequestBuffer

HEAD = b"POST /v1/enrich HTTP/1.1\r\nHost: x\r\n"


def append_until_ready(*pieces, max_body_bytes=10**6):
    """Return the number of pieces until a thread can read, and whether the request is complete."""
    buffer = RequestBuffer(max_body_bytes)
    for number, piece in enumerate(pieces, 1):
        if buffer.append(piece):
            return number, buffer.complete
    return None


def test_a_request_without_a_body_is_ready_with_its_head():
    assert append_until_ready(b"GET / HTTP/1.1\r\n", b"Host: x\r\n", b"\r\n") == (3, True)


def test_a_request_is_ready_with_the_last_byte_of_its_body():
    request = HEAD + b"Content-Length: 5\r\n\r\nabcde"
    assert append_until_ready(*[bytes([byte]) for byte in request]) == (len(request), True)


def test_the_end_of_the_head_can_be_split_between_pieces():
    assert append_until_ready(HEAD + b"\r", b"\n") == (2, True)


@pytest.mark.parametrize(
    "field",
    [
        b"Transfer-Encoding: chunked",
        b"transfer-encoding:chunked",
        b"Expect: 100-continue\r\nContent-Length: 9",
        b"Content-Type: application/x-ndjson\r\nContent-Length: 9",
    ],
)
def test_a_body_that_the_application_controls_is_not_buffered(field):
    assert append_until_ready(HEAD, field, b"\r\n\r\n") == (3, False)


def test_a_long_body_is_ready_when_the_buffer_is_full():
    head = HEAD + b"Content-Length: 200000\r\n\r\n"
    assert append_until_ready(head, b"x" * (BUFFER_BYTES - len(head) - 1), b"x", b"x") == (3, False)


def test_a_body_over_the_size_limit_is_not_buffered():
    assert append_until_ready(HEAD + b"Content-Length: 2000001\r\n\r\n") == (1, True)


@pytest.mark.parametrize(
    "data", [b"nonsense\r\n", b"\r\nGET\r\n", b"GET / HTTP/3\r\n", b"\x16\x03\x01\x02\x00\x01"]
)
def test_bytes_that_are_not_http_are_ready_at_once(data):
    assert append_until_ready(data) == (1, True)


def test_empty_lines_before_a_request_are_ignored():
    assert append_until_ready(b"\r\n", b"\r\n", b"GET / HTTP/1.1\r\n", b"\r\n") == (4, True)


def test_a_request_is_not_ready_before_its_last_byte():
    assert append_until_ready(HEAD + b"Content-Length: 5\r\n\r\nabcd") is None
    assert append_until_ready(HEAD) is None


def test_a_head_above_its_limit_is_rejected():
    buffer = RequestBuffer(10**6)
    assert not buffer.append(HEAD + b"X: " + b"y" * (HEAD_BYTES - len(HEAD) - 4))
    assert buffer.append(b"y")
    assert buffer.head_too_large


def test_a_request_line_above_the_limit_is_left_to_the_parser():
    buffer = RequestBuffer(10**6)
    assert buffer.append(b"GET /" + b"x" * HEAD_BYTES)
    assert not buffer.head_too_large
    assert buffer.data.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("request_bytes", "probe"),
    [
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", True),
        (b"HEAD /metrics?a HTTP/1.1\r\nHost: x\r\n\r\n", True),
        (b"GET /healthz HTTP/1.1\r\nContent-Length: 9\r\n\r\n", False),
        (b"GET /healthz HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", False),
        (b"GET /healthzz HTTP/1.1\r\nHost: x\r\n\r\n", False),
    ],
)
def test_probes_are_requests_without_a_body(request_bytes, probe):
    buffer = RequestBuffer(10**6)
    buffer.append(request_bytes)
    assert buffer.probe is probe
