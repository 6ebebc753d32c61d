"""Stores by themselves. Redis is tested against a server in :mod:`tests.end_to_end.test_cache`."""

from service.execution.stores import MemoryStore


def test_memory_is_bounded_and_evicts_the_least_recently_used_value():
    memory = MemoryStore(10_000)
    for k in range(100):
        memory.put(str(k), bytes(1_000))
        memory.get("0")
    kept = [k for k in range(100) if memory.get(str(k)) is not None]
    assert kept == [0, 95, 96, 97, 98, 99]
    assert not memory.put("large", bytes(10_000))
    assert memory.get("large") is None
    assert memory.get("99") is not None
