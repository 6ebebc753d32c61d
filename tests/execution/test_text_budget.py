"""How much text a worker processes at the same time."""

import math
import time
from contextlib import ExitStack
from queue import Queue
from threading import Event, Thread

import pytest

from service.execution.errors import ClientDisconnected, DeadlineExceeded, Overloaded
from service.execution.job import JobLimits, Share
from service.execution.text_budget import MAX_WAITING, TextBudget

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


def alone(caller: str) -> JobLimits:
    return JobLimits(share=Share(caller))


class Articles:
    """Articles in threads of their own, which end when they are told to."""

    def __init__(self, budget: TextBudget) -> None:
        self.budget = budget
        self.begun: Queue[tuple[str, Event]] = Queue()

    def begin(self, caller: str, characters: int, weight: int = 1, bounded: bool = False) -> None:
        """Begin an article, or leave it waiting."""
        arrived, ended = Event(), Event()

        def disconnected() -> bool:  # is asked only while the article waits
            arrived.set()
            return False

        limits = JobLimits(disconnected=disconnected, bounded=bounded, share=Share(caller, weight))

        def process() -> None:
            with self.budget.hold(characters, limits):
                self.begun.put((caller, ended))
                arrived.set()
                ended.wait(60)

        Thread(target=process, daemon=True).start()
        assert arrived.wait(60)

    def end_all(self, number: int) -> str:
        """The callers of the articles in the order in which they begin, each ended in turn."""
        order = ""
        for _ in range(number):
            caller, ended = self.begun.get(timeout=60)
            ended.set()
            order += caller
        return order


def test_a_flood_of_one_caller_delays_others_by_the_article_that_has_begun():
    articles = Articles(TextBudget(10))
    for _ in range(6):
        articles.begin("a", 10)
    for caller in "bc":
        articles.begin(caller, 10, bounded=True)
    assert articles.end_all(8) == "abcaaaaa"


def test_callers_that_both_wait_take_turns():
    articles = Articles(TextBudget(10))
    for caller in "aaaabbbb":
        articles.begin(caller, 10)
    assert articles.end_all(8) == "abababab"


def test_short_articles_do_not_overtake_a_long_one_of_another_caller():
    articles = Articles(TextBudget(10))
    articles.begin("a", 5)
    articles.begin("a", 3)
    articles.begin("b", 9)
    articles.begin("a", 2)
    assert articles.end_all(4) == "aaba"


def test_a_caller_with_less_text_for_its_weight_is_next():
    articles = Articles(TextBudget(10))
    articles.begin("c", 2)
    articles.begin("a", 3)
    articles.begin("b", 5, weight=3)
    articles.begin("a", 2)
    articles.begin("b", 2, weight=3)
    running = [articles.begun.get(timeout=60) for _ in range(3)]
    assert [caller for caller, _ in running] == ["c", "a", "b"]
    running[0][1].set()
    assert articles.begun.get(timeout=60)[0] == "b"


def test_an_article_on_its_own_is_rejected_only_for_the_text_of_its_own_caller():
    budget = TextBudget(10)
    articles = Articles(budget)
    articles.begin("a", 10)
    with pytest.raises(Overloaded), budget.hold(1, alone("a")):
        pass
    articles.begin("b", 1, bounded=True)
    with pytest.raises(Overloaded), budget.hold(1, alone("b")):
        pass  # one of its articles waits
    assert articles.end_all(2) == "ab"


def test_the_text_of_all_articles_that_wait_for_other_callers_is_bounded():
    articles = Articles(TextBudget(10))
    articles.begin("a", 10)
    for caller in range(MAX_WAITING):
        articles.begin(str(caller), 10, bounded=True)
    with pytest.raises(Overloaded), articles.budget.hold(1, alone("b")):
        pass
    articles.end_all(1 + MAX_WAITING)
    articles.begin("a", 10)
    articles.begin("b", 10, bounded=True)
    assert articles.end_all(2) == "ab"


def test_an_article_that_gives_up_lets_the_next_one_begin():
    articles = Articles(TextBudget(10))
    articles.begin("a", 5)
    waits, leaves, left = Event(), Event(), Event()

    def disconnected() -> bool:
        waits.set()
        return leaves.is_set()

    limits = JobLimits(disconnected=disconnected, bounded=False, share=Share("b"))

    def wait() -> None:
        with pytest.raises(ClientDisconnected), articles.budget.hold(10, limits):
            pass
        left.set()

    Thread(target=wait, daemon=True).start()
    assert waits.wait(60)
    articles.begin("c", 5)
    assert articles.begun.qsize() == 1
    leaves.set()
    assert [articles.begun.get(timeout=60)[0] for _ in range(2)] == ["a", "c"]
    assert left.wait(60)
