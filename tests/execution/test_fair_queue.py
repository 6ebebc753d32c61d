"""The order of the turns of several callers, and the room that the queue has for each."""

import heapq
import random
import statistics
from collections import Counter
from types import SimpleNamespace

import pytest

from service.execution.backlog import Backlog
from service.execution.fair_queue import MAX_FLOWS, FairQueue
from service.execution.job import ANYBODY, JobLimits, PassSize, Share, Task
from service.execution.scheduler import CREDIT

A, B = Share("a"), Share("b")


class Passes:
    """Makes passes with ascending numbers."""

    def __init__(self):
        self.number = 0

    def __call__(self, share, due=0.0, cost=100, run=None):
        self.number += 1
        job = SimpleNamespace(limits=JobLimits(share=share))
        return Task(due, self.number, job, PassSize(0, cost, cost, cost), run)


def callers(queue, number):
    return "".join(queue.pop().job.limits.share.caller for _ in range(number))


def test_without_callers_the_earliest_pass_is_next():
    queue, new = FairQueue(1000), Passes()
    tasks = [new(ANYBODY, due) for due in (3, 1, 2, 1)]
    for task in tasks:
        queue.push(task)
    assert [queue.pop() for _ in range(4)] == [tasks[1], tasks[3], tasks[2], tasks[0]]
    assert len(queue) == 0
    with pytest.raises(ValueError, match="empty"):
        queue.pop()


def test_callers_take_turns_whoever_came_first_and_with_however_many():
    queue, new = FairQueue(10_000), Passes()
    for _ in range(10):
        queue.push(new(A, due=0))
    for _ in range(3):
        queue.push(new(B, due=9))
    assert callers(queue, 8) == "abababaa"


def test_turns_are_counted_in_tokens():
    queue, new = FairQueue(10_000), Passes()
    for _ in range(10):
        queue.push(new(A, cost=50))
        queue.push(new(B, cost=150))
    assert Counter(callers(queue, 12)) == {"a": 9, "b": 3}


def test_a_caller_with_three_times_the_priority_gets_three_times_as_much():
    queue, new = FairQueue(10_000), Passes()
    for _ in range(100):
        queue.push(new(A))
        queue.push(new(Share("b", 3)))
    counted = Counter(callers(queue, 100))
    assert counted["b"] == pytest.approx(3 * counted["a"], abs=3)


def test_a_caller_that_returns_goes_first_until_its_credit_is_used_up():
    queue, new = FairQueue(300), Passes()
    for _ in range(60):
        queue.push(new(A))
    assert callers(queue, 20) == "a" * 20
    for _ in range(10):
        queue.push(new(B))
    taken = callers(queue, 20)
    assert taken.startswith("bbb")
    assert taken.count("b") == 10
    assert "bbbbb" not in taken


def test_a_pass_that_nobody_waits_for_any_more_is_not_charged():
    queue, new = FairQueue(10_000), Passes()
    cancelled = [new(A) for _ in range(3)]
    for task in cancelled:
        queue.push(task)
        task.cancelled = True
    for _ in range(3):
        queue.push(new(A))
        queue.push(new(B))
    assert callers(queue, 7) == "aaaabab"


def test_callers_that_left_long_ago_are_forgotten():
    queue, new = FairQueue(100), Passes()
    for number in range(3 * MAX_FLOWS):
        queue.push(new(Share(f"caller {number}")))
        queue.push(new(A))
        queue.pop(), queue.pop()
    assert len(queue._flows) <= MAX_FLOWS + 2


def test_a_full_queue_has_room_for_a_caller_below_its_share():
    backlog = Backlog(1000, 100)
    backlog.add(A, 1000, 10)
    assert not backlog.has_room(A, 1)
    assert backlog.has_room(B, 500)
    assert not backlog.has_room(B, 501)
    assert backlog.has_room(Share("c", 3), 750)
    backlog.add(B, 500, 1)
    assert not backlog.has_room(B, 1)
    assert not backlog.has_room(A, 1)
    backlog.remove(A, 600, 6)
    assert backlog.has_room(A, 100)
    assert not backlog.has_room(A, 101)


