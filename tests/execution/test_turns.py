"""The turns of articles: their threads and their passes share the cores."""

import threading
import time

from service.enrichment.timings import StageTimer
from service.execution.errors import DeadlineExceeded
from service.execution.job import JobLimits, Share
from service.execution.scheduler import Scheduler
from tests.execution.articles import UNBOUNDED, Caller, Encoder, Thread, wait_until


def test_threads_of_articles_take_turns_with_passes():
    scheduler, encoder = Scheduler(1, 10_000, 10), Encoder()
    thread = Thread(scheduler)
    assert thread.begun.wait(10)
    caller = Caller(scheduler, encoder.run, ["pass"], 100)
    wait_until(lambda: scheduler.queued_turns == 1)
    assert encoder.order == []
    thread.end()
    wait_until(lambda: encoder.order == ["pass"])
    waiting = Thread(scheduler)
    wait_until(lambda: scheduler.queued_turns == 1)
    time.sleep(0.05)
    assert not waiting.begun.is_set()
    encoder.gate.release()
    caller.join(10)
    assert waiting.begun.wait(10)
    waiting.end()
    assert waiting.timer.seconds["queue"] >= 0.05
    assert scheduler.articles == 0


def test_a_thread_that_waits_for_passes_uses_no_core():
    scheduler, encoder = Scheduler(2, 10_000, 10), Encoder()
    with scheduler.admit(100, StageTimer(), UNBOUNDED) as job:
        job.begin()
        threading.Timer(0.1, encoder.gate.release, [2]).start()
        both = threading.Barrier(2, timeout=10)

        def run(name):
            both.wait()
            return encoder.run(name)

        assert list(job(run, "ab", [50, 50])) == ["a", "b"]
        assert job.has_turn


def test_a_long_turn_lets_those_go_first_that_were_due_before_its_rest():
    scheduler = Scheduler(1, 10_000, 10)
    long = Thread(scheduler, checks=True)
    assert long.begun.wait(10)
    others = [Thread(scheduler) for _ in range(3)]
    for other in others:
        assert other.begun.wait(10)
        other.end()
    assert long.is_alive()
    long.end()
    assert long.error is None


def test_the_thread_of_a_caller_below_its_share_goes_before_those_of_a_flood():
    scheduler, encoder = Scheduler(1, 10_000, 100), Encoder()
    running = Caller(scheduler, encoder.run, ["x"], 500, JobLimits(share=Share("a")))
    wait_until(lambda: encoder.order == ["x"])
    flood = [Thread(scheduler, JobLimits(share=Share("a"))) for _ in range(5)]
    quiet = Thread(scheduler, JobLimits(share=Share("b")))
    wait_until(lambda: scheduler.queued_turns == 6)
    encoder.gate.release()
    assert quiet.begun.wait(10)
    assert not any(thread.begun.is_set() for thread in flood)
    for thread in (quiet, *flood):
        thread.end()
    running.join(10)


def test_a_thread_does_not_wait_for_its_turn_beyond_its_deadline():
    scheduler, encoder = Scheduler(1, 10_000, 10), Encoder()
    caller = Caller(scheduler, encoder.run, ["pass"], 100)
    wait_until(lambda: encoder.order == ["pass"])
    late = Thread(scheduler, JobLimits(time.monotonic() + 0.1, bounded=False))
    late.join(10)
    assert isinstance(late.error, DeadlineExceeded)
    encoder.gate.release()
    caller.join(10)
    after = Thread(scheduler)
    assert after.begun.wait(10)
    after.end()
    assert scheduler.articles == 0


def test_a_thread_is_woken_for_several_passes_at_once(monkeypatch):
    scheduler, waits = Scheduler(1, 10_000, 10), []
    wait_for = scheduler.wait_for
    monkeypatch.setattr(
        scheduler, "wait_for", lambda job, task: (waits.append(task), wait_for(job, task))
    )
    with scheduler.admit(400, StageTimer(), UNBOUNDED) as job:
        assert list(job(str.upper, "abcd", [100] * 4)) == list("ABCD")
    assert len(waits) == 2


def test_passes_that_have_ended_when_they_are_awaited_count_as_queued_until_they_began(monkeypatch):
    scheduler, timer = Scheduler(1, 10_000, 10), StageTimer()
    submit = scheduler.submit

    def submit_and_run(job, passes):
        tasks = submit(job, passes)
        wait_until(lambda: all(task.done for task in tasks))
        return tasks

    with scheduler.admit(400, timer, UNBOUNDED) as job:
        monkeypatch.setattr(scheduler, "submit", submit_and_run)
        assert list(job(str.upper, "ab", [100] * 2)) == ["A", "B"]
        queued = timer.seconds["queue"]
        time.sleep(0.01)
        monkeypatch.undo()
        assert list(job(str.upper, "cd", [100] * 2)) == ["C", "D"]
    assert timer.seconds["queue"] == queued >= 0
