"""A server in this process that answers as a script says, one answer a request."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HANG_UP = (0, {}, b"")
"""Instead of an answer, the end of the connection."""


def answer(status: int, body: object = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """An answer; underscores in the names of header fields are hyphens."""
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, fields, json.dumps(body).encode()


@dataclass
class Scripted:
    """What it will answer, and what it was sent: ``(path, body)`` and the port it came from."""

    url: str
    script: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    requests: list[tuple[str, bytes]] = field(default_factory=list)
    callers: set[int] = field(default_factory=set)


@contextmanager
def scripted_server() -> Iterator[Scripted]:
    """A server whose last answer is repeated."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            scripted.requests.append((self.path, body))
            scripted.callers.add(self.client_address[1])
            script = scripted.script
            status, headers, content = script.pop(0) if len(script) > 1 else script[0]
            if not status:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815  what the base class calls

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        scripted = Scripted(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield scripted
        finally:
            server.shutdown()
