"""Who gets the encoder's time, and who is told to come back."""

import math
import threading
import time
from threading import Event

import pytest

from service.enrichment.timings import StageTimer
from service.execution.scheduler import (
    CHARACTERS_PER_TOKEN,
    ClientDisconnected,
    DeadlineExceeded,
    JobLimits,
    Overloaded,
    Scheduler,
)

FREE = JobLimits(bounded=False)


def characters(tokens):
    return math.ceil(tokens * CHARACTERS_PER_TOKEN)


class Encoder:
    """Passes that each wait to be let through; ``order`` lists what was begun."""

    def __init__(self):
        self.order = []
        self.gate = threading.Semaphore(0)

    def run(self, name):
        self.order.append(name)
        assert self.gate.acquire(timeout=10)
        return name


class Caller(threading.Thread):
    """A thread that has an article read."""

    def __init__(self, scheduler, run, windows, size, terms=FREE):
        super().__init__(daemon=True)
        self.scheduler, self.run_pass, self.windows = scheduler, run, windows
        self.size, self.terms = size, terms
        self.stages, self.outcome, self.error = StageTimer(), None, None
        self.start()

    def run(self):
        length = characters(self.size * len(self.windows))
        try:
            with self.scheduler.turn(length, self.stages, self.terms) as passes:
                sizes = [self.size] * len(self.windows)
                self.outcome = list(passes(self.run_pass, self.windows, sizes))
        except Exception as error:
            self.error = error


