"""When a request that is still coming is worth a thread."""

import pytest

from service.server.buffered_worker import HELD, RequestBuffer

HEAD = b"POST /v1/enrich HTTP/1.1\r\nHost: x\r\n"


def ready_after(*pieces, most=10**6):
    """How many of ``pieces`` it takes, and whether the request was whole then."""
    arrival = RequestBuffer(most)
    for number, piece in enumerate(pieces, 1):
        if arrival.take(piece):
            return number, arrival.whole
    return None


def test_a_request_without_a_body_is_ready_with_its_head():
    assert ready_after(b"GET / HTTP/1.1\r\n", b"Host: x\r\n", b"\r\n") == (3, True)


def test_a_request_is_ready_with_the_last_byte_of_its_body():
    whole = HEAD + b"Content-Length: 5\r\n\r\nabcde"
    assert ready_after(*[bytes([byte]) for byte in whole]) == (len(whole), True)


def test_an_end_of_the_head_that_comes_in_two_pieces_is_found():
    assert ready_after(HEAD + b"\r", b"\n") == (2, True)


@pytest.mark.parametrize(
    "field",
    [
        b"Transfer-Encoding: chunked",
        b"transfer-encoding:chunked",
        b"Expect: 100-continue\r\nContent-Length: 9",
        b"Content-Type: application/x-ndjson\r\nContent-Length: 9",
    ],
)
def test_a_body_that_waits_for_its_reader_is_read_at_once(field):
    assert ready_after(HEAD, field, b"\r\n\r\n") == (3, False)


def test_a_long_body_is_read_when_much_of_it_is_there():
    head = HEAD + b"Content-Length: 200000\r\n\r\n"
    assert ready_after(head, b"x" * (HELD - len(head) - 1), b"x", b"x") == (3, False)


def test_a_body_that_is_too_long_is_refused_at_once():
    assert ready_after(HEAD + b"Content-Length: 2000001\r\n\r\n") == (1, True)


@pytest.mark.parametrize(
    "sent", [b"nonsense\r\n", b"\r\nGET\r\n", b"GET / HTTP/3\r\n", b"\x16\x03\x01\x02\x00\x01"]
)
def test_what_is_no_http_is_read_at_once_to_be_refused(sent):
    assert ready_after(sent) == (1, True)


def test_empty_lines_before_a_request_are_nothing_yet():
    assert ready_after(b"\r\n", b"\r\n", b"GET / HTTP/1.1\r\n", b"\r\n") == (4, True)


def test_a_head_without_an_end_is_read_when_it_is_too_long():
    assert ready_after(HEAD, b"X: " + b"y" * HELD) == (2, True)
