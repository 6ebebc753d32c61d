"""A server in this process that sends scripted responses, one for each request."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HANG_UP = (0, {}, b"")
"""A response that closes the connection instead."""


def response(status: int, body: object = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """A JSON response; underscores in the names of header fields stand for hyphens."""
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, fields, json.dumps(body).encode()


@dataclass
class ScriptedServer:
    """The state of a running server.

    Attributes:
        url: its address.
        script: the responses to come, as status, headers and body; the last one repeats.
        requests: path and body of each request so far.
        client_ports: ports of the connections so far.
    """

    url: str
    script: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    requests: list[tuple[str, bytes]] = field(default_factory=list)
    client_ports: set[int] = field(default_factory=set)


@contextmanager
def scripted_server() -> Iterator[ScriptedServer]:
    """Run a server until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            server_state.requests.append((self.path, body))
            server_state.client_ports.add(self.client_address[1])
            script = server_state.script
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

        do_POST = do_GET  # noqa: N815  the base class calls this name

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server_state = ScriptedServer(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield server_state
        finally:
            server.shutdown()
