"""The order in which passes run, and which articles the scheduler rejects."""

import gc
import math
import threading
import time
import weakref
from threading import Event

import pytest

from service.enrichment.timings import StageTimer
from service.execution.errors import ClientDisconnected, DeadlineExceeded, Overloaded
from service.execution.job import JobLimits, Share
from service.execution.scheduler import Scheduler
from tests.execution.articles import UNBOUNDED, Caller, Encoder, wait_until


def test_outcomes_are_in_the_order_of_the_windows():
    scheduler = Scheduler(4, 10_000, 10)
    with scheduler.admit(1190, StageTimer(), UNBOUNDED) as run_passes:

        def run(item):
            time.sleep(0.001 * (7 - item % 7))
            return -item

        assert list(run_passes(run, range(50), [20] * 50)) == [-n for n in range(50)]


def test_an_idle_thread_holds_nothing_of_the_last_article():
    class Article:
        pass

    scheduler, article = Scheduler(2, 10_000, 10), Article()
    left = weakref.ref(article)
    with scheduler.admit(100, StageTimer(), UNBOUNDED) as run_passes:
        assert list(run_passes(lambda _, article=article: 1, [0, 1], [50] * 2)) == [1, 1]
    del article, run_passes
    wait_until(lambda: gc.collect() is not None and left() is None)


def test_a_single_article_uses_all_cores():
    scheduler, encoder = Scheduler(3, 10_000, 10), Encoder()
    caller = Caller(scheduler, encoder.run, list("abcdef"), 100)
    wait_until(lambda: len(encoder.order) == 3)
    encoder.gate.release(6)
    caller.join(10)
    assert caller.outcome == list("abcdef")


def test_a_short_article_overtakes_the_later_windows_of_a_long_one():
    scheduler, encoder = Scheduler(1, 10**6, 10), Encoder()
    long = Caller(scheduler, encoder.run, [f"long {n}" for n in range(4)], 10_000)
    wait_until(lambda: len(encoder.order) == 1 and scheduler.queued_turns == 3)
    short = Caller(scheduler, encoder.run, ["short"], 50)
    wait_until(lambda: scheduler.queued_turns == 4)
    encoder.gate.release(5)
    long.join(10), short.join(10)
    assert encoder.order == ["long 0", "short", "long 1", "long 2", "long 3"]


def test_articles_of_equal_length_run_in_the_order_of_admission():
    scheduler, encoder = Scheduler(1, 10**6, 20), Encoder()
    callers = []
    for number in range(6):
        callers.append(Caller(scheduler, encoder.run, [number], 100))
        wait_until(lambda: len(encoder.order) + scheduler.queued_turns == len(callers))
    encoder.gate.release(6)
    for caller in callers:
        caller.join(10)
    assert encoder.order == list(range(6))


def test_tokens_count_as_queued_until_they_have_been_read():
    scheduler, encoder = Scheduler(1, 10_000, 10), Encoder()
    caller = Caller(scheduler, encoder.run, ["a", "b"], 500)
    wait_until(lambda: encoder.order == ["a"])
    assert scheduler.tokens == pytest.approx(1000, abs=1)
    assert scheduler.articles == 1
    encoder.gate.release()
    wait_until(lambda: encoder.order == ["a", "b"])
    wait_until(lambda: scheduler.tokens == pytest.approx(500, abs=1))
    encoder.gate.release()
    caller.join(10)
    assert scheduler.tokens == pytest.approx(0, abs=1e-6)
    assert scheduler.articles == 0


def test_an_article_is_rejected_when_the_queue_has_too_many_tokens():
    scheduler = Scheduler(1, 1000, 10)
    with scheduler.admit(900, StageTimer(), UNBOUNDED):
        with (
            pytest.raises(Overloaded) as rejected,
            scheduler.admit(238, StageTimer(), JobLimits()),
        ):
            pass
        assert rejected.value.retry_after >= 1
        assert scheduler.articles == 1
    with scheduler.admit(238, StageTimer(), JobLimits()):
        assert scheduler.articles == 1


def test_an_article_is_rejected_when_the_queue_has_too_many_articles():
    scheduler = Scheduler(1, 10**6, 2)
    with (
        scheduler.admit(1, StageTimer(), JobLimits()),
        scheduler.admit(1, StageTimer(), JobLimits()),
    ):
        with pytest.raises(Overloaded), scheduler.admit(1, StageTimer(), JobLimits()):
            pass
        with pytest.raises(Overloaded):
            scheduler.ensure_capacity()
    scheduler.ensure_capacity()


