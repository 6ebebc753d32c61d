"""Turns that begin or wait because of those of other workers."""

import multiprocessing
from threading import Event

import pytest

from service.execution.busy_cores import BusyCores
from service.execution.scheduler import Scheduler
from tests.execution.articles import Caller, Encoder, wait_until

FORK = multiprocessing.get_context("fork")


def _in_another_worker(busy, worker, cores):
    def run():
        busy.attach(worker)
        busy.set(cores)

    process = FORK.Process(target=run)
    process.start()
    process.join()
    assert process.exitcode == 0


def test_the_cores_of_all_workers_count_until_they_are_forgotten():
    busy = BusyCores(cores=3)
    busy.attach(1)
    busy.set(1)
    assert busy.leave_room()
    _in_another_worker(busy, 2, 2)
    assert not busy.leave_room()
    _in_another_worker(busy, 3, 4)
    busy.forget(3)
    busy.forget(2)
    assert busy.leave_room()
    busy.set(3)
    assert not busy.leave_room()
    busy.set(0)
    _in_another_worker(busy, 2 + 256, 3)  # after many replacements
    assert not busy.leave_room()


@pytest.mark.parametrize(("elsewhere", "begun"), [(0, 2), (1, 1), (2, 1)])
def test_further_passes_start_only_while_other_workers_leave_cores_free(elsewhere, begun):
    busy = BusyCores(cores=2)
    _in_another_worker(busy, 1, elsewhere)
    busy.attach(2)
    scheduler, encoder = Scheduler(2, 10_000, 10, own_cores=1, busy=busy), Encoder()
    caller = Caller(scheduler, encoder.run, list("abcd"), 100)
    wait_until(lambda: len(encoder.order) == begun)
    Event().wait(0.1)
    assert len(encoder.order) == begun
    busy.forget(1)
    encoder.gate.release()  # the next pass to start wakes the other thread
    wait_until(lambda: len(encoder.order) == 3)
    for _ in range(3):
        encoder.gate.release()
    caller.join(10)
    assert caller.outcome == list("abcd")
    assert busy.leave_room()
