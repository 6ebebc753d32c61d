"""Streams of articles through a real server."""

import json
import signal
import socket
import time

import requests

from tests.bundle import SEED
from tests.conftest import running_server

PATH = "/v1/enrich/batch?features=sentiment"
ARTICLE = json.dumps({"text": SEED.read_text("utf-8")[:600]}).encode() + b"\n"


class Caller:
    """Someone who streams lines, a chunk each, and reads when they like."""

    def __init__(self, server, head: bytes = b"Transfer-Encoding: chunked\r\n"):
        self._socket = socket.create_connection((server.host, server.port), timeout=60)
        self._socket.sendall(
            b"POST %s HTTP/1.1\r\nHost: test\r\nContent-Type: application/x-ndjson\r\n%s\r\n"
            % (PATH.encode(), head)
        )
        self._file = self._socket.makefile("rb")
        self._in_body = False

    def send(self, lines: bytes) -> None:
        self._socket.sendall(b"%x\r\n%s\r\n" % (len(lines), lines))

    def end(self) -> None:
        self._socket.sendall(b"0\r\n\r\n")

    def line(self) -> dict | None:
        """The next answer; ``None`` after the last."""
        if not self._in_body:
            assert self._file.readline().startswith(b"HTTP/1.1 200")
            while self._file.readline() != b"\r\n":
                pass
            self._in_body = True
        size = int(self._file.readline(), 16)
        chunk = self._file.read(size + 2)[:-2]
        return json.loads(chunk) if size else None

    def rest(self) -> list[dict]:
        return list(iter(self.line, None))

    def hang_up(self) -> None:
        self._file.close()
        self._socket.close()


def test_a_line_is_answered_before_the_next_is_sent(server):
    caller = Caller(server)
    for number in (1, 2, 3):
        caller.send(ARTICLE)
        answer = caller.line()
        assert (answer["line"], answer["status"]) == (number, 200)
    caller.end()
    assert caller.rest() == []


def test_a_line_may_come_in_pieces(server):
    caller = Caller(server)
    for k in range(0, len(ARTICLE), 100):
        caller.send(ARTICLE[k : k + 100])
    caller.end()
    assert [answer["status"] for answer in caller.rest()] == [200]


def test_a_caller_may_write_everything_before_reading_anything(server):
    caller = Caller(server)
    padded = json.dumps({"text": "Ann Lee left. ", "id": "x" * 250}).encode() + b"\n"
    for _ in range(20):
        caller.send(padded * 1_000)
    caller.end()
    found = caller.rest()
    assert [answer["line"] for answer in found] == list(range(1, 20_001))
    assert {answer["status"] for answer in found} == {200}


def test_a_body_of_known_length_is_answered_line_by_line_too(server):
    caller = Caller(server, b"Content-Length: %d\r\n" % (2 * len(ARTICLE)))
    caller._socket.sendall(ARTICLE)
    assert caller.line()["line"] == 1
    caller._socket.sendall(ARTICLE)
    assert caller.line()["line"] == 2
    assert caller.line() is None


def test_chunks_that_make_no_sense_end_the_stream_with_a_problem(server):
    caller = Caller(server)
    caller.send(ARTICLE)
    assert caller.line()["status"] == 200
    caller._socket.sendall(b"no size\r\n")
    last = caller.line()
    assert last["status"] == 400
    assert "line" not in last
    assert caller.line() is None


def test_the_work_stops_when_the_caller_hangs_up(server):
    caller = Caller(server)
    caller.send(ARTICLE * 2_000)
    assert caller.line()["line"] == 1
    caller.hang_up()
    for _ in range(100):
        ended = [line["message"] for line in server.logs() if "by the client" in line["message"]]
        if ended:
            break
        time.sleep(0.1)
    [message] = ended
    assert int(message.split()[2]) < 1_000


def test_a_server_that_is_told_to_stop_says_what_it_has_answered(tmp_path):
    with running_server(tmp_path, WORKERS="1") as server:
        caller = Caller(server)
        caller.send(ARTICLE * 3_000)
        first = caller.line()
        server.process.send_signal(signal.SIGTERM)
        answers = [first, *caller.rest()]
        server.process.wait(timeout=60)
    *lines, last = answers
    assert [answer["line"] for answer in lines] == list(range(1, len(lines) + 1))
    assert last["status"] == 503
    assert last["problem"]["type"] == "/problems/broken-off"
    assert f" {len(lines)} lines" in last["problem"]["detail"]
    assert len(lines) < 3_000


def test_the_seed_gives_the_same_bytes_in_a_stream_as_alone(server):
    article = {"text": SEED.read_text("utf-8")}
    alone = requests.post(f"{server.url}/v1/enrich", json=article, timeout=60)
    stream = requests.post(
        f"{server.url}/v1/enrich/batch",
        data=json.dumps(article) + "\n",
        headers={"Content-Type": "application/x-ndjson"},
        timeout=60,
    )
    assert stream.content == b'{"line":1,"status":200,"enrichment":%s}\n' % alone.content.strip()