def test_an_article_longer_than_the_queue_is_admitted_and_leaves_room_for_others():
    scheduler = Scheduler(1, 1000, 10)
    with scheduler.admit(238095, StageTimer(), JobLimits()):
        assert scheduler.tokens == 250
        with scheduler.admit(500, StageTimer(), JobLimits()):
            pass


def test_retry_after_is_the_time_that_the_backlog_takes():
    scheduler = Scheduler(2, 180_000, 100)
    with (
        scheduler.admit(175_000, StageTimer(), UNBOUNDED),
        pytest.raises(Overloaded) as rejected,
        scheduler.admit(9524, StageTimer(), JobLimits()),
    ):
        pass
    assert rejected.value.retry_after == 10  # 175,000 tokens at the first guess of 9,000 a second


def test_retry_after_includes_further_passes_over_the_windows(monkeypatch):
    """Each window of 100 tokens takes one second, and three further passes over it take three."""
    scheduler = Scheduler(1, 1000, 10)
    now = 1000.0
    monkeypatch.setattr("service.execution.scheduler.time.monotonic", lambda: now)

    def run(item):
        nonlocal now
        now += 1
        return item

    with scheduler.admit(50_000, StageTimer(), UNBOUNDED) as run_passes:
        for _ in run_passes(run, range(500), [100] * 500):
            assert list(run_passes(run, "abc", [100, 100, 100])) == ["a", "b", "c"]
    with (
        scheduler.admit(1000, StageTimer(), UNBOUNDED),
        pytest.raises(Overloaded) as rejected,
        scheduler.admit(24, StageTimer(), JobLimits()),
    ):
        pass
    assert rejected.value.retry_after == pytest.approx(40, abs=2)


def test_an_article_that_would_miss_its_deadline_is_rejected_at_once():
    scheduler = Scheduler(1, 10**6, 10)
    with scheduler.admit(90_000, StageTimer(), UNBOUNDED):
        with pytest.raises(Overloaded):
            scheduler.admit(24, StageTimer(), JobLimits(time.monotonic() + 2))
        with scheduler.admit(24, StageTimer(), JobLimits(time.monotonic() + 60)):
            pass


def test_a_batch_is_rejected_when_the_batches_before_it_take_all_its_time():
    scheduler = Scheduler(1, 1000, 10)
    soon = time.monotonic() + 20
    with scheduler.admit_batch(85_000, soon):
        with scheduler.admit_batch(45_000, soon):
            pass
        with (
            pytest.raises(Overloaded) as rejected,
            scheduler.admit_batch(180_000, soon),
        ):
            pass
        assert rejected.value.retry_after == 10
        with scheduler.admit(238, StageTimer(), JobLimits()):
            pass


def test_a_deadline_stops_the_work():
    scheduler, encoder = Scheduler(1, 10**6, 10), Encoder()
    caller = Caller(
        scheduler, encoder.run, list("abc"), 100, JobLimits(time.monotonic() + 0.2, bounded=False)
    )
    wait_until(lambda: encoder.order == ["a"])
    time.sleep(0.3)
    encoder.gate.release(3)
    caller.join(10)
    assert isinstance(caller.error, DeadlineExceeded)
    assert encoder.order == ["a"]
    assert scheduler.articles == 0
    assert scheduler.tokens == pytest.approx(0, abs=1e-6)


def test_an_article_whose_deadline_has_passed_is_not_admitted():
    scheduler = Scheduler(1, 1000, 10)
    with pytest.raises(DeadlineExceeded):
        scheduler.admit(2, StageTimer(), JobLimits(time.monotonic() - 1))


def test_no_pass_runs_for_a_client_that_has_disconnected():
    scheduler, encoder, disconnected = Scheduler(1, 10**6, 10), Encoder(), Event()
    first = Caller(scheduler, encoder.run, ["first"], 100)
    wait_until(lambda: encoder.order == ["first"])
    second = Caller(
        scheduler, encoder.run, ["second"], 100, JobLimits(disconnected=disconnected.is_set)
    )
    wait_until(lambda: scheduler.queued_turns == 1)
    disconnected.set()
    encoder.gate.release(2)
    first.join(10), second.join(10)
    assert isinstance(second.error, ClientDisconnected)
    assert encoder.order == ["first"]


def test_an_error_of_a_pass_is_raised_to_its_caller_and_other_articles_go_on():
    scheduler = Scheduler(1, 10**6, 10)

    def run(item):
        raise KeyError(item)

    caller = Caller(scheduler, run, ["a", "b"], 10)
    caller.join(10)
    assert isinstance(caller.error, KeyError)
    with scheduler.admit(24, StageTimer(), UNBOUNDED) as run_passes:
        assert list(run_passes(str.upper, ["x"], [10])) == ["X"]


