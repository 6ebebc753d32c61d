"""The attacks. Each of them once crashed a server or made it unavailable to its clients."""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import socket
import struct
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any

JSON, TEXT, HTML, LINES = "application/json", "text/plain", "text/html", "application/x-ndjson"
_READ_SECONDS = 60.0


@dataclass
class Outcome:
    """The responses to an attack.

    Attributes:
        statuses: number of responses by status; 0 for connections without a response.
        largest: bytes of the largest response.
        wrong: a sentence for each failure.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    largest: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Target:
    """The server on a port.

    Attributes:
        port: of 127.0.0.1.
        secret: the API key of the attacker; empty if the server requires none.
    """

    port: int
    secret: str = ""

    def with_key(self, content: bytes) -> bytes:
        """The bytes of a request, with the key as the first header field."""
        if not self.secret:
            return content
        line, separator, rest = content.partition(b"\r\n")
        return line + separator + f"X-API-Key: {self.secret}\r\n".encode() * bool(separator) + rest


Attack = Callable[[Target], Coroutine[Any, Any, Outcome]]
"""Attacks a server."""


def request(body: bytes, media_type: str = TEXT, path: str = "/v1/enrich", **fields: str) -> bytes:
    """A complete request. ``_`` in the names of ``fields`` becomes ``-``."""
    head = {"Host": "127.0.0.1", "Content-Type": media_type, "Content-Length": str(len(body))}
    head |= {name.replace("_", "-"): value for name, value in fields.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    return f"POST {path} HTTP/1.1\r\n{lines}Connection: close\r\n\r\n".encode() + body


def packed(
    text: str, media_type: str = TEXT, path: str = "/v1/enrich?language=en", **fields: str
) -> bytes:
    """A request whose body is ``text`` in gzip; no language detector rejects it."""
    body = gzip.compress(text.encode(), mtime=0)
    return request(body, media_type, path, Content_Encoding="gzip", **fields)


async def send(target: Target, content: bytes) -> tuple[int, int]:
    """Send bytes; return the status, 0 without a response, and the size of the response."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
    except OSError:
        return 0, 0
    size = status = 0
    try:
        writer.write(target.with_key(content))
        await writer.drain()
        async with asyncio.timeout(_READ_SECONDS):
            first = await reader.readline()
            status = int(first.split()[1]) if first.startswith(b"HTTP/1.") else 0
            size = len(first)
            while piece := await reader.read(1 << 16):
                size += len(piece)
    except (OSError, TimeoutError, ValueError, IndexError):
        pass
    finally:
        writer.close()
    return status, size


async def send_all(target: Target, contents: Iterable[bytes], at_once: int = 32) -> Outcome:
    """Send many requests, some at the same time."""
    outcome, places = Outcome(), asyncio.Semaphore(at_once)

    async def one(content: bytes) -> None:
        async with places:
            status, size = await send(target, content)
        outcome.statuses[status] += 1
        outcome.largest = max(outcome.largest, size)

    await asyncio.gather(*map(one, contents))
    return outcome


async def combining_marks(target: Target) -> Outcome:
    """Words without a word piece, so that the limit of a window does not count them."""
    return await send_all(target, [packed("\u0301\f" * 500_000)] * 2)


async def slow_heads(target: Target) -> Outcome:
    """Heads of 64 KiB that never end."""
    head = b"POST /v1/enrich HTTP/1.1\r\nHost: a\r\n"
    head += b"".join(b"X-%d: %s\r\n" % (i, b"a" * 8000) for i in range(9))
    return await _dripping(target, 300, head, seconds=24)


async def silent_connections(target: Target) -> Outcome:
    """Connections that send nothing."""
    return await _dripping(target, 1500, b"", seconds=10, piece=b"")


