"""How much text a worker processes at the same time."""

import math
import time
from contextlib import ExitStack
from threading import Event, Thread

import pytest

from service.execution.errors import DeadlineExceeded, Overloaded
from service.execution.job import JobLimits
from service.execution.text_budget import TextBudget

ALONE, IN_BATCH = JobLimits(), JobLimits(bounded=False)


def test_an_article_beyond_the_budget_is_rejected_until_there_is_a_place():
    budget = TextBudget(10)
    with (
        budget.hold(6, ALONE),
        budget.hold(4, ALONE),
        pytest.raises(Overloaded),
        budget.hold(1, ALONE),
    ):
        pass
    with budget.hold(10, ALONE):
        pass


def test_an_article_of_any_length_is_processed_alone():
    budget = TextBudget(10)
    with budget.hold(1000, ALONE), pytest.raises(Overloaded), budget.hold(1, ALONE):
        pass
    with budget.hold(1, ALONE), pytest.raises(Overloaded), budget.hold(1000, ALONE):
        pass


def test_an_article_of_a_batch_waits_for_its_place():
    budget, held, began = TextBudget(10), ExitStack(), Event()

    def process():
        with budget.hold(5, IN_BATCH):
            began.set()

    held.enter_context(budget.hold(6, ALONE))
    Thread(target=process, daemon=True).start()
    assert not began.wait(0.1)
    held.close()
    assert began.wait(10)


def test_an_article_that_waits_has_a_deadline():
    budget = TextBudget(10)
    limits = JobLimits(time.monotonic() + 0.01, bounded=False)
    with budget.hold(6, ALONE), pytest.raises(DeadlineExceeded), budget.hold(5, limits):
        pass
    with budget.hold(10, JobLimits(math.inf)):
        pass
