"""Applies the limits of callers to requests, and describes them in header fields.

The header fields are those of the IETF draft draft-ietf-httpapi-ratelimit-headers, revision 11.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from functools import partial

from flask import Flask, Response, current_app, request

from service.access.limiter import Caller, Limiter, LimitExceeded, address_name
from service.api.context import get_app_context, get_request_context
from service.api.ndjson_stream import STOPPING
from service.api.scopes import LIMITED_ROUTES
from service.execution.job import Share

Spend = Callable[[float], None]
"""Counts tokens of a caller, from any thread; raises :class:`LimitExceeded`."""

_LINES = "application/x-ndjson"
_EXTENSION = "limiter"
_UNITS = {"tokens_per_minute": "tokens", "tokens_per_day": "tokens"}


def limit_requests(
    app: Flask, limiter: Limiter, defaults: Mapping[str, int], by_address: bool
) -> None:
    """Make ``app`` reject requests above the limits of their callers.

    Args:
        app: one with request hooks and, if it has keys, with :func:`require_keys`.
        limiter: counts.
        defaults: limits of callers that have no others.
        by_address: whether callers are addresses, because the application has no keys.
    """

    def begin() -> None:
        if request.url_rule is None or request.url_rule.rule not in LIMITED_ROUTES:
            return
        context = get_request_context()
        if context.key is not None:
            limits = {**defaults, **context.key.limits}
            context.caller = Caller(f"key:{context.key.id}", context.key.priority, limits)
        elif by_address:
            context.caller = Caller(address_name(request.remote_addr), limits=defaults)
        slot = "concurrent_streams" if request.mimetype == _LINES else "concurrent_requests"
        context.release = limiter.begin(context.caller, slot)

    def finish(response: Response) -> Response:
        context = get_request_context()
        if quotas := context.caller.quotas():
            left = limiter.remaining(context.caller)
            response.headers["RateLimit-Policy"] = ", ".join(
                f'"{q.name}";q={q.amount};w={q.seconds}{_unit(q.name)}' for q in quotas
            )
            response.headers["RateLimit"] = ", ".join(
                f'"{q.name}";r={each.units};t={math.ceil(each.seconds)}' for q, each in left.items()
            )
        release, context.release = context.release, None
        if release and response.is_streamed:
            response.call_on_close(release)
        elif release:
            release()
        return response

    app.extensions[_EXTENSION] = limiter
    app.before_request(begin)
    app.after_request(finish)


def _unit(name: str) -> str:
    return f';qu="{_UNITS[name]}"' if name in _UNITS else ""


def spender() -> Spend:
    """A function that counts tokens of the caller of the current request."""
    limiter: Limiter | None = current_app.extensions.get(_EXTENSION)
    if limiter is None:
        return lambda tokens: None
    return partial(limiter.spend, get_request_context().caller)


def share() -> Share:
    """The share of the encoder's time of the caller of the current request."""
    caller = get_request_context().caller
    return Share(caller.name, caller.priority)


def cache_owner() -> str:
    """Who shares what the current request puts into the cache: its key, or all callers."""
    key = get_request_context().key
    return "" if key is None or get_app_context().cache_shared else key.id


def wait_for_tokens(error: LimitExceeded, deadline: float) -> bool:
    """Wait until an article of a stream can be tried again.

    Args:
        error: of the last try.
        deadline: of the article, on the clock of :func:`time.monotonic`.

    Returns:
        Whether there is a chance: not before the deadline, for the tokens of a day, nor if the
        server stops.
    """
    too_late = time.monotonic() + error.retry_after > deadline
    if too_late or error.name != "tokens_per_minute":
        return False
    return not STOPPING.wait(error.retry_after)
