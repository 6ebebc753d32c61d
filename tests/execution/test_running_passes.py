"""Passes that start or wait because of those of other workers."""

import multiprocessing
from threading import Event

import pytest

from service.execution.running_passes import RunningPasses
from service.execution.scheduler import Scheduler
from tests.execution.test_scheduler import Caller, Encoder, wait_until

FORK = multiprocessing.get_context("fork")


def _in_another_worker(running, worker, passes):
    def run():
        running.attach(worker)
        running.set(passes)

    process = FORK.Process(target=run)
    process.start()
    process.join()
    assert process.exitcode == 0


def test_passes_of_all_workers_count_until_they_are_forgotten():
    running = RunningPasses(cores=3)
    running.attach(1)
    running.set(1)
    assert running.leave_room()
    _in_another_worker(running, 2, 2)
    assert not running.leave_room()
    _in_another_worker(running, 3, 4)
    running.forget(3)
    running.forget(2)
    assert running.leave_room()
    running.set(3)
    assert not running.leave_room()
    running.set(0)
    _in_another_worker(running, 2 + 256, 3)  # after many replacements
    assert not running.leave_room()


@pytest.mark.parametrize(("elsewhere", "begun"), [(0, 2), (1, 1), (2, 1)])
def test_further_passes_start_only_while_other_workers_leave_cores_free(elsewhere, begun):
    running = RunningPasses(cores=2)
    _in_another_worker(running, 1, elsewhere)
    running.attach(2)
    scheduler, encoder = Scheduler(2, 10_000, 10, own_passes=1, running=running), Encoder()
    caller = Caller(scheduler, encoder.run, list("abcd"), 100)
    wait_until(lambda: len(encoder.order) == begun)
    Event().wait(0.1)
    assert len(encoder.order) == begun
    running.forget(1)
    encoder.gate.release()  # the next pass to start wakes the other thread
    wait_until(lambda: len(encoder.order) == 3)
    for _ in range(3):
        encoder.gate.release()
    caller.join(10)
    assert caller.outcome == list("abcd")
    assert running.leave_room()
