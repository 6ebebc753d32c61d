"""The two clients: the same calls, one that waits and one that is awaited."""

from __future__ import annotations

import asyncio
import json
import time
from types import TracebackType
from typing import Self, Unpack, cast

import httpx

from service.client.retry import RetrySchedule
from service.client.types import Article, Enrichment, Parameters, Problem

RETRIES = 8
RETRY_SECONDS = 60.0

# The largest article that a server takes by default, 600,000 words, is read for two minutes; it may
# have to wait for its turn as well.
_TIMEOUT = httpx.Timeout(300.0, connect=5.0, pool=None)
_PROBE_SECONDS = 5.0
_PROBE_PAUSE = 0.25
_TRY_LATER = (429, 502, 503)  # 502: from a proxy, whose connection to the service broke

# What breaks a connection. Sending again is safe: an enrichment changes nothing on the server.
_BROKEN = (httpx.NetworkError, httpx.RemoteProtocolError, httpx.ConnectTimeout)


class ServiceError(Exception):
    """There is no enrichment. The message says why."""


class RequestRejected(ServiceError):
    """The server answered with a problem, and would again.

    Attributes:
        problem: as RFC 9457 has it; its ``type`` tells the kind to programs.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem["detail"])
        self.problem = problem


class Unavailable(ServiceError):
    """The server could not be reached, or had no time for us, each time it was tried."""


class Client:
    """Enriches articles on a server. Threads may share one; it keeps connections open.

    What a server has no time for (429, 503) and what a broken connection lost (502, of a proxy) is
    sent again, with growing pauses or when the server's ``Retry-After`` says.

    Args:
        url: where the server is, such as ``http://localhost:8000``.
        retries: how often an article may be sent again, not counting when ``Retry-After`` said so.
        retry_seconds: until when.
        transport: carries the requests; for tests and for applications in this process.

    Raises:
        ValueError: ``url`` is not one of HTTP.
    """

    def __init__(
        self,
        url: str,
        *,
        retries: int = RETRIES,
        retry_seconds: float = RETRY_SECONDS,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._retries = retries
        self._retry_seconds = retry_seconds
        self._http = httpx.Client(base_url=_base(url), timeout=_TIMEOUT, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def enrich(self, article: Article | str, **parameters: Unpack[Parameters]) -> Enrichment:
        """Enrich an article, given as its text or with a title and the like.

        Raises:
            RequestRejected: the server says what is wrong with the article or the parameters.
            Unavailable: the server did not answer.
        """
        return self.enrich_body(_body(article), "application/json", **parameters)

    def enrich_body(
        self, body: bytes, media_type: str, **parameters: Unpack[Parameters]
    ) -> Enrichment:
        """Enrich an article in any form that the server reads, such as a page of ``text/html``.

        Raises:
            RequestRejected: as :meth:`enrich`.
            Unavailable: as :meth:`enrich`.
        """
        request = _request(self._http, body, media_type, parameters)
        retries = RetrySchedule(self._retries, self._retry_seconds)
        while True:
            try:
                response = self._http.send(request)
            except httpx.TransportError as error:
                time.sleep(_pause_after_error(request, error, retries))
                continue
            if response.status_code not in _TRY_LATER:
                return _enrichment(response)
            time.sleep(_pause_after_refusal(response, retries))

    def wait_until_ready(self, seconds: float) -> None:
        """Return once the server has its model loaded.

        Args:
            seconds: how long to try; once, if that is 0.

        Raises:
            Unavailable: the server is not ready by then.
        """
        deadline = time.monotonic() + seconds
        while True:
            try:
                response = self._http.get("readyz", timeout=_PROBE_SECONDS)
                reason = _unready(response)
            except httpx.TransportError as error:
                reason = _said(error)
            if reason is None:
                return
            if time.monotonic() >= deadline:
                raise Unavailable(f"{self._http.base_url} is not ready: {reason}")
            time.sleep(_PROBE_PAUSE)


class AsyncClient:
    """:class:`Client` for ``async`` functions: the same arguments, the same errors."""

    def __init__(
        self,
        url: str,
        *,
        retries: int = RETRIES,
        retry_seconds: float = RETRY_SECONDS,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._retries = retries
        self._retry_seconds = retry_seconds
        self._http = httpx.AsyncClient(base_url=_base(url), timeout=_TIMEOUT, transport=transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close its connections."""
        await self._http.aclose()

    async def enrich(self, article: Article | str, **parameters: Unpack[Parameters]) -> Enrichment:
        """See :meth:`Client.enrich`."""
        return await self.enrich_body(_body(article), "application/json", **parameters)

    async def enrich_body(
        self, body: bytes, media_type: str, **parameters: Unpack[Parameters]
    ) -> Enrichment:
        """See :meth:`Client.enrich_body`."""
        request = _request(self._http, body, media_type, parameters)
        retries = RetrySchedule(self._retries, self._retry_seconds)
        while True:
            try:
                response = await self._http.send(request)
            except httpx.TransportError as error:
                await asyncio.sleep(_pause_after_error(request, error, retries))
                continue
            if response.status_code not in _TRY_LATER:
                return _enrichment(response)
            await asyncio.sleep(_pause_after_refusal(response, retries))

    async def wait_until_ready(self, seconds: float) -> None:
        """See :meth:`Client.wait_until_ready`."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                response = await self._http.get("readyz", timeout=_PROBE_SECONDS)
                reason = _unready(response)
            except httpx.TransportError as error:
                reason = _said(error)
            if reason is None:
                return
            if time.monotonic() >= deadline:
                raise Unavailable(f"{self._http.base_url} is not ready: {reason}")
            await asyncio.sleep(_PROBE_PAUSE)


def _base(url: str) -> httpx.URL:
    try:
        base = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError(f"{url!r} is not a URL: {error}") from None
    if base.scheme not in ("http", "https") or not base.host:
        raise ValueError(f"{url!r} is not a URL such as http://localhost:8000")
    return base


def _body(article: Article | str) -> bytes:
    members = {"text": article} if isinstance(article, str) else article
    # In ASCII, so that half a character reaches the server, which says where it is.
    return json.dumps(members).encode()


def _request(
    http: httpx.Client | httpx.AsyncClient, body: bytes, media_type: str, parameters: Parameters
) -> httpx.Request:
    query = cast("dict[str, str | bool]", parameters)  # httpx writes true and false
    headers = {"Content-Type": media_type, "Accept": "application/json"}
    return http.build_request("POST", "v1/enrich", content=body, params=query, headers=headers)


def _pause_after_error(
    request: httpx.Request, error: httpx.TransportError, retries: RetrySchedule
) -> float:
    """Seconds to wait before the next try.

    Raises:
        Unavailable: there must not be one.
    """
    pause = retries.pause() if isinstance(error, _BROKEN) else None
    if pause is None:
        raise Unavailable(f"{request.url.copy_with(query=None)}: {_said(error)}") from error
    return pause


def _pause_after_refusal(response: httpx.Response, retries: RetrySchedule) -> float:
    """As :func:`_pause_after_error`, after an answer that is worth another try."""
    pause = retries.pause(response.headers.get("Retry-After"))
    if pause is None:
        problem = _problem(response)
        raise Unavailable(
            f"{response.url.copy_with(query=None)}: {problem['status']} {problem['detail']}"
        )
    return pause


def _enrichment(response: httpx.Response) -> Enrichment:
    found = _json_object(response) if response.status_code == httpx.codes.OK else None
    if found is None:
        raise RequestRejected(_problem(response))
    return cast("Enrichment", found)


def _problem(response: httpx.Response) -> Problem:
    """The problem in a response, or one about it where what answers is not the service."""
    problem: Problem = {
        "type": "about:blank",
        "title": response.reason_phrase or "Unknown",
        "status": response.status_code,
        "detail": f"{response.status_code} from something that does not answer as the service.",
    }
    found = _json_object(response) or {}
    return cast("Problem", {**problem, **found}) if isinstance(found.get("type"), str) else problem


def _json_object(response: httpx.Response) -> dict[str, object] | None:
    try:
        found = response.json()
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _unready(response: httpx.Response) -> str | None:
    return None if response.status_code == httpx.codes.OK else _problem(response)["detail"]


def _said(error: httpx.TransportError) -> str:
    return str(error) or type(error).__name__
