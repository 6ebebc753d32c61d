"""A gunicorn worker whose threads never wait for slow clients.

gunicorn's threaded worker assigns a thread to a connection as soon as a byte arrives: as many
clients as there are threads, each sending a byte per second, block it. This worker receives
requests in its event loop, assigns threads to complete requests, and sends what a client does not
take at once from the event loop again. Only long requests and requests of unknown length are read
by threads while they arrive; they use at most half of the threads.
"""

from __future__ import annotations

import socket
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from selectors import EVENT_READ
from socket import SHUT_WR
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from service.api.body import set_socket_timeout
from service.server.client_socket import ClientSocket
from service.server.connection_gate import ConnectionGate
from service.server.eviction import choose_victim
from service.server.request_buffer import BUFFER_BYTES, RequestBuffer
from service.server.response_sender import ResponseSender
from service.server.shutdown import Shutdown

RECEIVE_SECONDS = 20.0
"""Time limit for receiving a request up to the point where a thread takes over."""

SOCKET_SECONDS = 10
"""Time limit for a thread that waits for more of a body."""

LINGER_SECONDS = 5.0
"""How long a connection stays open after its last response for the client to read it."""

_LINGER_BYTES = 64 * 1024**2
_PROBE_THREADS = 2
_IDLE_SHUTDOWN_SECONDS = 2.0  # as in gunicorn, for connections without a request
_TURN_SECONDS = 0.2  # between turns of the event loop during a shutdown
_DRAIN_READ_SECONDS = 0.1  # for the unread rest of a body while a response waits to be sent


