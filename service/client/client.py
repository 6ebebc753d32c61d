"""The sync and the async client: the same methods, called or awaited."""

from __future__ import annotations

import asyncio
import json
import time
from types import TracebackType
from typing import Self, TypeVar, Unpack, cast

import httpx

from service.client.flows import Flow, Outcome, Step, enrich_flow, readiness_flow
from service.client.parameters import Parameters
from service.client.retry import RetrySchedule
from service.client.types import Article, Enrichment

T = TypeVar("T")

RETRIES = 8
RETRY_SECONDS = 60.0

# The largest article that a server accepts by default, 600,000 words, takes two minutes, and may
# wait in the queue as well.
_TIMEOUT = httpx.Timeout(300.0, connect=5.0, pool=None)
_PROBE_TIMEOUT = 5.0


class Client:
    """Enriches articles on a server. Keeps connections open, and is safe to share by threads.

    The client sends a request again when the server is busy (429, 503) or a connection breaks (502
    from a proxy, or on the way): after growing pauses, or after the server's ``Retry-After``.

    Args:
        url: address of the server, such as ``http://localhost:8000``.
        retries: most retries of a request, not counting those that follow a ``Retry-After``.
        retry_seconds: time after which a request is not sent again.
        api_key: the secret of an API key, if the server requires one.
        transport: sends the requests; for tests, and for an application in the same process.

    Raises:
        ValueError: ``url`` is not an HTTP URL, or ``api_key`` cannot be a header field.
    """

    def __init__(
        self,
        url: str,
        *,
        retries: int = RETRIES,
        retry_seconds: float = RETRY_SECONDS,
        api_key: str | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._retries = retries
        self._retry_seconds = retry_seconds
        self._http = httpx.Client(
            base_url=_parse_url(url),
            headers=_key_headers(api_key),
            timeout=_TIMEOUT,
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def enrich(self, article: Article | str, **parameters: Unpack[Parameters]) -> Enrichment:
        """Enrich an article, given as its text or as an :class:`Article` with a title and an id.

        Raises:
            RequestRejected: the article or a parameter is invalid.
            Unavailable: the server cannot be reached, or is too busy, after all retries.
        """
        return self.enrich_body(_encode(article), "application/json", **parameters)

    def enrich_body(
        self, body: bytes, media_type: str, **parameters: Unpack[Parameters]
    ) -> Enrichment:
        """Enrich an article in any media type that the server accepts, such as ``text/html``.

        Raises:
            RequestRejected: see :meth:`enrich`.
            Unavailable: see :meth:`enrich`.
        """
        request = _enrich_request(self._http, body, media_type, parameters)
        return self._run(enrich_flow(request, RetrySchedule(self._retries, self._retry_seconds)))

    def wait_until_ready(self, seconds: float) -> None:
        """Wait until the server has loaded its model.

        Args:
            seconds: how long to wait; 0 probes once.

        Raises:
            Unavailable: the server is not ready in time.
        """
        self._run(readiness_flow(_probe_request(self._http), self._http.base_url, seconds))

    def _run(self, flow: Flow[T]) -> T:
        outcome: Outcome = None
        while True:
            try:
                step = flow.send(outcome)
            except StopIteration as end:
                return cast("T", end.value)
            outcome = self._perform(step)

    def _perform(self, step: Step) -> Outcome:
        if not isinstance(step, httpx.Request):
            time.sleep(step)
            return None
        try:
            return self._http.send(step)
        except httpx.TransportError as error:
            return error


class AsyncClient:
    """:class:`Client` for ``async`` functions: the same arguments, methods and errors."""

    def __init__(
        self,
        url: str,
        *,
        retries: int = RETRIES,
        retry_seconds: float = RETRY_SECONDS,
        api_key: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._retries = retries
        self._retry_seconds = retry_seconds
        self._http = httpx.AsyncClient(
            base_url=_parse_url(url),
            headers=_key_headers(api_key),
            timeout=_TIMEOUT,
            transport=transport,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def enrich(self, article: Article | str, **parameters: Unpack[Parameters]) -> Enrichment:
        """See :meth:`Client.enrich`."""
        return await self.enrich_body(_encode(article), "application/json", **parameters)

    async def enrich_body(
        self, body: bytes, media_type: str, **parameters: Unpack[Parameters]
    ) -> Enrichment:
        """See :meth:`Client.enrich_body`."""
        request = _enrich_request(self._http, body, media_type, parameters)
        schedule = RetrySchedule(self._retries, self._retry_seconds)
        return await self._run(enrich_flow(request, schedule))

    async def wait_until_ready(self, seconds: float) -> None:
        """See :meth:`Client.wait_until_ready`."""
        await self._run(readiness_flow(_probe_request(self._http), self._http.base_url, seconds))

    async def _run(self, flow: Flow[T]) -> T:
        outcome: Outcome = None
        while True:
            try:
                step = flow.send(outcome)
            except StopIteration as end:
                return cast("T", end.value)
            outcome = await self._perform(step)

    async def _perform(self, step: Step) -> Outcome:
        if not isinstance(step, httpx.Request):
            await asyncio.sleep(step)
            return None
        try:
            return await self._http.send(step)
        except httpx.TransportError as error:
            return error


def _parse_url(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError(f"{url!r} is not a URL: {error}") from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ValueError(f"{url!r} is not a URL such as http://localhost:8000")
    return parsed


def _key_headers(api_key: str | None) -> dict[str, str]:
    if api_key is None:
        return {}
    if not api_key or not all("!" <= character <= "~" for character in api_key):
        raise ValueError("an API key consists of visible ASCII characters, without spaces")
    return {"Authorization": f"Bearer {api_key}"}


def _encode(article: Article | str) -> bytes:
    members = {"text": article} if isinstance(article, str) else article
    # In ASCII, so that a lone surrogate reaches the server, whose problem points to it.
    return json.dumps(members).encode()


def _enrich_request(
    http: httpx.Client | httpx.AsyncClient, body: bytes, media_type: str, parameters: Parameters
) -> httpx.Request:
    query = cast("dict[str, str | bool]", parameters)  # httpx writes true and false
    headers = {"Content-Type": media_type, "Accept": "application/json"}
    return http.build_request("POST", "v1/enrich", content=body, params=query, headers=headers)


def _probe_request(http: httpx.Client | httpx.AsyncClient) -> httpx.Request:
    return http.build_request("GET", "readyz", timeout=_PROBE_TIMEOUT)
