import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import get_args, get_type_hints

import pytest
from marshmallow import Schema, fields

from service.api.schemas import request as request_schemas
from service.api.schemas import response as response_schemas
from service.client import AsyncClient, Client, RequestRejected, Unavailable
from service.client import types as answers
from service.client.retry import FIRST_PAUSE, LONGEST_PAUSE, RetrySchedule, seconds_until
from tests.conftest import free_port
from tests.scripted_server import HANG_UP, ScriptedServer, response, scripted_server

FOUND = {"id": None, "entities": []}
BUSY = response(503, {"type": "/problems/overloaded", "detail": "Busy."}, Retry_After="0")
WRONG = {"type": "/problems/invalid-article", "title": "Invalid", "status": 422, "detail": "No."}


@pytest.fixture
def scripted():
    with scripted_server() as running:
        yield running


def ask(url: str, kind: str, *, retry_seconds: float = 60.0, **parameters) -> dict:
    """What either client makes of an article."""
    if kind == "sync":
        with Client(url, retries=2, retry_seconds=retry_seconds) as client:
            return client.enrich("Ann left.", **parameters)

    async def asked() -> dict:
        async with AsyncClient(url, retries=2, retry_seconds=retry_seconds) as client:
            return await client.enrich("Ann left.", **parameters)

    return asyncio.run(asked())


both = pytest.mark.parametrize("kind", ["sync", "async"])


@both
def test_an_article_goes_out_as_json_with_its_parameters(scripted: ScriptedServer, kind):
    scripted.script = [response(200, FOUND)]
    assert ask(scripted.url, kind, features="entities", include_text=True) == FOUND
    [(path, body)] = scripted.requests
    assert path == "/v1/enrich?features=entities&include_text=true"
    assert json.loads(body) == {"text": "Ann left."}


@both
@pytest.mark.parametrize("trouble", [BUSY, response(429), response(502), HANG_UP])
def test_what_was_not_answered_is_sent_again(scripted: ScriptedServer, kind, trouble):
    scripted.script = [trouble, trouble, response(200, FOUND)]
    assert ask(scripted.url, kind) == FOUND
    assert len({body for _, body in scripted.requests}) == 1


@both
def test_tries_are_bounded_in_number(scripted: ScriptedServer, kind):
    scripted.script = [BUSY]
    with pytest.raises(Unavailable, match=r"503 Busy\."):
        ask(scripted.url, kind)
    assert len(scripted.requests) == 3


@both
def test_nobody_waits_for_longer_than_was_agreed(scripted: ScriptedServer, kind):
    scripted.script = [response(429, Retry_After="120")]
    began = time.monotonic()
    with pytest.raises(Unavailable):
        ask(scripted.url, kind)
    assert time.monotonic() - began < 5


@both
def test_a_problem_is_raised_as_it_came_and_at_once(scripted: ScriptedServer, kind):
    scripted.script = [response(422, WRONG)]
    with pytest.raises(RequestRejected, match=r"No\.") as caught:
        ask(scripted.url, kind)
    assert caught.value.problem == WRONG
    assert len(scripted.requests) == 1


@pytest.mark.parametrize("status", [200, 302, 404])
def test_what_does_not_answer_as_the_service_is_a_problem_too(scripted: ScriptedServer, status):
    scripted.script = [(status, {}, b"<html>Welcome to the airport!</html>")]
    with pytest.raises(RequestRejected) as caught:
        ask(scripted.url, "sync")
    assert caught.value.problem["type"] == "about:blank"
    assert caught.value.problem["status"] == status


@both
def test_nobody_there_is_unavailable(kind):
    with pytest.raises(Unavailable):
        ask(f"http://127.0.0.1:{free_port()}", kind)


def test_a_connection_serves_many_articles(scripted: ScriptedServer):
    scripted.script = [response(200, FOUND)]
    with Client(scripted.url) as client:
        for _ in range(5):
            client.enrich({"text": "Ann left.", "id": "1"})
    assert len(scripted.client_ports) == 1


@both
def test_a_server_that_is_loading_is_waited_for(scripted: ScriptedServer, kind):
    scripted.script = [BUSY, HANG_UP, response(200, {"status": "ready"})]
    if kind == "sync":
        Client(scripted.url).wait_until_ready(10)
    else:
        asyncio.run(AsyncClient(scripted.url).wait_until_ready(10))
    assert [path for path, _ in scripted.requests] == ["/readyz"] * 3


def test_a_server_that_does_not_come_up_is_not_waited_for_forever(scripted: ScriptedServer):
    scripted.script = [BUSY]
    with pytest.raises(Unavailable, match=r"not ready: Busy\."):
        Client(scripted.url).wait_until_ready(0)


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://localhost", "http://", "", "http://[::"])
def test_a_url_that_is_none_is_found_at_once(url):
    with pytest.raises(ValueError, match="not a URL"):
        Client(url)


def test_retry_after_is_a_number_of_seconds_or_a_date():
    in_a_minute = datetime.now(UTC) + timedelta(seconds=60)
    assert seconds_until("7") == 7
    assert seconds_until(format_datetime(in_a_minute, usegmt=True)) == pytest.approx(60, abs=2)
    assert seconds_until("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert seconds_until("soon") == seconds_until(None) == seconds_until("-3") == 0


def test_pauses_grow_to_a_bound_and_are_never_shorter_than_asked():
    retries = RetrySchedule(10, 1000)
    pauses = [retries.pause() for _ in range(10)]
    assert FIRST_PAUSE / 2 <= pauses[0] <= FIRST_PAUSE
    assert LONGEST_PAUSE / 2 <= pauses[-1] <= LONGEST_PAUSE
    assert retries.pause() is None


def test_a_pause_that_the_server_asked_for_is_waited_for_and_not_counted():
    retries = RetrySchedule(1, 1000)
    assert all(retries.pause("5") >= 5 for _ in range(20))
    assert retries.pause() is not None
    assert retries.pause() is None
    assert RetrySchedule(1, 4).pause("5") is None


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        (response_schemas.EnrichmentSchema, answers.Enrichment),
        (response_schemas.ProblemSchema, answers.Problem),
        (request_schemas.ArticleSchema, answers.Article),
        (request_schemas.OptionsSchema, answers.Parameters),
    ],
)
def test_the_types_have_the_names_of_the_schemas(schema, kind):
    assert names_in(schema()) == names_of(kind)


def names_in(schema: Schema) -> dict:
    """Names of a schema's members, and of theirs."""
    found = {}
    for name, member in schema.fields.items():
        inner = member.inner if isinstance(member, fields.List) else member
        found[name] = names_in(inner.schema) if isinstance(inner, fields.Nested) else {}
    return found


def names_of(kind: object) -> dict:
    """The same of a ``TypedDict``, whatever list or alternative it stands in."""
    if hasattr(kind, "__required_keys__"):
        return {name: names_of(hint) for name, hint in get_type_hints(kind).items()}
    return next((names for part in get_args(kind) if (names := names_of(part))), {})