def wait_until(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_the_outcomes_come_in_the_order_of_the_windows():
    scheduler = Scheduler(4, 10_000, 10)
    with scheduler.turn(5000, StageTimer(), FREE) as passes:

        def run(item):
            time.sleep(0.001 * (7 - item % 7))
            return -item

        assert list(passes(run, range(50), [20] * 50)) == [-n for n in range(50)]


def test_an_article_alone_has_all_cores():
    scheduler, encoder = Scheduler(3, 10_000, 10), Encoder()
    caller = Caller(scheduler, encoder.run, list("abcdef"), 100)
    wait_until(lambda: len(encoder.order) == 3)
    encoder.gate.release(6)
    caller.join(10)
    assert caller.outcome == list("abcdef")


def test_a_short_article_overtakes_the_later_windows_of_a_long_one():
    scheduler, encoder = Scheduler(1, 10**6, 10), Encoder()
    long = Caller(scheduler, encoder.run, [f"long {n}" for n in range(4)], 10_000)
    wait_until(lambda: len(encoder.order) == 1 and len(scheduler._waiting) == 3)
    short = Caller(scheduler, encoder.run, ["short"], 50)
    wait_until(lambda: len(scheduler._waiting) == 4)
    encoder.gate.release(5)
    long.join(10), short.join(10)
    assert encoder.order == ["long 0", "short", "long 1", "long 2", "long 3"]


def test_articles_of_one_length_are_read_in_the_order_they_came():
    scheduler, encoder = Scheduler(1, 10**6, 20), Encoder()
    callers = []
    for number in range(6):
        callers.append(Caller(scheduler, encoder.run, [number], 100))
        wait_until(lambda: len(encoder.order) + len(scheduler._waiting) == len(callers))
    encoder.gate.release(6)
    for caller in callers:
        caller.join(10)
    assert encoder.order == list(range(6))


def test_what_waits_is_counted_until_it_has_been_read():
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


def test_an_article_is_refused_when_the_queue_is_full_of_tokens():
    scheduler = Scheduler(1, 1000, 10)
    with scheduler.turn(characters(900), StageTimer(), FREE):
        with pytest.raises(Overloaded) as refused, scheduler.turn(1000, StageTimer(), JobLimits()):
            pass
        assert refused.value.retry_after >= 1
        assert scheduler.articles == 1
    with scheduler.turn(1000, StageTimer(), JobLimits()):
        assert scheduler.articles == 1


def test_an_article_is_refused_when_there_are_too_many():
    scheduler = Scheduler(1, 10**6, 2)
    with scheduler.turn(1, StageTimer(), JobLimits()), scheduler.turn(1, StageTimer(), JobLimits()):
        with pytest.raises(Overloaded), scheduler.turn(1, StageTimer(), JobLimits()):
            pass
        with pytest.raises(Overloaded):
            scheduler.check()
    scheduler.check()


def test_an_article_longer_than_the_queue_is_read_and_leaves_room_for_others():
    scheduler = Scheduler(1, 1000, 10)
    with scheduler.turn(10**6, StageTimer(), JobLimits()):
        assert scheduler.tokens == 250
        with scheduler.turn(characters(500), StageTimer(), JobLimits()):
            pass


def test_retry_after_is_as_long_as_the_backlog_takes():
    scheduler = Scheduler(2, 180_000, 100)
    with (
        scheduler.turn(characters(175_000), StageTimer(), FREE),
        pytest.raises(Overloaded) as refused,
        scheduler.turn(40_000, StageTimer(), JobLimits()),
    ):
        pass
    assert refused.value.retry_after == 10  # 175,000 tokens at the first guess of 9,000 a second


def test_retry_after_counts_what_follows_from_the_windows(monkeypatch):
    """Of 100 tokens each, a second for itself, and three for what is asked about its sentences."""
    scheduler = Scheduler(1, 1000, 10)
    now = 1000.0
    monkeypatch.setattr("service.execution.scheduler.time.monotonic", lambda: now)

    def run(item):
        nonlocal now
        now += 1
        return item

    with scheduler.turn(characters(50_000), StageTimer(), FREE) as passes:
        for _ in passes(run, range(500), [100] * 500):
            assert list(passes(run, "abc", [100, 100, 100])) == ["a", "b", "c"]
    with (
        scheduler.turn(characters(1000), StageTimer(), FREE),
        pytest.raises(Overloaded) as refused,
        scheduler.turn(100, StageTimer(), JobLimits()),
    ):
        pass
    assert refused.value.retry_after == pytest.approx(40, abs=2)


def test_an_article_that_would_be_late_is_refused_at_once():
    scheduler = Scheduler(1, 10**6, 10)
    with scheduler.turn(characters(90_000), StageTimer(), FREE):
        with pytest.raises(Overloaded):
            scheduler.turn(100, StageTimer(), JobLimits(time.monotonic() + 2))
        with scheduler.turn(100, StageTimer(), JobLimits(time.monotonic() + 60)):
            pass


def test_batches_are_refused_when_those_before_them_take_all_their_time():
    scheduler = Scheduler(1, 1000, 10)
    soon = time.monotonic() + 20
    with scheduler.batch(characters(85_000), soon):
        with scheduler.batch(characters(45_000), soon):
            pass
        with pytest.raises(Overloaded) as refused, scheduler.batch(characters(180_000), soon):
            pass
        assert refused.value.retry_after == 10
        with scheduler.turn(1000, StageTimer(), JobLimits()):
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


def test_a_deadline_that_has_passed_begins_nothing():
    scheduler = Scheduler(1, 1000, 10)
    with pytest.raises(DeadlineExceeded):
        scheduler.turn(10, StageTimer(), JobLimits(time.monotonic() - 1))


def test_nothing_is_read_for_a_caller_who_has_gone():
    scheduler, encoder, gone = Scheduler(1, 10**6, 10), Encoder(), Event()
    first = Caller(scheduler, encoder.run, ["first"], 100)
    wait_until(lambda: encoder.order == ["first"])
    second = Caller(scheduler, encoder.run, ["second"], 100, JobLimits(gone=gone.is_set))
    wait_until(lambda: len(scheduler._waiting) == 1)
    gone.set()
    encoder.gate.release(2)
    first.join(10), second.join(10)
    assert isinstance(second.error, ClientDisconnected)
    assert encoder.order == ["first"]


def test_what_a_pass_raises_is_raised_where_it_was_asked_for_and_others_go_on():
    scheduler = Scheduler(1, 10**6, 10)

    def run(item):
        raise KeyError(item)

    caller = Caller(scheduler, run, ["a", "b"], 10)
    caller.join(10)
    assert isinstance(caller.error, KeyError)
    with scheduler.turn(100, StageTimer(), FREE) as passes:
        assert list(passes(str.upper, ["x"], [10])) == ["X"]


def test_the_time_until_the_first_pass_is_a_stage_of_its_own():
    scheduler, encoder = Scheduler(1, 10**6, 10), Encoder()
    first = Caller(scheduler, encoder.run, ["first"], 100)
    wait_until(lambda: encoder.order == ["first"])
    second = Caller(scheduler, encoder.run, ["second"], 100)
    wait_until(lambda: len(scheduler._waiting) == 1)
    time.sleep(0.1)
    encoder.gate.release(2)
    first.join(10), second.join(10)
    assert 0.1 <= second.stages.seconds["queue"] < 5
    assert first.stages.seconds["queue"] < 0.1