async def silent_streams(target: Target) -> Outcome:
    """NDJSON streams that send no line."""
    head = (
        b"POST /v1/enrich/batch HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    return await _dripping(target, 64, head, seconds=15, piece=b"")


async def slow_bodies(target: Target) -> Outcome:
    """Bodies that send a byte every two seconds."""
    head = b"POST /v1/enrich HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n"
    return await _dripping(target, 300, head + b"Content-Length: 200000\r\n\r\n", seconds=24)


async def _dripping(
    target: Target, connections: int, first: bytes, seconds: float, piece: bytes = b"a"
) -> Outcome:
    outcome = Outcome()
    writers: list[asyncio.StreamWriter] = []
    for _ in range(connections):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", target.port)
            writer.write(target.with_key(first))
            writers.append(writer)
        except OSError:
            outcome.statuses[0] += 1
    ends = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < ends:
        await asyncio.sleep(2)
        if piece:
            for writer in writers:
                if not writer.is_closing():
                    writer.write(piece)
    for writer in writers:
        writer.transport.abort()
    return outcome


async def slow_readers(target: Target) -> Outcome:
    """Clients that read a large response at less than a kilobyte per second."""
    content = packed("Ann Cole met Bob Dee in Lima. " * 6000)
    loop, sockets = asyncio.get_running_loop(), []
    for _ in range(200):
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.setblocking(False)
        try:
            await loop.sock_connect(connection, ("127.0.0.1", target.port))
            await loop.sock_sendall(connection, target.with_key(content))
            sockets.append(connection)
        except OSError:
            connection.close()
    for _ in range(8):
        await asyncio.sleep(3)
        for connection in sockets:
            try:
                connection.recv(2048)
            except OSError:
                continue
    for connection in sockets:
        connection.close()
    return Outcome()


async def hopeless_deadlines(target: Target) -> Outcome:
    """Work outside the encoder that a deadline of one second must stop."""
    return await send_all(target, [packed("(" * 250_000, X_Request_Timeout="1")] * 12)


async def hopeless_pages(target: Target) -> Outcome:
    """Pages whose parser a deadline of one second must stop."""
    page = "<table>" + "<tr><td>x" * 40_000
    return await send_all(target, [packed(page, HTML, X_Request_Timeout="1")] * 12)


async def long_articles(target: Target) -> Outcome:
    """Articles with almost as many words as one may have, which take the most memory."""
    texts = ["a " * 999_000, "(" * 999_000, "Ann Lee, " * 300_000]
    contents = [packed(text, X_Request_Timeout="10") for text in texts]
    return await send_all(target, contents * 6)


async def repeated_articles(target: Target) -> Outcome:
    """An article with a large response, again and again: it comes from the cache."""
    content = packed("Ann Cole met Bob Dee in Lima. " * 6000)
    return await send_all(target, [content] * 128, at_once=64)


async def hostile_pages(target: Target) -> Outcome:
    """Pages of a few hundred compressed bytes that occupy a parser for seconds."""
    pages = [
        "<table>" + "<tr><td>x" * 40_000,
        "<p>Word" * 110_000,
        "<p>2020-01-01 " * 57_000,
        "<div>" * 100_000 + "x",
        "<a href=x>" * 60_000,
        "<article>" + "<p>" + "&amp;" * 100_000,
    ]
    return await send_all(target, [packed(page, HTML) for page in pages * 2], at_once=12)


async def superlinear_texts(target: Target) -> Outcome:
    """Texts whose processing once grew with the square of their length."""
    chance = random.Random(0)
    names = " ".join(
        f"{_word(chance, 6).title()} Bank ({_word(chance, 4).upper()}) fell." for _ in range(16_000)
    )
    texts = [
        names,
        "(" * 500_000,
        "(a " * 266_000,
        "“" * 300_000,
        "a. " * 200_000,
        "A.B." * 150_000,
    ]
    return await send_all(target, [packed(text) for text in texts], at_once=3)


def _word(chance: random.Random, letters: int) -> str:
    return "".join(chance.choices("abcdefgh", k=letters))


async def skippable_frames(target: Target) -> Outcome:
    """A zstd body of empty skippable frames."""
    frame = struct.pack("<II", 0x184D2A50, 0)
    return await send_all(target, [request(frame * 500_000, Content_Encoding="zstd")] * 2)


async def spooled_streams(target: Target) -> Outcome:
    """Streams that decompress to more lines than the spool can hold."""
    line = json.dumps({"text": "Ann Cole left. " * 4000}) + "\n"
    content = packed(line * 4500, LINES, "/v1/enrich/batch")

    async def one() -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", target.port)
        writer.write(target.with_key(content))
        await asyncio.sleep(20)
        writer.transport.abort()

    await asyncio.gather(*(one() for _ in range(10)), return_exceptions=True)
    return Outcome()


async def amplifying_errors(target: Target) -> Outcome:
    """Bodies with many errors, or with one long unknown name."""
    bodies = [
        json.dumps({"text": "a", "~" * 4096: 1}),
        json.dumps({"text": "a", **{f"key {i}": i for i in range(200_000)}}),
        json.dumps({"articles": [{"text": ""}] * 100}),
    ]
    contents = [request(body.encode(), JSON) for body in bodies]
    outcome = await send_all(target, contents)
    if outcome.largest > 1 << 16:
        outcome.wrong.append(f"an error of {outcome.largest} bytes")
    return outcome


async def odd_requests(target: Target) -> Outcome:
    """Requests with misleading framing or header fields; each has one correct status."""
    article = b'{"text": "Ann left."}'
    good = request(article, JSON)
    cases = [
        (good.replace(b"Content-Type", b"SCRIPT_NAME: /x\r\nContent-Type"), {200, 400}),
        (b"GET //metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", {404}),
        (
            b"POST /v1/enrich HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            b"Connection: close\r\nTransfer-Encoding: gzip, chunked\r\n\r\n15\r\n"
            + article
            + b"\r\n0\r\n\r\n",
            {501},
        ),
        (good.replace(b"Host: 127.0.0.1\r\n", b""), {400}),
        (good.replace(b"Host: 127.0.0.1", b"Host: a b"), {400}),
        (good.replace(b"Host: 127.0.0.1", b"Host: a\r\nHost: b"), {400}),
        (good.replace(b"Content-Length", b"Content-Length: 5\r\nContent-Length"), {400}),
        (good.replace(b"Connection", b"Origin: https://evil.example\r\nConnection"), {403}),
    ]
    outcome = Outcome()
    for content, allowed in cases:
        status, _ = await send(target, content)
        outcome.statuses[status] += 1
        if status not in allowed:
            line = content.split(b"\r\n\r\n")[0].replace(b"\r\n", b" | ")[:120].decode()
            outcome.wrong.append(f"{status} in place of {sorted(allowed)}: {line}")
    return outcome


SLOW: tuple[Attack, ...] = (
    slow_heads,
    silent_connections,
    silent_streams,
    slow_bodies,
    slow_readers,
)
"""Attacks that take their time, but little of the server's."""

QUICK: tuple[Attack, ...] = (
    combining_marks,
    hopeless_deadlines,
    hopeless_pages,
    long_articles,
    skippable_frames,
    amplifying_errors,
    odd_requests,
)
"""Attacks that end after some seconds."""

ATTACKS: tuple[Attack, ...] = (
    *SLOW,
    *QUICK,
    hostile_pages,
    superlinear_texts,
    repeated_articles,
    spooled_streams,
)


def together(attacks: Iterable[Attack]) -> Attack:
    """An attack that consists of others at the same time."""

    async def run(target: Target) -> Outcome:
        total = Outcome()
        for outcome in await asyncio.gather(*(attack(target) for attack in attacks)):
            total.statuses += outcome.statuses
            total.largest = max(total.largest, outcome.largest)
            total.wrong += outcome.wrong
        return total

    return run
