import time

from service.api.stream_slots import IDLE_SECONDS, StreamSlots


def test_an_idle_stream_ends_only_while_another_waits():
    slots = StreamSlots(1)
    long_ago = time.monotonic() - IDLE_SECONDS - 1
    assert slots.acquire()
    assert not slots.must_end(long_ago)
    assert not slots.acquire()
    assert slots.must_end(long_ago)
    assert not slots.must_end(time.monotonic())
    slots.release()
    assert not slots.must_end(long_ago)
    assert slots.acquire()


def test_the_last_quarter_of_the_slots_is_for_callers_that_have_none():
    slots = StreamSlots(8)
    assert [slots.acquire("a") for _ in range(8)] == [True] * 6 + [False] * 2
    assert slots.acquire("b")
    assert not slots.acquire("b")
    assert slots.acquire("c")
    assert not slots.acquire("d")
    slots.release("a"), slots.release("b")
    assert slots.acquire("b")
    assert not slots.acquire("a")


def test_callers_that_are_not_told_apart_have_all_slots():
    slots = StreamSlots(8)
    assert [slots.acquire() for _ in range(9)] == [True] * 8 + [False]
