"""A client's connection over TLS, which the event loop can receive from and send to."""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from socket import SHUT_RD
from typing import Any

from service.config.access_settings import AccessSettings
from service.config.settings import SettingError
from service.server.client_socket import ClientSocket

_PIECE_BYTES = 64 * 1024


def tls_context(settings: AccessSettings) -> ssl.SSLContext:
    """The server's side of TLS, 1.2 or newer.

    Raises:
        SettingError: the certificate, the key or the authorities cannot be read.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(settings.tls_certificate, settings.tls_key or None)
    except OSError as error:
        raise SettingError(f"TLS_CERTIFICATE and TLS_KEY: {error.strerror or error}.") from None
    if settings.tls_client_ca:
        try:
            context.load_verify_locations(settings.tls_client_ca)
        except OSError as error:
            raise SettingError(f"TLS_CLIENT_CA: {error.strerror or error}.") from None
        context.verify_mode = ssl.CERT_REQUIRED
    return context


class TlsSocket(ClientSocket):
    """The server's end of a connection over TLS.

    Python's own TLS sockets either block or do not, while this one is used by the event loop and by
    threads. The protocol therefore runs in memory.
    """

    def __init__(self, connection: socket.socket, context: ssl.SSLContext) -> None:
        super().__init__(connection)
        self._received, self._to_send = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._received, self._to_send, server_side=True)

    def recv(self, size: int, flags: int = 0, *_: Any) -> bytes:
        """Receive bytes, up to ``size`` and what else the same record of TLS has.

        Raises:
            OSError: the client has no valid certificate, or breaks the protocol.
        """
        if flags:  # only whether the connection is still open
            return super().recv(size, flags)
        while True:
            try:
                piece = self._decrypt()
            finally:
                self._send_protocol()
            if piece is not None:
                return piece
            encrypted = super().recv(size)
            if not encrypted:
                return b""
            self._received.write(encrypted)

    def shutdown(self, how: int) -> None:
        """Shut the connection down, after the end of TLS if this is the end of sending."""
        if how != SHUT_RD:
            with self._changed, suppress(ssl.SSLError, OSError):
                try:
                    self._tls.unwrap()
                finally:
                    self._send_now(memoryview(self._to_send.read()))
        super().shutdown(how)

    def _decrypt(self) -> bytes | None:
        """The bytes that have arrived; ``b""`` at their end, ``None`` if there are none yet."""
        pieces: list[bytes] = []
        with self._changed:
            while True:
                try:
                    piece = self._tls.read(_PIECE_BYTES)
                except ssl.SSLWantReadError:
                    return b"".join(pieces) or None
                except ssl.SSLZeroReturnError:
                    return b"".join(pieces)
                if not piece:
                    return b"".join(pieces)
                pieces.append(piece)

    def _encode(self, data: Any) -> bytes:
        if data:
            with suppress(ssl.SSLWantReadError):  # there is no connection yet that could carry it
                self._tls.write(data)
        return self._to_send.read()

    def _send_protocol(self) -> None:
        """Send what belongs to the protocol itself, such as its handshake."""
        if self._to_send.pending:
            with suppress(BrokenPipeError):
                self._append(b"")
