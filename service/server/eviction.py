"""Chooses the connection to close when a worker has as many as it can hold."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping

from gunicorn.workers.gthread import TConn

YOUNG_SECONDS = 0.5
"""A connection of this age has had no time to send its request and is kept."""


def choose_victim(
    received: Mapping[TConn, int],
    began: Mapping[TConn, float],
    idle: Iterable[TConn],
    lingering: Iterable[TConn],
) -> TConn | None:
    """Choose the connection that is cheapest to close, of the peer that has most of its kind.

    In this order: silent, answered and closing, kept alive without a request, and with the slowest
    incomplete request. Among those of a kind, the oldest goes.

    Args:
        received: Connections that may be sending a request, oldest first → bytes received of it.
        began: When each of these connections began to wait for its request.
        idle: Kept-alive connections, oldest first.
        lingering: Connections whose last response is sent, oldest first.

    Returns:
        ``None`` if every connection is young or has a request.
    """
    now = time.monotonic()
    waiting = [one for one in received if now - began[one] >= YOUNG_SECONDS]
    slowest_first = sorted(
        (one for one in waiting if received[one]),
        key=lambda one: received[one] / (now - began[one]),
    )
    silent = [one for one in waiting if not received[one]]
    for candidates in (silent, list(lingering), list(idle), slowest_first):
        if candidates:
            return _of_busiest_peer(candidates)
    return None


def _of_busiest_peer(candidates: list[TConn]) -> TConn:
    peers = Counter(map(_peer, candidates))
    busiest = max(peers.values())
    return next(one for one in candidates if peers[_peer(one)] == busiest)


def _peer(connection: TConn) -> str:
    """The address without the port; a connection over a Unix socket has none."""
    address = connection.client
    return str(address[0]) if isinstance(address, tuple) else ""
