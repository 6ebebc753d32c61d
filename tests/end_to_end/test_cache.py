"""The shared cache in Redis, across servers and when Redis fails."""

from pathlib import Path

import pytest
import redis
import requests

from service import redis_guard
from service.execution import stores
from service.execution.errors import StoreUnavailable
from service.execution.stores import RedisStore
from tests.bundle import SEED
from tests.conftest import Server, running_server
from tests.redis_server import running_redis


@pytest.fixture
def redis_server(tmp_path):
    """The process of a Redis and its port."""
    with running_redis(tmp_path) as running:
        yield running


def enrich(server: Server) -> requests.Response:
    response = requests.post(
        f"{server.url}/v1/enrich", json={"text": SEED.read_text("utf-8")}, timeout=60
    )
    assert response.status_code == 200
    return response


def new_folder(tmp_path: Path, name: str) -> Path:
    (tmp_path / name).mkdir()
    return tmp_path / name


def test_servers_share_enrichments_through_redis_and_work_without_it(tmp_path, redis_server):
    process, port = redis_server
    settings = {
        "WORKERS": "1",
        "CACHE_URL": f"redis://127.0.0.1:{port}/0",
        "CACHE_SECRET": "a-secret-of-all-replicas",
    }
    with running_server(new_folder(tmp_path, "first"), **settings) as server:
        answers = [enrich(server), enrich(server)]
    with running_server(new_folder(tmp_path, "second"), **settings) as server:
        answers.append(enrich(server))
        process.kill()
        process.wait(timeout=30)
        answers.append(enrich(server))
    with running_server(new_folder(tmp_path, "third"), **settings) as server:
        answers.append(enrich(server))
    assert [answer.headers["Cache-Status"] for answer in answers] == [
        "redis; fwd=miss; stored, memory; fwd=miss; stored",
        "memory; hit",
        "redis; hit, memory; fwd=miss; stored",
        "memory; hit",
        "redis; fwd=bypass; detail=unavailable, memory; fwd=miss; stored",
    ]
    assert len({answer.content for answer in answers}) == 1
    warnings = [line for line in server.logs() if line["level"] == "WARNING"]
    assert len(warnings) == 1
    assert "Redis" in warnings[0]["message"]


def test_a_redis_that_is_demoted_is_unavailable_until_it_is_promoted(redis_server, monkeypatch):
    monkeypatch.setattr(redis_guard, "REDIS_PAUSE", 0.0)
    monkeypatch.setattr(stores, "REDIS_TIMEOUT", 5.0)
    _, port = redis_server
    client, store = redis.Redis(port=port), RedisStore(f"redis://127.0.0.1:{port}")
    assert store.put("before", b"value")
    client.replicaof("127.0.0.1", 1)  # of a primary that does not answer, as in a failover
    with pytest.raises(StoreUnavailable):
        store.put("during", b"value")
    assert store.get("before") == b"value"
    client.replicaof("no", "one")
    assert store.put("after", b"value")
    assert store.get("after") == b"value"


def test_one_setting_disables_all_caching(tmp_path):
    settings = {"WORKERS": "1", "CACHE_BYTES": "0", "CACHE_URL": "redis://127.0.0.1:1"}
    with running_server(tmp_path, **settings) as server:
        answers = [enrich(server), enrich(server)]
    assert all("Cache-Status" not in answer.headers for answer in answers)
    assert answers[0].content == answers[1].content
