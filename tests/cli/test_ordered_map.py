import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from service.cli.ordered_map import map_in_order


def test_results_come_in_order_and_few_items_are_read_ahead():
    items_read = 0

    def items() -> Iterator[int]:
        nonlocal items_read
        for item in range(200):
            items_read += 1
            yield item

    def slow_first(item: int) -> str:
        time.sleep(0.05 if item == 0 else 0.0001)
        return str(item)

    with ThreadPoolExecutor(4) as pool:
        pairs = []
        for pair in map_in_order(pool, slow_first, items(), 8):
            pairs.append(pair)
            assert items_read <= len(pairs) + 8
    assert pairs == [(item, str(item)) for item in range(200)]


def test_an_error_is_raised_in_the_place_of_its_item():
    def fail_on_three(item: int) -> int:
        if item == 3:
            raise ValueError(item)
        return item

    with ThreadPoolExecutor(2) as pool:
        pairs = map_in_order(pool, fail_on_three, range(6), 4)
        assert [next(pairs) for _ in range(3)] == [(0, 0), (1, 1), (2, 2)]
        with pytest.raises(ValueError, match="3"):
            next(pairs)
