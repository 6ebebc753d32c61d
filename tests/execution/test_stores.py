"""Stores by themselves. Redis is tested against a server in :mod:`tests.end_to_end.test_cache`."""

import socket
import threading
import time
from contextlib import suppress

import pytest

from service.execution import stores
from service.execution.errors import StoreUnavailable
from service.execution.stores import MemoryStore, RedisStore


def test_memory_is_bounded_and_evicts_the_least_recently_used_value():
    memory = MemoryStore(10_000)
    for k in range(100):
        memory.put(str(k), bytes(1_000))
        memory.get("0")
    kept = [k for k in range(100) if memory.get(str(k)) is not None]
    assert kept == [0, 95, 96, 97, 98, 99]
    assert not memory.put("large", bytes(10_000))
    assert memory.get("large") is None
    assert memory.get("99") is not None


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """Time for a busy machine."""
    monkeypatch.setattr(stores, "REDIS_TIMEOUT", 5.0)


class FakeRedis:
    """A server that answers each GET with ``reply``, and keeps what SET sends."""

    def __init__(self) -> None:
        self.reply: bytes | None = None
        self.pause = 0.0
        self.values: dict[bytes, bytes] = {}
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as commands:
            while head := commands.readline():
                parts = []
                for _ in range(int(head[1:])):
                    size = int(commands.readline()[1:])
                    parts.append(commands.read(size + 2)[:-2])
                try:
                    self._answer(connection, parts)
                except OSError:
                    return

    def _answer(self, connection: socket.socket, parts: list[bytes]) -> None:
        if parts[0] == b"SET":
            self.values[parts[1]] = parts[2]
        if parts[0] == b"HELLO":
            connection.sendall(b"%1\r\n+proto\r\n:3\r\n")
            return
        if parts[0] != b"GET":
            connection.sendall(b"+OK\r\n")
            return
        value = self.values.get(parts[1])
        stored = b"_\r\n" if value is None else b"$%d\r\n%s\r\n" % (len(value), value)
        reply = stored if self.reply is None else self.reply
        if not self.pause:
            connection.sendall(reply)
            return
        for byte in reply:
            connection.sendall(bytes([byte]))
            time.sleep(self.pause)


def test_a_redis_returns_what_was_put_into_it():
    store = RedisStore(FakeRedis().url)
    assert store.get("key") is None
    assert store.put("key", b"value")
    assert store.get("key") == b"value"


def test_stores_with_one_secret_share_entries_and_others_do_not():
    server = FakeRedis()
    RedisStore(server.url, "a secret of theirs").put("key", b"value")
    assert RedisStore(server.url, "a secret of theirs").get("key") == b"value"
    assert RedisStore(server.url, "another secret").get("key") is None
    assert RedisStore(server.url).get("key") is None


def test_an_entry_under_another_key_is_ignored():
    server = FakeRedis()
    store = RedisStore(server.url)
    store.put("key", b"value")
    server.values[b"other"] = server.values[b"key"]
    assert store.get("other") is None


def test_a_response_that_drips_is_given_up_as_a_whole():
    server = FakeRedis()
    store = RedisStore(server.url)
    store.put("key", b"v" * 1000)
    server.pause = 0.05
    began = time.monotonic()
    with pytest.raises(StoreUnavailable):
        store.get("key")
    assert time.monotonic() - began < 25  # the whole response would take 50 seconds


@pytest.mark.parametrize(
    "reply",
    [
        b"*1\r\n$1\r\na\r\n",
        b":17\r\n",
        b"+OK\r\n",
        b"-ERR\r\n",
        b"-\r\n",
        b"$x\r\n",
        b"$-7\r\n",
        b"*-1\r\n",
        b"*x\r\n",
        b"%1\r\n+a\r\n+b\r\n",
        b"~1\r\n+a\r\n",
        b",nan\r\n",
        b"#t\r\n",
        b"(123\r\n",
        b"=3\r\ntxt\r\n",
        b">1\r\n+a\r\n",
        b"\xff\xfe\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"*1\r\n" * 500,
        b"$3\r\nabc\r\n",
        b"",
    ],
)
def test_a_reply_that_is_no_entry_is_a_miss_or_makes_the_store_unavailable(reply):
    server = FakeRedis()
    server.reply = reply
    with suppress(StoreUnavailable):
        assert RedisStore(server.url).get("key") is None
