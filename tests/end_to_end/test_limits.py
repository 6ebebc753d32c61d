"""Limits across workers and replicas, with a real Redis."""

from concurrent.futures import ThreadPoolExecutor

import requests

from service.access.api_key import ApiKey, hash_secret, new_secret
from service.access.key_file import add_key
from tests.conftest import running_server
from tests.redis_server import running_redis


def test_two_replicas_with_two_workers_each_count_together(tmp_path):
    secret = new_secret("a")
    add_key(tmp_path / "keys.yaml", ApiKey("a", hash_secret(secret)))
    for name in ("one", "other", "redis"):
        (tmp_path / name).mkdir()
    with running_redis(tmp_path / "redis") as (process, port):
        settings = {
            "WORKERS": "2",
            "API_KEYS_FILE": str(tmp_path / "keys.yaml"),
            "LIMITS": "requests_per_minute=40",
            "LIMITS_URL": f"redis://127.0.0.1:{port}/0",
        }
        with (
            running_server(tmp_path / "one", **settings) as one,
            running_server(tmp_path / "other", **settings) as other,
        ):

            def status(number):
                url = (one, other)[number % 2].url
                headers = {"X-API-Key": secret}
                return requests.get(f"{url}/v1/models", headers=headers, timeout=60).status_code

            with ThreadPoolExecutor(8) as threads:
                statuses = list(threads.map(status, range(100)))
                assert (statuses.count(200), statuses.count(429)) == (40, 60)
                process.kill()
                process.wait(30)
                without = list(threads.map(status, range(40)))
            assert set(without) <= {200, 429}
            assert 200 in without
            logged = one.output.read_text() + other.output.read_text()
            assert "this process counts for itself" in logged
            assert "counts limits for itself; set LIMITS_URL" not in logged
            assert secret not in logged
