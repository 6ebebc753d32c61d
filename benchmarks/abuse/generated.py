"""Malformed and hostile requests without end, the same ones for the same seed."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Iterator

from benchmarks.abuse.attacks import HTML, JSON, LINES, TEXT, request

_MARKS = "\u0301\u200d\ufeff\u202e\x00\x1b\n\r\t\f\v\u2028\ud83d\U0001f600…“”‘’«»()[]{}<>&;'\"\\/"
_TAGS = "p div table tr td article h1 a span script style !-- ![CDATA[ svg math title meta".split()


def requests(count: int, seed: int = 0) -> Iterator[bytes]:
    """So many requests, of all kinds in turn."""
    chance = random.Random(seed)
    makers: list[Callable[[random.Random], bytes]] = [
        _framing,
        _json,
        _encoding,
        _page,
        _text,
        _stream,
        _mutated,
    ]
    for number in range(count):
        yield makers[number % len(makers)](chance)


def _junk(chance: random.Random, most: int) -> bytes:
    return chance.randbytes(chance.randrange(most))


def _hostile_text(chance: random.Random, most: int = 400) -> str:
    unit = "".join(chance.choices(_MARKS + "aB. ", k=chance.randrange(1, 6)))
    return unit * chance.randrange(1, most)


def _framing(chance: random.Random) -> bytes:
    method = chance.choice(
        ["POST", "GET", "PRI", "", "POST POST", "\x16\x03\x01", "TRACE", "OPTIONS"]
    )
    path = chance.choice(
        ["/v1/enrich", "//", "/../etc", "*", "/%00", "/" + "a" * chance.randrange(9000)]
    )
    version = chance.choice(["HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/9.9", "", "http/1.1"])
    fields = chance.sample(
        [
            "Host: a",
            "Content-Length: -1",
            "Content-Length: 1, 1",
            "Content-Length: 99999999999999999999",
            "Transfer-Encoding: chunked",
            "Transfer-Encoding: xchunked",
            "Transfer-Encoding : chunked",
            "Connection: close",
            "Expect: 200-ok",
            " folded: yes",
            "X-" + "y" * chance.randrange(9000) + ": z",
            "Content-Type: application/json",
            "NoColon",
            "X-Request-Id: \x7f\x01",
        ],
        k=chance.randrange(6),
    )
    head = f"{method} {path} {version}\r\n" + "".join(f"{field}\r\n" for field in fields)
    body = chance.choice([b"", b"0\r\n\r\n", b"ffffffffff\r\n", b"5\r\nabc", _junk(chance, 200)])
    return head.encode("utf-8", "replace") + b"\r\n" + body


def _json(chance: random.Random) -> bytes:
    values = [
        "[" * chance.randrange(1, 20_000),
        '{"text": "a", "text": "b"}',
        '{"text": "\\ud800"}',
        '{"text": NaN}',
        '{"text": ' + "9" * chance.randrange(1, 6000) + "}",
        json.dumps({"text": _hostile_text(chance)}),
        json.dumps({"text": "a", _hostile_text(chance, 40): [[]] * 100}),
        json.dumps({"text": "a", "title": "b" * chance.randrange(5000), "id": "c" * 300}),
        '{"text": "a"',
        "null",
        "",
    ]
    return request(chance.choice(values).encode("utf-8", "replace"), JSON)


def _encoding(chance: random.Random) -> bytes:
    body = gzip.compress(_hostile_text(chance).encode("utf-8", "replace"), mtime=0)
    body = chance.choice([body, body[: len(body) // 2], body + b"x", body * 3, _junk(chance, 500)])
    coding = chance.choice(["gzip", "zstd", "br", "gzip, gzip", "identity"])
    return request(body, chance.choice([TEXT, JSON, HTML]), Content_Encoding=coding)


def _page(chance: random.Random) -> bytes:
    parts = []
    for _ in range(chance.randrange(1, 60)):
        tag = chance.choice(_TAGS)
        text = _hostile_text(chance, 6)
        parts.append(f"<{tag} {text}='{text}'>{text}" + chance.choice([f"</{tag}>", "", "</p>"]))
    page = "".join(parts).encode(chance.choice(["utf-8", "utf-16", "cp1252"]), "replace")
    charset = chance.choice(["", "; charset=utf-8", "; charset=nonesuch", "; charset=utf-7"])
    return request(page, HTML + charset)


def _text(chance: random.Random) -> bytes:
    text = _hostile_text(chance, 2000)
    return request(
        text.encode("utf-8", "replace"), chance.choice([TEXT, TEXT + "; charset=utf-16"])
    )


def _stream(chance: random.Random) -> bytes:
    lines = [
        chance.choice(
            [b'{"text": "Ann left."}', b"{}", b"[", b"", _junk(chance, 50), b'{"text": ""}']
        )
        for _ in range(chance.randrange(1, 12))
    ]
    return request(b"\n".join(lines), LINES, "/v1/enrich/batch")


def _mutated(chance: random.Random) -> bytes:
    content = bytearray(request(b'{"text": "Ann Cole praised Bob Dee in Lima."}', JSON))
    for _ in range(chance.randrange(1, 8)):
        at = chance.randrange(len(content))
        content[at : at + chance.randrange(3)] = _junk(chance, 4)
    return bytes(content)
