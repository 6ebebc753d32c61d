import numpy as np

from service.enrichment.model_protocol import run_sequentially
from service.enrichment.passes import TimedPasses, run_in_batches
from service.enrichment.timings import StageTimer


def test_batches_hold_at_most_the_limit_unless_one_item_is_longer():
    runs = []

    def passes(run, items, tokens):
        runs.extend(zip(items, tokens, strict=True))
        return map(run, items)

    rows = run_in_batches(
        lambda batch: np.asarray([[item] for item in batch]), range(5), [4, 6, 11, 1, 2], 10, passes
    )
    assert runs == [([0, 1], 10), ([2], 11), ([3, 4], 3)]
    assert rows.tolist() == [[0], [1], [2], [3], [4]]


def test_timed_passes_yield_each_outcome_and_time_it_as_encode():
    timer = StageTimer()
    passes = TimedPasses(run_sequentially, timer)
    assert list(passes(lambda item: -item, [1, 2, 3], [1, 1, 1])) == [-1, -2, -3]
    assert list(timer.seconds) == ["encode"]
    assert timer.seconds["encode"] > 0


def test_the_time_in_a_queue_is_not_encoding_time():
    timer = StageTimer()

    def passes(run, items, tokens):
        for item in items:
            timer.record("queue", 0.0, 1000.0)
            yield run(item)

    list(TimedPasses(passes, timer)(abs, [1, 2], [1, 1]))
    assert timer.seconds["queue"] == 2000.0
    assert -2000.0 < timer.seconds["encode"] < -1999.0