def test_the_reserve_is_bounded_however_many_callers_there_are():
    backlog = Backlog(1000, 60)
    accepted = 0
    for number in range(1000):
        share = Share(f"caller {number}")
        while backlog.has_room(share, 10):
            backlog.add(share, 10, 1)
            accepted += 1
    assert backlog.articles == accepted <= 70
    assert backlog.tokens <= 2000


def test_callers_that_are_not_told_apart_have_no_reserve():
    backlog = Backlog(1000, 10)
    backlog.add(ANYBODY, 1000, 1)
    assert not backlog.has_room(ANYBODY, 1)
    assert backlog.tokens_before(ANYBODY) == 1000


def test_the_flood_of_another_is_not_waited_for():
    backlog = Backlog(1000, 10)
    backlog.add(A, 1000, 1)
    assert backlog.tokens_before(A) == 1000
    assert backlog.tokens_before(B) == 0
    backlog.add(B, 100, 1)
    assert backlog.tokens_before(B) == 200


WINDOW, CORES, MAX_TOKENS = 190, 2, 16_384


def simulate(loads, seed=7, start=200_000, end=2_000_000):
    """Open loop: the times that articles take, and the tokens that are served, for each caller.

    Time runs in tokens of one core. ``loads`` is the share of the capacity that each caller asks
    for; arrivals are random, and an article that finds no room is lost. Caller A begins at
    ``start``, and articles before that do not count.
    """
    random.seed(seed)
    queue, backlog, new = FairQueue(CREDIT * MAX_TOKENS), Backlog(MAX_TOKENS, 96), Passes()
    events = []
    for share, load in loads.items():
        at = start if share == A else 0.0
        while (at := at + random.expovariate(load * CORES / 800)) < end:
            size = random.randint(100, 1500)
            heapq.heappush(events, (at, share.caller, len(events), "arrives", (share, size)))
    idle, took, served, lost = CORES, {s.caller: [] for s in loads}, Counter(), Counter()
    before = 0.0
    while events and events[0][0] < end:
        now, caller, number, what, content = heapq.heappop(events)
        queue.earn(idle * (now - before))
        before = now
        if what == "arrives":
            share, size = content
            if not backlog.has_room(share, size):
                lost[caller] += 1
                continue
            backlog.add(share, size, 1)
            article = SimpleNamespace(share=share, came=now, left=size, size=size)
            for offset in range(0, size, WINDOW):
                cost = min(WINDOW, size - offset)
                queue.push(new(share, now + offset, cost, (number, article)))
        else:
            idle += 1
            cost, article = content
            article.left -= cost
            served[caller] += cost
            backlog.remove(article.share, cost, 0 if article.left else 1)
            if not article.left and article.came > start:
                took[caller].append(now - article.came)
        while idle and len(queue):
            task = queue.pop()
            number, article = task.run
            key = (now + task.size.cost, article.share.caller, number, f"ends {task.number}")
            heapq.heappush(events, (*key, (task.size.cost, article)))
            idle -= 1
    return took, served, lost


def p99(values):
    return statistics.quantiles(values, n=100)[98]


@pytest.mark.parametrize("load", [0.2, 0.4])
@pytest.mark.parametrize("flood", [1.0, 3.0, 10.0])
def test_the_flood_of_one_caller_raises_the_p99_of_another_by_less_than_half(load, flood):
    alone, _, _ = simulate({B: load})
    beside, _, lost = simulate({B: load, A: flood})
    assert lost["b"] < len(beside["b"]) / 100  # bursts above half of the queue
    assert len(beside["b"]) > 500
    assert p99(beside["b"]) < 1.5 * p99(alone["b"])


def test_two_floods_share_the_time_by_priority():
    _, served, _ = simulate({A: 3.0, Share("b", 3): 3.0}, start=0)
    assert served["b"] == pytest.approx(3 * served["a"], rel=0.02)


def test_a_flood_beside_a_quiet_caller_gets_what_that_leaves():
    _, served, _ = simulate({A: 3.0, B: 0.2})
    assert served["a"] == pytest.approx(4 * served["b"], rel=0.2)