def test_the_time_until_the_first_pass_is_the_stage_queue():
    scheduler, encoder = Scheduler(1, 10**6, 10), Encoder()
    first = Caller(scheduler, encoder.run, ["first"], 100)
    wait_until(lambda: encoder.order == ["first"])
    second = Caller(scheduler, encoder.run, ["second"], 100)
    wait_until(lambda: scheduler.queued_turns == 1)
    time.sleep(0.1)
    encoder.gate.release(2)
    first.join(10), second.join(10)
    assert 0.1 <= second.timer.seconds["queue"] < 5
    assert first.timer.seconds["queue"] < 0.1


def test_the_time_in_the_queue_is_not_part_of_the_stage_around_it():
    scheduler, encoder = Scheduler(1, 10**6, 10), Encoder()
    first = Caller(scheduler, encoder.run, ["first"], 100)
    wait_until(lambda: encoder.order == ["first"])
    timer = StageTimer()
    threading.Timer(0.2, encoder.gate.release, [2]).start()
    with scheduler.admit(24, timer, UNBOUNDED) as run_passes, timer("encode"):
        assert list(run_passes(encoder.run, ["second"], [25])) == ["second"]
    first.join(10)
    assert timer.seconds.keys() == {"queue", "encode"}
    (queued, started), (entered, left) = timer.interval("queue"), timer.interval("encode")
    assert entered <= queued < started < left
    assert timer.seconds["queue"] == pytest.approx(started - queued)
    assert timer.seconds["encode"] == pytest.approx((left - entered) - (started - queued))


def test_a_caller_does_not_wait_for_the_articles_of_another():
    scheduler, encoder = Scheduler(1, 1000, 100), Encoder()
    flood = [
        Caller(scheduler, encoder.run, [f"a{n}"], 50, JobLimits(share=Share("a")))
        for n in range(20)
    ]
    wait_until(lambda: scheduler.queued_turns == 19)
    refused = Caller(scheduler, encoder.run, ["a21"], 50, JobLimits(share=Share("a")))
    refused.join(10)
    assert isinstance(refused.error, Overloaded)
    other = Caller(scheduler, encoder.run, ["b1", "b2"], 50, JobLimits(share=Share("b")))
    wait_until(lambda: scheduler.queued_turns == 21)
    encoder.gate.release(22)
    other.join(10)
    for caller in flood:
        caller.join(10)
    assert encoder.order.index("b1") == 1
    assert encoder.order.index("b2") <= 3
    assert scheduler.articles == 0
    assert scheduler.tokens == pytest.approx(0, abs=1e-6)


def test_the_batches_of_another_do_not_count_as_time_before_a_batch():
    scheduler = Scheduler(1, 10_000, 10)
    soon = time.monotonic() + 60
    with (
        scheduler.admit_batch(10**8, math.inf, Share("a")),
        scheduler.admit_batch(100, soon, Share("b")),
        pytest.raises(Overloaded),
        scheduler.admit_batch(100, soon, Share("a")),
    ):
        pass
    with (
        scheduler.admit_batch(10**8, math.inf),
        pytest.raises(Overloaded),
        scheduler.admit_batch(100, soon),
    ):
        pass


def test_an_article_alone_runs_its_passes_on_its_own_thread():
    scheduler = Scheduler(1, 10_000, 10)
    with scheduler.admit(100, StageTimer(), UNBOUNDED) as run_passes:
        threads = set(run_passes(lambda _: threading.current_thread(), range(9), [10] * 9))
    assert threads == {threading.current_thread()}


def test_articles_beside_others_leave_their_passes_to_the_scheduler():
    scheduler, encoder, ran = Scheduler(1, 10**6, 10), Encoder(), []

    def run(name):
        ran.append((name, threading.current_thread().name))
        return encoder.run(name)

    callers = []
    for name in "abc":
        callers.append(Caller(scheduler, run, [name, name], 100))
        wait_until(lambda: len(encoder.order) + scheduler.queued_turns == 2 * len(callers))
    encoder.gate.release(6)
    for caller in callers:
        caller.join(10)
    assert ran[0] == ("a", callers[0].name)  # it was alone then
    assert {thread for _, thread in ran[1:]} == {"encoder-0"}


def test_the_queue_goes_on_when_an_article_is_given_up_between_its_passes():
    scheduler = Scheduler(1, 10**6, 10)
    with scheduler.admit(400, StageTimer(), UNBOUNDED) as run_passes:
        passes = run_passes(str.upper, "abcd", [100] * 4)
        assert next(passes) == "A"
        passes.close()
        other = Caller(scheduler, str.upper, ["x"], 100)
    other.join(10)
    assert other.outcome == ["X"]
