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
