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


class StreamClient:
    """Sends lines, each as a chunk, independently of reading the response."""

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

    def send_raw(self, data: bytes) -> None:
        self._socket.sendall(data)

    def end(self) -> None:
        self._socket.sendall(b"0\r\n\r\n")

    def line(self) -> dict | None:
        """Read the next line of the response; ``None`` at its end."""
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

    def disconnect(self) -> None:
        self._file.close()
        self._socket.close()


def test_a_line_is_answered_before_the_next_is_sent(server):
    client = StreamClient(server)
    for number in (1, 2, 3):
        client.send(ARTICLE)
        answer = client.line()
        assert (answer["line"], answer["status"]) == (number, 200)
    client.end()
    assert client.rest() == []


def test_a_line_can_arrive_in_pieces(server):
    client = StreamClient(server)
    for k in range(0, len(ARTICLE), 100):
        client.send(ARTICLE[k : k + 100])
    client.end()
    assert [answer["status"] for answer in client.rest()] == [200]


def test_a_client_can_send_all_lines_before_it_reads_a_response(server):
    client = StreamClient(server)
    padded = json.dumps({"text": "Ann Lee left. ", "id": "x" * 250}).encode() + b"\n"
    for _ in range(20):
        client.send(padded * 1_000)
    client.end()
    answers = client.rest()
    assert [answer["line"] for answer in answers] == list(range(1, 20_001))
    assert {answer["status"] for answer in answers} == {200}


def test_a_body_with_content_length_is_answered_line_by_line(server):
    client = StreamClient(server, b"Content-Length: %d\r\n" % (2 * len(ARTICLE)))
    client.send_raw(ARTICLE)
    assert client.line()["line"] == 1
    client.send_raw(ARTICLE)
    assert client.line()["line"] == 2
    assert client.line() is None


def test_an_invalid_chunk_ends_the_stream_with_a_problem(server):
    client = StreamClient(server)
    client.send(ARTICLE)
    assert client.line()["status"] == 200
    client.send_raw(b"no size\r\n")
    last = client.line()
    assert last["status"] == 400
    assert "line" not in last
    assert client.line() is None


def test_processing_stops_when_the_client_disconnects(server):
    client = StreamClient(server)
    client.send(ARTICLE * 2_000)
    assert client.line()["line"] == 1
    client.disconnect()
    for _ in range(100):
        ended = [line["message"] for line in server.logs() if "by the client" in line["message"]]
        if ended:
            break
        time.sleep(0.1)
    [message] = ended
    assert int(message.split()[2]) < 1_000


def test_a_stream_reports_the_lines_answered_when_the_server_stops(tmp_path):
    with running_server(tmp_path, WORKERS="1") as server:
        client = StreamClient(server)
        client.send(ARTICLE * 60_000)
        first = client.line()
        server.process.send_signal(signal.SIGTERM)
        answers = [first, *client.rest()]
        server.process.wait(timeout=60)
    *lines, last = answers
    assert [answer["line"] for answer in lines] == list(range(1, len(lines) + 1))
    assert last["status"] == 503
    assert last["problem"]["type"] == "/problems/broken-off"
    assert f" {len(lines)} lines" in last["problem"]["detail"]
    assert len(lines) < 60_000


def test_an_enrichment_has_the_same_bytes_in_a_stream_and_alone(server):
    article = {"text": SEED.read_text("utf-8")}
    alone = requests.post(f"{server.url}/v1/enrich", json=article, timeout=60)
    stream = requests.post(
        f"{server.url}/v1/enrich/batch",
        data=json.dumps(article) + "\n",
        headers={"Content-Type": "application/x-ndjson"},
        timeout=60,
    )
    assert stream.content == b'{"line":1,"status":200,"enrichment":%s}\n' % alone.content.strip()
