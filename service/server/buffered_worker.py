"""A gunicorn worker that buffers requests, so that slow clients do not block threads.

gunicorn's threaded worker assigns a thread to a connection as soon as a byte arrives: as many
clients as there are threads, each sending a byte per second, block it. This worker receives
requests in its event loop and assigns threads to complete requests. Only long requests and requests
of unknown length are read by threads while they arrive; they use at most half of the threads.
"""

from __future__ import annotations

import socket
import time
from collections import deque
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from service.api.body import set_socket_timeout
from service.server.request_buffer import BUFFER_BYTES, RequestBuffer

RECEIVE_SECONDS = 20.0
"""Time limit for receiving a request up to the point where a thread takes over."""

SOCKET_SECONDS = 10
"""Time limit for a thread that waits for more of a body or for the client to read a response."""

_IDLE_SHUTDOWN_SECONDS = 2.0  # as in gunicorn, for connections without a request


class BufferedWorker(ThreadWorker):  # type: ignore[misc]
    """A threaded worker that assigns a thread to a request once it is buffered.

    Attributes:
        max_body_bytes: Size of the largest request body that the application accepts.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.max_body_bytes = BUFFER_BYTES
        self._buffers: dict[TConn, RequestBuffer] = {}
        self._read_by_threads: set[TConn] = set()
        self._waiting_for_thread: deque[TConn] = deque()
        self._idle_deadline: float | None = None

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection and buffer its first request."""
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        set_socket_timeout(client, SOCKET_SECONDS)
        self.nr_conns += 1
        connection = TConn(self.cfg, client, address, listener.getsockname())
        connection.data_ready = True
        self._start_buffering(connection)

    def on_client_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """Buffer the next request on a kept-alive connection."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._start_buffering(conn)
        self._receive(conn, client)

    def finish_request(self, conn: TConn, fs: Any) -> None:
        """Start the next waiting request, and buffer what was received after this one."""
        self._read_by_threads.discard(conn)
        while self._waiting_for_thread and self._can_read_by_thread():
            self._read_by_thread(self._waiting_for_thread.popleft())
        keep_alive = not fs.cancelled() and fs.exception() is None and fs.result()
        next_request = conn.parser.unreader.take_buffered() if keep_alive else b""
        if next_request:
            self._start_buffering(conn)
            self._buffer(conn, next_request)
        else:
            super().finish_request(conn, fs)

    def murder_pending(self) -> None:
        """Close the connections whose request did not arrive in time."""
        now = time.monotonic()
        if not self.alive and self._idle_deadline is None:
            self._idle_deadline = now + _IDLE_SHUTDOWN_SECONDS
        for connection in tuple(self.pending_conns):
            idle = not self._buffers[connection].data
            shut_down = idle and self._idle_deadline is not None and self._idle_deadline <= now
            if connection.timeout <= now or shut_down:
                self._stop_buffering(connection)
                if not idle:
                    self.reject_slow_request(connection.sock)
                self._close(connection)

    def reject_slow_request(self, client: socket.socket) -> None:
        """Send an error response to a client whose request took too long, without blocking."""

    def _start_buffering(self, connection: TConn) -> None:
        connection.sock.setblocking(False)
        connection.set_timeout()
        self._buffers[connection] = RequestBuffer(self.max_body_bytes)
        self.pending_conns.append(connection)
        self.poller.register(connection.sock, EVENT_READ, partial(self._receive, connection))

    def _stop_buffering(self, connection: TConn) -> None:
        self.poller.unregister(connection.sock)
        self.pending_conns.remove(connection)
        del self._buffers[connection]

    def _receive(self, connection: TConn, client: socket.socket) -> None:
        try:
            piece = client.recv(BUFFER_BYTES)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        self._buffer(connection, piece)

    def _buffer(self, connection: TConn, piece: bytes) -> None:
        """Buffer ``piece``, or the end of the stream if it is empty."""
        buffer = self._buffers[connection]
        if not buffer.data:
            connection.timeout = time.monotonic() + RECEIVE_SECONDS
        if not buffer.append(piece) and piece:
            return
        self._stop_buffering(connection)
        if not buffer.data:
            self._close(connection)
            return
        connection.init()
        connection.parser.unreader.unread(bytes(buffer.data))
        if buffer.complete:
            self.enqueue_req(connection)
        elif self._can_read_by_thread():
            self._read_by_thread(connection)
        else:
            self._waiting_for_thread.append(connection)

    def _can_read_by_thread(self) -> bool:
        limit: int = self.cfg.threads // 2
        return len(self._read_by_threads) < limit

    def _read_by_thread(self, connection: TConn) -> None:
        self._read_by_threads.add(connection)
        self.enqueue_req(connection)

    def _close(self, connection: TConn) -> None:
        self.nr_conns -= 1
        connection.close()
