import math
from statistics import mean

import pytest

from benchmarks import server
from benchmarks.speed.figures import (
    Answer,
    Load,
    Spread,
    arrivals,
    goodput,
    markdown_table,
    percentile,
)


def test_percentiles_are_interpolated():
    assert percentile([3.0, 1.0, 2.0], 50) == 2.0
    assert percentile([float(n) for n in range(101)], 95) == pytest.approx(95)
    assert percentile([7.0], 99) == 7.0


def test_the_percentile_of_no_values_is_nan():
    assert math.isnan(percentile([], 50))


def test_a_spread_is_the_median_with_the_lowest_and_the_highest_value():
    assert Spread.of([3.0, 1.0, 2.0, 9.0, 2.5]) == (2.5, 1.0, 9.0)


def test_arrivals_depend_only_on_the_seed():
    assert arrivals(5, 20, seed=1) == arrivals(5, 20, seed=1)
    assert arrivals(5, 20, seed=1) != arrivals(5, 20, seed=2)


def test_arrivals_are_a_poisson_process():
    times = arrivals(rate=50, seconds=200, seed=3)
    gaps = [after - before for before, after in zip([0.0, *times], times, strict=False)]
    assert times == sorted(times)
    assert times[0] > 0
    assert times[-1] < 200
    assert len(times) == pytest.approx(10_000, rel=0.05)
    # The standard deviation of an exponential distribution equals its mean.
    assert mean((gap - 0.02) ** 2 for gap in gaps) ** 0.5 == pytest.approx(0.02, rel=0.05)


def test_latency_counts_from_the_due_time_of_a_request():
    assert Answer(scheduled=1.0, done=3.5, status="200", words=10).latency == 2.5


def test_goodput_counts_enrichments_within_the_limit_and_before_the_end():
    answers = [
        Answer(0.0, 0.5, "200", 10),
        Answer(0.0, 3.0, "200", 10),  # too late
        Answer(1.0, 1.1, "503", 10),  # rejected
        Answer(3.9, 4.5, "200", 10),  # after the end
        Answer(2.0, 3.9, "200", 10),
    ]
    assert goodput(answers, seconds=4.0, limit=2.0) == 2 / 4.0


def test_words_per_second_count_only_enrichments():
    answers = [Answer(0, 1, "200", 300), Answer(0, 1, "503", 500), Answer(1, 2, "200", 100)]
    done = Load(answers, seconds=2.0, processor=0.1)
    assert done.words == 200
    assert done.share == 0.05
    assert done.statuses == {"200": 2, "503": 1}


def test_a_table_has_text_on_the_left_and_numbers_on_the_right():
    table = markdown_table(["name", "a", "b"], [["x", "1", "2"], ["y", "3", "4"]])
    assert table.splitlines() == [
        "| name | a | b |",
        "| --- | ---: | ---: |",
        "| x | 1 | 2 |",
        "| y | 3 | 4 |",
    ]


@pytest.mark.parametrize(
    ("flags", "expected"), [("avx2 avx512_vnni", "with VNNI"), ("avx2", "without VNNI")]
)
def test_the_machine_is_described_with_its_instructions(monkeypatch, flags, expected):
    processor = f"processor : 0\nmodel name\t: Some CPU\nflags\t: fpu {flags}\n"
    monkeypatch.setattr(server, "_read", lambda path: processor)
    assert f"Some CPU {expected}, " in server.machine()