class BufferedWorker(ThreadWorker):  # type: ignore[misc]
    """A threaded worker that assigns a thread to a request once it is buffered.

    Attributes:
        max_body_bytes: Size of the largest request body that the application accepts.
    """

    wrap: Any = ClientSocket  # makes the server's end of a connection

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.max_body_bytes = BUFFER_BYTES
        self._buffers: dict[TConn, RequestBuffer] = {}
        self._began: dict[TConn, float] = {}
        self._probes: set[TConn] = set()
        self._in_threads: set[TConn] = set()
        self._read_by_threads: set[TConn] = set()
        self._waiting_for_thread: deque[TConn] = deque()
        self._lingering: dict[TConn, float] = {}
        self._drained_bytes: dict[TConn, int] = {}
        self._gate = ConnectionGate()
        self._idle_deadline: float | None = None
        self._shutdown: Shutdown | None = None

    def init_process(self) -> None:
        """Create the threads for probes, then run."""
        self._probe_pool = ThreadPoolExecutor(_PROBE_THREADS, thread_name_prefix="probe")
        super().init_process()

    def run(self) -> None:
        """Run the event loop until the worker stops."""
        self._sender = ResponseSender(self.poller)
        super().run()
        self._probe_pool.shutdown(wait=False)

    def set_accept_enabled(self, enabled: bool) -> None:
        """Wait for connections or not."""
        super().set_accept_enabled(enabled and self._gate.is_open)

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection and buffer its first request, or leave it to another worker."""
        accepted = self._gate.accept(listener, self.nr_conns)
        if accepted is None:
            self.set_accept_enabled(self._gate.is_open)
            if self._gate.exhausted:
                self._evict()
            return
        client, address = accepted
        set_socket_timeout(client, SOCKET_SECONDS)
        self.nr_conns += 1
        connection = TConn(self.cfg, self.wrap(client), address, listener.getsockname())
        connection.sock.on_backlog = partial(
            self.method_queue.defer, self._watch_backlog, connection
        )
        connection.data_ready = True
        self._start_buffering(connection)
        self._evict_above_limit()
        self._gate.publish(self.nr_conns, self.alive)

    def on_client_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """Buffer the next request on a kept-alive connection."""
        if conn not in self.keepalived_conns:  # evicted earlier in this turn of the loop
            return
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._start_buffering(conn)
        self._receive(conn, client)

    def enqueue_req(self, conn: TConn) -> None:
        """Assign a thread to a request; probes have threads of their own."""
        self._in_threads.add(conn)
        pool = self._probe_pool if conn in self._probes else self.tpool
        future = pool.submit(self.handle, conn)
        future.add_done_callback(partial(self.method_queue.defer, self.finish_request, conn))

    def finish_request(self, conn: TConn, fs: Any) -> None:
        """Start the next waiting request; go on with this connection once its response is sent."""
        self._in_threads.discard(conn)
        self._probes.discard(conn)
        self._read_by_threads.discard(conn)
        while self._waiting_for_thread and self._can_read_by_thread():
            self._read_by_thread(self._waiting_for_thread.popleft())
        keep_alive = not fs.cancelled() and fs.exception() is None and bool(fs.result())
        self._sender.call_when_sent(conn, partial(self._after_response, conn, keep_alive))

    def murder_pending(self) -> None:
        """Close the connections whose client is too slow."""
        now = time.monotonic()
        if not self.alive and self._idle_deadline is None:
            self._idle_deadline = now + _IDLE_SHUTDOWN_SECONDS
        for connection in tuple(self.pending_conns):
            idle = not self._buffers[connection].data
            shut_down = idle and self._idle_deadline is not None and self._idle_deadline <= now
            if connection.timeout <= now or shut_down:
                self._stop_buffering(connection)
                if idle:
                    self._close(connection)
                else:
                    self.reject_slow_request(connection.sock)
                    self._linger(connection)
        for connection in [one for one, end in self._lingering.items() if end <= now]:
            self._stop_lingering(connection)
        self._sender.disconnect_slow()
        self._evict_above_limit()
        self._advance_shutdown(now)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Wait for events; look again soon for connections to accept and during a shutdown."""
        self._gate.publish(self.nr_conns, self.alive)
        if not self._accepting:
            timeout = self._gate.look_within(timeout)
        if self._shutdown is not None:
            timeout = min(timeout, _TURN_SECONDS)
        super().wait_for_and_dispatch_events(timeout)

    def handle_exit(self, sig: Any, frame: Any) -> None:
        """Start a graceful shutdown: go on accepting connections for a moment."""
        if self._shutdown is None:
            self._shutdown = Shutdown.starting(self.cfg.graceful_timeout)
            self.method_queue.defer(lambda: None)  # wakes the event loop

    def stop_accepting(self) -> None:
        """End the drain state: complete the requests that have arrived, and accept no more."""
        self.alive = False

    def _advance_shutdown(self, now: float) -> None:
        if self._shutdown is None:
            return
        if self.alive and now >= self._shutdown.stop_accepting_at:
            self.stop_accepting()
        if now >= self._shutdown.answer_by:
            for connection in (*self._in_threads, *self._waiting_for_thread):
                self.reject_unfinished_request(connection.sock)
            self.stop_working()

    def reject_unfinished_request(self, client: ClientSocket) -> None:
        """Send an error response to a client whose request takes longer than the shutdown."""

    def stop_working(self) -> None:
        """Stop the work for unfinished requests, which have been rejected or are streams."""

    def reject_slow_request(self, client: socket.socket) -> None:
        """Send an error response to a client whose request took too long, without blocking."""

    def reject_large_head(self, client: socket.socket) -> None:
        """Send an error response to a client whose request has a too large head."""

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:
        """Whether another request can follow: the body has been read, or can be without waiting."""
        if conn in self._read_by_threads and conn.sock.backlog_bytes:
            deadline = time.monotonic() + _DRAIN_READ_SECONDS
            return keepalive and bool(conn.parser.finish_body(deadline=deadline))
        return bool(super()._keepalive_after(conn, keepalive))

    def _after_response(self, connection: TConn, keep_alive: bool) -> None:
        if connection.sock.failed:
            self._close(connection)
            return
        next_request = connection.parser.unreader.take_buffered() if keep_alive else b""
        connection.sock.setblocking(False)
        if next_request:
            self._start_buffering(connection)
            self._buffer(connection, next_request)
        elif keep_alive:
            connection.set_timeout()
            if not self.alive:
                linger = time.monotonic() + _IDLE_SHUTDOWN_SECONDS
                connection.timeout = min(connection.timeout, linger)
            self.keepalived_conns.append(connection)
            readable = partial(self.on_client_socket_readable, connection)
            self.poller.register(connection.sock, EVENT_READ, readable)
        else:
            self._linger(connection)

    def _watch_backlog(self, connection: TConn) -> None:
        if connection in self._in_threads:
            self._sender.watch(connection)

    def _start_buffering(self, connection: TConn) -> None:
        connection.sock.setblocking(False)
        connection.sock.response_started = False
        connection.set_timeout()
        self._buffers[connection] = RequestBuffer(self.max_body_bytes)
        self._began[connection] = time.monotonic()
        self.pending_conns.append(connection)
        self.poller.register(connection.sock, EVENT_READ, partial(self._receive, connection))

    def _stop_buffering(self, connection: TConn) -> None:
        self.poller.unregister(connection.sock)
        self.pending_conns.remove(connection)
        del self._buffers[connection], self._began[connection]

    def _receive(self, connection: TConn, client: socket.socket) -> None:
        if connection not in self._buffers:  # evicted earlier in this turn of the loop
            return
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
        if not buffer.data or not (piece or buffer.head_complete):
            self._close(connection)
            return
        if buffer.head_too_large:
            self.reject_large_head(connection.sock)
            self._linger(connection)
            return
        connection.init()
        connection.parser.unreader.unread(bytes(buffer.data))
        if buffer.probe:
            self._probes.add(connection)
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

    def _evict_above_limit(self) -> None:
        while self.nr_conns >= self.worker_connections and self._evict():
            pass

    def _evict(self) -> bool:
        """Close a connection to make room for a new one; return whether there is one to close."""
        received = {one: len(buffer.data) for one, buffer in self._buffers.items()}
        victim = choose_victim(received, self._began, self.keepalived_conns, self._lingering)
        if victim is None:
            return False
        if victim in self._lingering:
            self._stop_lingering(victim)
            return True
        if victim in self._buffers:
            self._stop_buffering(victim)
        else:
            self.poller.unregister(victim.sock)
            self.keepalived_conns.remove(victim)
        self._close(victim)
        return True

    def _linger(self, connection: TConn) -> None:
        """Close a connection once the client has read the response.

        If a server closes a connection while the client sends, TCP discards the response.
        """
        try:
            connection.sock.setblocking(False)
            connection.sock.shutdown(SHUT_WR)
        except OSError:
            self._close(connection)
            return
        self._lingering[connection] = time.monotonic() + LINGER_SECONDS
        self._drained_bytes[connection] = 0
        self.poller.register(connection.sock, EVENT_READ, partial(self._discard, connection))

    def _discard(self, connection: TConn, client: socket.socket) -> None:
        if connection not in self._lingering:
            return
        try:
            piece = client.recv(BUFFER_BYTES)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        self._drained_bytes[connection] += len(piece)
        if not piece or self._drained_bytes[connection] > _LINGER_BYTES:
            self._stop_lingering(connection)

    def _stop_lingering(self, connection: TConn) -> None:
        self.poller.unregister(connection.sock)
        del self._lingering[connection], self._drained_bytes[connection]
        connection.sock.interrupt()
        self._close(connection)

    def _close(self, connection: TConn) -> None:
        self.nr_conns -= 1
        connection.close()
