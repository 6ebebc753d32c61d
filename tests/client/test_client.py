import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from service.client import AsyncClient, Client, RequestRejected, Unavailable
from service.client.retry import FIRST_PAUSE, LONGEST_PAUSE, RetrySchedule, parse_retry_after
from tests.conftest import free_port
from tests.scripted_server import HANG_UP, ScriptedServer, response, scripted_server

ENRICHMENT = {"id": None, "entities": []}
BUSY = response(503, {"type": "/problems/overloaded", "detail": "Busy."}, Retry_After="0")
INVALID = {"type": "/problems/invalid-article", "title": "Invalid", "status": 422, "detail": "No."}


@pytest.fixture
def scripted():
    with scripted_server() as running:
        yield running


def enrich(url: str, kind: str, *, retry_seconds: float = 60.0, **parameters) -> dict:
    """Enrich an article with the sync or the async client."""
    if kind == "sync":
        with Client(url, retries=2, retry_seconds=retry_seconds) as client:
            return client.enrich("Ann left.", **parameters)

    async def enrich_async() -> dict:
        async with AsyncClient(url, retries=2, retry_seconds=retry_seconds) as client:
            return await client.enrich("Ann left.", **parameters)

    return asyncio.run(enrich_async())


both = pytest.mark.parametrize("kind", ["sync", "async"])


@both
def test_an_article_is_sent_as_json_with_its_parameters(scripted: ScriptedServer, kind):
    scripted.script = [response(200, ENRICHMENT)]
    assert enrich(scripted.url, kind, features="entities", include_text=True) == ENRICHMENT
    [(path, body)] = scripted.requests
    assert path == "/v1/enrich?features=entities&include_text=true"
    assert json.loads(body) == {"text": "Ann left."}


@both
@pytest.mark.parametrize("failure", [BUSY, response(429), response(502), HANG_UP])
def test_a_request_is_retried_if_the_server_is_busy_or_the_connection_breaks(
    scripted: ScriptedServer, kind, failure
):
    scripted.script = [failure, failure, response(200, ENRICHMENT)]
    assert enrich(scripted.url, kind) == ENRICHMENT
    assert len({body for _, body in scripted.requests}) == 1


@both
def test_retries_are_limited_in_number(scripted: ScriptedServer, kind):
    scripted.script = [BUSY]
    with pytest.raises(Unavailable, match=r"503 Busy\."):
        enrich(scripted.url, kind)
    assert len(scripted.requests) == 3


@both
def test_a_retry_after_beyond_the_deadline_is_not_waited_for(scripted: ScriptedServer, kind):
    scripted.script = [response(429, Retry_After="120")]
    began = time.monotonic()
    with pytest.raises(Unavailable):
        enrich(scripted.url, kind)
    assert time.monotonic() - began < 5


@both
def test_a_problem_is_raised_unchanged_and_not_retried(scripted: ScriptedServer, kind):
    scripted.script = [response(422, INVALID)]
    with pytest.raises(RequestRejected, match=r"No\.") as caught:
        enrich(scripted.url, kind)
    assert caught.value.problem == INVALID
    assert len(scripted.requests) == 1


@pytest.mark.parametrize("status", [200, 302, 404])
def test_a_response_that_is_not_from_the_service_is_a_problem_without_a_request_id(
    scripted: ScriptedServer, status
):
    scripted.script = [(status, {}, b"<html>Welcome to the airport!</html>")]
    with pytest.raises(RequestRejected) as caught:
        enrich(scripted.url, "sync")
    assert caught.value.problem["type"] == "about:blank"
    assert caught.value.problem["status"] == status
    assert "request_id" not in caught.value.problem


@both
def test_a_refused_connection_is_unavailable(kind):
    with pytest.raises(Unavailable):
        enrich(f"http://127.0.0.1:{free_port()}", kind)


def test_a_connection_is_reused(scripted: ScriptedServer):
    scripted.script = [response(200, ENRICHMENT)]
    with Client(scripted.url) as client:
        for _ in range(5):
            client.enrich({"text": "Ann left.", "id": "1"})
    assert len(scripted.client_ports) == 1


@both
def test_a_loading_server_is_waited_for(scripted: ScriptedServer, kind):
    scripted.script = [BUSY, HANG_UP, response(200, {"status": "ready"})]
    if kind == "sync":
        Client(scripted.url).wait_until_ready(10)
    else:
        asyncio.run(AsyncClient(scripted.url).wait_until_ready(10))
    assert [path for path, _ in scripted.requests] == ["/readyz"] * 3


def test_waiting_for_a_server_ends_at_the_deadline(scripted: ScriptedServer):
    scripted.script = [BUSY]
    with pytest.raises(Unavailable, match=r"not ready: Busy\."):
        Client(scripted.url).wait_until_ready(0)


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://localhost", "http://", "", "http://[::"])
def test_an_invalid_url_is_a_value_error(url):
    with pytest.raises(ValueError, match="not a URL"):
        Client(url)


def test_retry_after_is_a_number_of_seconds_or_a_date():
    in_a_minute = datetime.now(UTC) + timedelta(seconds=60)
    assert parse_retry_after("7") == 7
    assert parse_retry_after("Mon, 01 Jan 99999999999999 00:00:00 GMT") == 0
    assert parse_retry_after(format_datetime(in_a_minute, usegmt=True)) == pytest.approx(60, abs=2)
    assert parse_retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert parse_retry_after("soon") == parse_retry_after(None) == parse_retry_after("-3") == 0


def test_pauses_double_up_to_the_longest_one():
    retries = RetrySchedule(10, 1000)
    pauses = [retries.next_pause() for _ in range(10)]
    assert FIRST_PAUSE / 2 <= pauses[0] <= FIRST_PAUSE
    assert LONGEST_PAUSE / 2 <= pauses[-1] <= LONGEST_PAUSE
    assert retries.next_pause() is None


def test_a_retry_after_is_waited_for_in_full_and_not_counted():
    retries = RetrySchedule(1, 1000)
    assert all(retries.next_pause("5") >= 5 for _ in range(20))
    assert retries.next_pause() is not None
    assert retries.next_pause() is None
    assert RetrySchedule(1, 4).next_pause("5") is None


@both
def test_an_api_key_is_sent_with_every_request(kind):
    sent = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers.get("Authorization"))
        return httpx.Response(200, json=ENRICHMENT)

    async def enrich_async() -> None:
        transport = httpx.MockTransport(answer)
        async with AsyncClient("http://server", api_key="a.b", transport=transport) as client:
            await client.wait_until_ready(0)
            await client.enrich("Ann left.")

    if kind == "async":
        asyncio.run(enrich_async())
    else:
        with Client(
            "http://server", api_key="a.b", transport=httpx.MockTransport(answer)
        ) as client:
            client.wait_until_ready(0)
            client.enrich("Ann left.")
    assert sent == ["Bearer a.b"] * 2


@pytest.mark.parametrize("client", [Client, AsyncClient])
@pytest.mark.parametrize("key", ["", "a b", "a\nb", "é"])
def test_what_cannot_be_a_key_is_an_error_that_does_not_quote_it(client, key):
    with pytest.raises(ValueError, match="an API key consists of visible ASCII characters"):
        client("http://server", api_key=key)
