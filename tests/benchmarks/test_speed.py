"""The figures of speed are what their names say."""

import math
from statistics import mean

import pytest

from benchmarks.speed.figures import (
    Answer,
    Load,
    arrivals,
    goodput,
    markdown_table,
    percentile,
)


def test_a_percentile_lies_between_the_values():
    assert percentile([3.0, 1.0, 2.0], 50) == 2.0
    assert percentile([float(n) for n in range(101)], 95) == pytest.approx(95)
    assert percentile([7.0], 99) == 7.0


def test_a_percentile_of_nothing_is_not_a_number():
    assert math.isnan(percentile([], 50))


def test_arrivals_are_the_same_with_the_same_seed_and_others_with_another():
    assert arrivals(5, 20, seed=1) == arrivals(5, 20, seed=1)
    assert arrivals(5, 20, seed=1) != arrivals(5, 20, seed=2)


def test_arrivals_ascend_within_the_time_at_the_rate_with_exponential_gaps():
    moments = arrivals(rate=50, seconds=200, seed=3)
    gaps = [after - before for before, after in zip([0.0, *moments], moments, strict=False)]
    assert moments == sorted(moments)
    assert moments[0] > 0
    assert moments[-1] < 200
    assert len(moments) == pytest.approx(10_000, rel=0.05)
    # The deviation of an exponential distribution is its mean; that of a steady beat would be 0.
    assert mean((gap - 0.02) ** 2 for gap in gaps) ** 0.5 == pytest.approx(0.02, rel=0.05)


def test_latency_counts_from_when_a_request_was_due():
    assert Answer(scheduled=1.0, done=3.5, status="200", words=10).latency == 2.5


def test_goodput_counts_enrichments_that_came_in_time_and_before_the_end():
    answers = [
        Answer(0.0, 0.5, "200", 10),
        Answer(0.0, 3.0, "200", 10),  # too late
        Answer(1.0, 1.1, "503", 10),  # no enrichment
        Answer(3.9, 4.5, "200", 10),  # after the end
        Answer(2.0, 3.9, "200", 10),
    ]
    assert goodput(answers, seconds=4.0, limit=2.0) == 2 / 4.0


def test_words_a_second_are_those_of_enrichments_alone():
    answers = [Answer(0, 1, "200", 300), Answer(0, 1, "503", 500), Answer(1, 2, "200", 100)]
    done = Load(answers, seconds=2.0, processor=0.1, stages={})
    assert done.words == 200
    assert done.share == 0.05
    assert done.statuses == {"200": 2, "503": 1}


def test_a_table_has_text_on_the_left_and_figures_on_the_right():
    table = markdown_table(["name", "a", "b"], [["x", "1", "2"], ["y", "3", "4"]])
    assert table.splitlines() == [
        "| name | a | b |",
        "| --- | ---: | ---: |",
        "| x | 1 | 2 |",
        "| y | 3 | 4 |",
    ]
