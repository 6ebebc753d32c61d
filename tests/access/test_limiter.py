"""Limits of callers, counted in this process and in a real Redis."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import limits.storage.memory
import limits.strategies
import pytest
import redis

from service import redis_guard
from service.access import limiter as module
from service.access import slots
from service.access.limiter import Caller, Limiter, LimitExceeded, address_name
from tests.redis_server import running_redis


class Clock:
    """Stands still in the middle of 2026, at the first second of a minute."""

    def __init__(self):
        self.now = 1_780_000_020.0

    def time(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(limits.storage.memory, "time", clock)
    monkeypatch.setattr(limits.strategies, "time", clock)
    return clock


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory):
    with running_redis(tmp_path_factory.mktemp("redis")) as (_, port):
        yield f"redis://127.0.0.1:{port}/0"


@pytest.fixture(params=["memory", "redis"])
def limiter(request, monkeypatch):
    if request.param == "memory":
        return Limiter()
    url = request.getfixturevalue("redis_url")
    redis.Redis.from_url(url).flushall()
    monkeypatch.setattr(module, "REDIS_TIMEOUT", 10.0)
    return Limiter(url)


def requests_of(limiter, caller, number=1, slot="concurrent_requests"):
    """How many of so many requests, one after the other, are not refused."""
    accepted = 0
    for _ in range(number):
        try:
            limiter.begin(caller, slot)()
        except LimitExceeded:
            continue
        accepted += 1
    return accepted


def test_exactly_as_many_requests_pass_as_the_limit_has(limiter):
    caller = Caller("key:a", limits={"requests_per_minute": 20})
    with ThreadPoolExecutor(16) as threads:
        accepted = sum(threads.map(lambda _: requests_of(limiter, caller), range(60)))
    assert accepted == 20
    assert requests_of(limiter, Caller("key:b", limits={"requests_per_minute": 20})) == 1


def test_without_limits_nothing_is_rejected(limiter):
    assert requests_of(limiter, Caller("key:a", limits={}), 50) == 50
    assert requests_of(limiter, Caller("key:a", limits={"requests_per_minute": None}), 50) == 50
    limiter.spend(Caller("key:a", limits={}), 10**9)
    assert limiter.remaining(Caller("key:a", limits={})) == {}


def test_tokens_are_rejected_as_a_whole_and_a_refusal_costs_nothing(limiter):
    caller = Caller("key:a", limits={"tokens_per_minute": 100, "tokens_per_day": 150})
    limiter.spend(caller, 60)
    with pytest.raises(LimitExceeded) as refused:
        limiter.spend(caller, 60)
    assert (refused.value.name, refused.value.amount) == ("tokens_per_minute", 100)
    assert 1 <= refused.value.retry_after <= 121
    limiter.spend(caller, 40)
    with pytest.raises(LimitExceeded):
        limiter.spend(caller, 1)


def test_the_quota_of_a_day_outlasts_the_minute(clock):
    limiter = Limiter()
    caller = Caller("key:a", limits={"tokens_per_minute": 100, "tokens_per_day": 150})
    limiter.spend(caller, 100)
    clock.now += 120
    with pytest.raises(LimitExceeded) as refused:
        limiter.spend(caller, 60)
    assert refused.value.name == "tokens_per_day"
    assert refused.value.retry_after > 3600
    clock.now += 120
    limiter.spend(caller, 50)


def test_an_article_longer_than_the_limit_takes_all_of_it(limiter):
    caller = Caller("key:a", limits={"tokens_per_minute": 100})
    limiter.spend(caller, 5000)
    with pytest.raises(LimitExceeded):
        limiter.spend(caller, 1)


@pytest.mark.parametrize("units", [1, 7, 50, 100])
@pytest.mark.parametrize("used", [(100, 0), (60, 40), (0, 100), (30, 70)])
def test_after_the_retry_time_and_not_before_the_tokens_are_free(clock, units, used):
    limiter = Limiter()
    caller = Caller("key:a", limits={"tokens_per_minute": 100})
    clock.now += 30
    for tokens in used:
        if tokens:
            limiter.spend(caller, tokens)
        clock.now += 45
    clock.now -= 45
    try:
        limiter.spend(caller, units)
        return
    except LimitExceeded as error:
        wait = error.retry_after
    before = clock.now
    for early in range(1, wait - 1):
        clock.now = before + early
        with pytest.raises(LimitExceeded):
            limiter.spend(caller, units)
    clock.now = before + wait
    limiter.spend(caller, units)


def test_what_remains_is_known(clock):
    limiter = Limiter()
    caller = Caller("key:a", limits={"requests_per_minute": 10, "tokens_per_day": 1000})
    fresh = {q.name: left for q, left in limiter.remaining(caller).items()}
    assert {name: (left.units, left.seconds) for name, left in fresh.items()} == {
        "requests_per_minute": (10, 0),
        "tokens_per_day": (1000, 0),
    }
    requests_of(limiter, caller, 3)
    limiter.spend(caller, 250)
    left = {q.name: left for q, left in limiter.remaining(caller).items()}
    assert left["requests_per_minute"].units == 7
    assert 0 < left["requests_per_minute"].seconds <= 120
    assert left["tokens_per_day"].units == 750


def test_as_many_requests_run_at_the_same_time_as_the_limit_has(limiter):
    caller = Caller("key:a", limits={"concurrent_requests": 2, "concurrent_streams": 1})
    first, second = (limiter.begin(caller, "concurrent_requests") for _ in range(2))
    with pytest.raises(LimitExceeded) as refused:
        limiter.begin(caller, "concurrent_requests")
    assert refused.value.name == "concurrent_requests"
    stream = limiter.begin(caller, "concurrent_streams")
    with pytest.raises(LimitExceeded):
        limiter.begin(caller, "concurrent_streams")
    other = Caller("key:b", limits=caller.limits)
    limiter.begin(other, "concurrent_streams")
    first()
    limiter.begin(caller, "concurrent_requests")
    second(), stream()
    limiter.begin(caller, "concurrent_streams")


def test_a_request_that_is_rejected_for_its_rate_takes_no_slot(limiter):
    caller = Caller("key:a", limits={"concurrent_requests": 1, "requests_per_minute": 1})
    assert requests_of(limiter, caller, 5) == 1
    limiter.begin(Caller("key:a", limits={"concurrent_requests": 1}), "concurrent_requests")


def test_processes_that_share_a_redis_count_together(redis_url, monkeypatch):
    redis.Redis.from_url(redis_url).flushall()
    monkeypatch.setattr(module, "REDIS_TIMEOUT", 10.0)
    one, other = Limiter(redis_url), Limiter(redis_url)
    caller = Caller("key:a", limits={"requests_per_minute": 30, "concurrent_streams": 1})
    with ThreadPoolExecutor(8) as threads:
        accepted = threads.map(lambda n: requests_of((one, other)[n % 2], caller), range(60))
        assert sum(accepted) == 30
    slot = Caller("key:a", limits={"concurrent_streams": 1})
    release = one.begin(slot, "concurrent_streams")
    with pytest.raises(LimitExceeded):
        other.begin(slot, "concurrent_streams")
    release()
    other.begin(slot, "concurrent_streams")()


def test_the_slots_of_a_killed_process_are_given_back_and_those_of_others_are_renewed(
    redis_url, monkeypatch
):
    client = redis.Redis.from_url(redis_url)
    client.flushall()
    monkeypatch.setattr(slots, "LEASE_SECONDS", 2)
    monkeypatch.setattr(slots, "_RENEW_SECONDS", 0.2)
    killed, running = slots.RedisSlots(client), slots.RedisSlots(client)
    monkeypatch.setattr(killed, "_renewing", True)  # it renews nothing any more
    assert killed.acquire("key:a", "concurrent_streams", 2)
    first = running.acquire("key:a", "concurrent_streams", 2)
    assert first
    assert not running.acquire("key:a", "concurrent_streams", 2)
    time.sleep(3)
    second = running.acquire("key:a", "concurrent_streams", 2)
    assert second
    assert not running.acquire("key:a", "concurrent_streams", 2)
    first()
    second()


def test_a_redis_that_fails_leaves_limits_of_the_process_and_is_logged(tmp_path, caplog):
    caller = Caller("key:a", limits={"requests_per_minute": 5, "concurrent_requests": 1})
    with running_redis(tmp_path) as (process, port):
        limiter = Limiter(f"redis://127.0.0.1:{port}/0")
        release = limiter.begin(caller, "concurrent_requests")
        process.kill()
        process.wait(30)
        assert requests_of(limiter, caller, 20) == 5
        release()
    [warning] = [r for r in caplog.records if "this process counts for itself" in r.getMessage()]
    assert "5 seconds" in warning.getMessage()


def test_a_redis_that_does_not_answer_delays_one_request_only(monkeypatch):
    monkeypatch.setattr(redis_guard, "REDIS_PAUSE", 60.0)
    before = set(threading.enumerate())
    with socket.create_server(("127.0.0.1", 0)) as silent:
        limiter = Limiter(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        caller = Caller("key:a", limits={"requests_per_minute": 5})
        assert requests_of(limiter, caller, 20) == 5
        assert len(set(threading.enumerate()) - before) <= 16


def test_a_slot_that_is_granted_too_late_is_given_back(monkeypatch):
    monkeypatch.setattr(module, "REDIS_TIMEOUT", 0.05)
    limiter, released = Limiter("redis://127.0.0.1:1/0"), threading.Event()

    class Late:
        def acquire(self, *_):
            time.sleep(0.3)
            return released.set

    monkeypatch.setattr(limiter, "_shared", module._Counts(None, Late()))
    limiter.begin(Caller("key:a", limits={"concurrent_requests": 1}), "concurrent_requests")
    assert released.wait(10)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("192.0.2.7", "address:192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "address:2001:db8:1:2::"),
        ("2001:db8:1:2::7", "address:2001:db8:1:2::"),
        ("::ffff:192.0.2.7", "address:192.0.2.7"),
        ("", "address:unknown"),
        (None, "address:unknown"),
    ],
)
def test_addresses_of_one_network_are_one_caller(address, name):
    assert address_name(address) == name
