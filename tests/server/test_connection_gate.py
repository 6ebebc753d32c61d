"""Which worker accepts a connection."""

import multiprocessing
import socket
import time

import pytest

from service.execution.worker_counts import WorkerCounts
from service.server.connection_gate import ConnectionGate

FORK = multiprocessing.get_context("fork")


@pytest.fixture
def counts():
    counts = WorkerCounts()
    counts.attach(1)
    return counts


@pytest.fixture
def gate(counts):
    return ConnectionGate(counts)


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


def connected(listener):
    client = socket.create_connection(listener.getsockname())
    time.sleep(0.02)
    return client


def another_worker(counts, connections):
    def publish():
        counts.attach(2)
        counts.set(connections)

    process = FORK.Process(target=publish)
    process.start()
    process.join()
    assert process.exitcode == 0


def accepts(gate, listener, connections):
    accepted = gate.accept(listener, connections)
    if accepted is None:
        return False
    accepted[0].close()
    return True


@pytest.mark.parametrize("elsewhere", [3, 4])
def test_a_worker_accepts_at_once_if_none_has_fewer_connections(gate, counts, listener, elsewhere):
    another_worker(counts, elsewhere)
    gate.publish(3, accepting=True)
    with connected(listener):
        assert accepts(gate, listener, 3)
    assert gate.is_open


def test_a_worker_leaves_a_connection_to_one_with_fewer_but_not_for_long(gate, counts, listener):
    another_worker(counts, 2)
    gate.publish(3, accepting=True)
    with connected(listener):
        assert not accepts(gate, listener, 3)
        assert gate.look_within(1.0) < 0.01
        deadline = time.monotonic() + 5
        while not accepts(gate, listener, 3):
            assert time.monotonic() < deadline
    time.sleep(0.1)
    with connected(listener):  # another one
        assert not accepts(gate, listener, 3)


def test_a_worker_that_has_exited_or_accepts_no_more_gets_no_connections(gate, counts, listener):
    another_worker(counts, 0)
    counts.forget(2)
    gate.publish(3, accepting=True)
    with connected(listener):
        assert accepts(gate, listener, 3)
    gate.publish(3, accepting=False)
    assert counts.all() == []


def test_no_connection_is_accepted_for_a_moment_without_descriptors(gate, listener):
    class Exhausted:
        def accept(self):
            raise OSError(24, "Too many open files")

    assert gate.accept(Exhausted(), 0) is None
    assert gate.exhausted
    assert not gate.is_open
    assert gate.look_within(1.0) == pytest.approx(0.2)
    with connected(listener):
        assert accepts(gate, listener, 0)
    assert not gate.exhausted


def test_an_open_gate_of_a_full_worker_is_looked_at_in_turns(gate):
    assert gate.look_within(1.0) == 0.2
