"""Connections that have not sent a whole request yet, and cost no thread until they have.

gunicorn's threaded worker gives each connection a thread as soon as there is a byte to read; as
many callers as there are threads, each sending a byte a second, would stop it. Here the loop that
waits for connections also takes up what they send, and a thread gets whole requests. Long ones, and
those of a length that is not known, have to be read by a thread; they share half of the threads.
"""

from __future__ import annotations

import re
import socket
import time
from collections import deque
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from service.api.body import set_socket_timeout

HELD = 64 * 1024
"""Bytes of a longer request that have to be there before a thread reads the rest."""

REQUEST_SECONDS = 20.0
"""That a request may take to come so far."""

STALLED_SECONDS = 10
"""That a thread waits for the next byte of a long body, or for an answer to be taken."""

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r?\n", re.IGNORECASE)
_OPEN = re.compile(
    rb"\n(expect:|transfer-encoding:|content-type:[ \t]*application/x-ndjson)", re.IGNORECASE
)
_REQUEST_LINE = re.compile(rb"[!-~]+ [^\r\n]+ HTTP/1\.[01]\r?\n")
_LINGER = 2.0  # seconds for which a connection that has not sent anything stays open at the end


class RequestBuffer:
    """The beginning of a request, as it comes.

    Args:
        most: bytes of a body that is not refused for its length.
    """

    def __init__(self, most: int) -> None:
        self.sent = bytearray()
        self.whole = True
        """Whether all of it had come when :meth:`take` said that it could be read."""
        self._most = most
        self._wanted: int | None = None

    def take(self, piece: bytes) -> bool:
        """Append ``piece``, and say whether a thread can begin to read it.

        What is no HTTP can be read at once: the parser will say so.
        """
        if not self.sent:
            piece = piece.lstrip(b"\r\n")  # empty lines before a request mean nothing
        looked_at = max(0, len(self.sent) - 3)
        self.sent += piece
        if not self.sent:
            return False
        if self._wanted is None:
            end = _HEAD_END.search(self.sent, looked_at)
            if end is not None:
                self._wanted = self._size(end.end())
            elif not b"!" <= self.sent[:1] <= b"~":
                self.sent += b"\r\n\r\n"  # such as TLS; without a line's end the parser would wait
                return True
            elif b"\n" in piece and not _REQUEST_LINE.match(self.sent):
                return True
        return len(self.sent) >= (HELD if self._wanted is None else min(HELD, self._wanted))

    def _size(self, head: int) -> int:
        """Bytes up to where whoever reads it has a say; ``head`` are those of its head."""
        if _OPEN.search(self.sent, 0, head):
            self.whole = False
            return head
        found = _LENGTH.search(self.sent, 0, head)
        length = int(found[1]) if found else 0
        if length > self._most:
            return head
        self.whole = head + length <= HELD
        return head + length


class BufferedWorker(ThreadWorker):  # type: ignore[misc]
    """A threaded worker that gives a request a thread when it has come."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._arrivals: dict[TConn, RequestBuffer] = {}
        self._open: set[TConn] = set()
        self._queued: deque[TConn] = deque()
        self._ending: float | None = None
        self.largest_body = HELD

    def accept(self, listener: socket.socket) -> None:
        """Take a connection, and wait for its first request."""
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        set_socket_timeout(client, STALLED_SECONDS)
        self.nr_conns += 1
        connection = TConn(self.cfg, client, address, listener.getsockname())
        connection.data_ready = True
        self._wait(connection)

    def on_client_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """The next request on a connection begins."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._wait(conn)
        self._receive(conn, client)

    def finish_request(self, conn: TConn, fs: Any) -> None:
        """A request has been answered; the beginning of the next may have come with it."""
        self._open.discard(conn)
        while self._queued and len(self._open) < self.cfg.threads // 2:
            self._hand_over(self._queued.popleft())
        kept = not fs.cancelled() and fs.exception() is None and fs.result()
        begun = conn.parser.unreader.take_buffered() if kept else b""
        if begun:
            self._wait(conn)
            self._take(conn, begun)
        else:
            super().finish_request(conn, fs)

    def murder_pending(self) -> None:
        """Close the connections whose request has not come in time."""
        now = time.monotonic()
        if not self.alive and self._ending is None:
            self._ending = now + _LINGER
        for connection in tuple(self.pending_conns):
            begun = bool(self._arrivals[connection].sent)
            if connection.timeout <= now or (self._ending and not begun and self._ending <= now):
                self._stop_waiting(connection)
                if begun:
                    self.refuse_slow(connection.sock)
                self._close(connection)

    def refuse_slow(self, client: socket.socket) -> None:
        """Tell whoever is behind ``client`` that its request took too long. Must not wait."""

    def _wait(self, connection: TConn) -> None:
        connection.sock.setblocking(False)
        connection.set_timeout()
        self._arrivals[connection] = RequestBuffer(self.largest_body)
        self.pending_conns.append(connection)
        self.poller.register(connection.sock, EVENT_READ, partial(self._receive, connection))

    def _stop_waiting(self, connection: TConn) -> None:
        self.poller.unregister(connection.sock)
        self.pending_conns.remove(connection)
        del self._arrivals[connection]

    def _receive(self, connection: TConn, client: socket.socket) -> None:
        try:
            piece = client.recv(HELD)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        self._take(connection, piece)

    def _take(self, connection: TConn, piece: bytes) -> None:
        """Go on with a connection on which ``piece`` has come; the end, if it is empty."""
        arrival = self._arrivals[connection]
        if not arrival.sent:
            connection.timeout = time.monotonic() + REQUEST_SECONDS
        if not arrival.take(piece) and piece:
            return
        self._stop_waiting(connection)
        if not arrival.sent:
            self._close(connection)
            return
        connection.init()
        connection.parser.unreader.unread(bytes(arrival.sent))
        if arrival.whole:
            self.enqueue_req(connection)
        elif len(self._open) < self.cfg.threads // 2:
            self._hand_over(connection)
        else:
            self._queued.append(connection)

    def _hand_over(self, connection: TConn) -> None:
        self._open.add(connection)
        self.enqueue_req(connection)

    def _close(self, connection: TConn) -> None:
        self.nr_conns -= 1
        connection.close()
