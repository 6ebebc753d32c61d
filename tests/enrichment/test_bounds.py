"""What an article may hold, and how the work grows with hostile texts."""

from collections import Counter
from contextlib import contextmanager

import pytest

from service.enrichment.article import Article
from service.enrichment.bounds import BoundExceeded, Bounds
from service.enrichment.pipeline import Enricher
from service.enrichment.timings import StageTimer
from tests.enrichment.steps import StepTimer, excessive_growth
from tests.fakes import FakeDetector, FakeModel

SHAPES = [
    "(", "(a ", "[x] ",
    "“", "“a ", "‘a s' ", '"a', "«", "A.B.", "a. ", "A. ", "\u0301\f", "\u200b ",
    "Ann ", "Ann Lee. ", "ann-", "1,", "- a\n", "a\n\n", "He said “no”. ", "a,b;c: ", "…",
]  # fmt: skip
_CHARACTERS = 3000


def work(text: str) -> StepTimer:
    enricher, timer = Enricher(FakeModel(), FakeDetector()), StepTimer()
    timer.count(lambda: enricher.enrich(Article(text + " end"), timer))
    return timer


@pytest.mark.parametrize("shape", SHAPES)
def test_the_work_of_each_stage_for_a_hostile_text_grows_with_its_length(shape):
    once = (shape * _CHARACTERS)[:_CHARACTERS]
    twice = (shape * _CHARACTERS)[: 2 * _CHARACTERS]
    for text in (once, twice):  # fills caches
        work(text)
    found = work(twice)
    assert {"language", "segment", "tokenize", "quotations", "decode", "sentiment", "entities"} <= {
        *found.steps
    }
    assert excessive_growth(work(once), found) == {}


@pytest.mark.parametrize(
    "sentence",
    [
        "{0} Bank ({1}) fell. ",
        "{0} Lee met {1}. ",
        "{0}-{1} and {1}. ",
        "“No,” said {0}. ",
        "{0} & {1} rose. ",
        "{0}’s {1} Inc. ",
    ],
)
def test_distinct_names_take_work_in_proportion(sentence):
    names = ["".join(chr(97 + (i * 7919 >> k) % 26) for k in range(0, 12, 3)) for i in range(300)]
    sentences = [sentence.format(name.title(), name[:3].upper()) for name in names]
    work("".join(sentences))  # fills caches
    once, twice = work("".join(sentences[:150])), work("".join(sentences))
    assert excessive_growth(once, twice) == {}


class RunningStages(StageTimer):
    """A timer that lists the stages that are running, the innermost last."""

    def __init__(self):
        super().__init__()
        self.running: list[str] = []

    @contextmanager
    def __call__(self, name):
        self.running.append(name)
        with super().__call__(name):
            yield
        self.running.remove(name)


def test_every_stage_looks_whether_to_stop():
    timer, looked = RunningStages(), set()
    article = Article("Then Ann left. Then Bob left.")
    enricher = Enricher(FakeModel(), FakeDetector())
    enricher.enrich(article, timer, check=lambda: looked.update(timer.running))
    assert {"segment", "tokenize", "quotations", "entities"} <= looked


def test_a_long_stage_looks_often():
    calls: Counter[int] = Counter()
    for length in (100, 200):
        text = "Ann Lee left. " * length

        def check(length=length):
            calls[length] += 1

        Enricher(FakeModel(), FakeDetector()).enrich(Article(text), check=check)
    assert calls[200] > 1.9 * calls[100]


@pytest.mark.parametrize(
    ("bounds", "unit", "bound"),
    [
        (Bounds(sentences=2), "sentences", 2),
        (Bounds(words=8), "words", 8),
        (Bounds(mentions=2), "mentions", 2),
    ],
)
def test_an_article_beyond_a_bound_is_rejected(bounds, unit, bound):
    enricher = Enricher(FakeModel(), FakeDetector(), bounds)
    with pytest.raises(BoundExceeded) as error:
        enricher.enrich(Article("Then Ann left. Then Bob left. Then Eve left."))
    assert (error.value.unit, error.value.bound) == (unit, bound)


def test_an_article_within_the_bounds_is_enriched_whole():
    enricher = Enricher(FakeModel(), FakeDetector(), Bounds(sentences=3, words=12, mentions=9))
    assert (
        len(enricher.enrich(Article("Then Ann left. Then Bob left. Then Eve left.")).sentences) == 3
    )


def test_bounds_grow_with_the_largest_body():
    assert Bounds.for_body(1024) == Bounds()
    assert Bounds.for_body(8 * 1024**2) == Bounds(1 << 17, 2_000_000, 200_000, 200_000)


@pytest.mark.parametrize("calls", range(0, 12, 3))
def test_any_check_stops_the_work(calls):
    remaining = calls

    def check():
        nonlocal remaining
        if not remaining:
            raise TimeoutError
        remaining -= 1

    with pytest.raises(TimeoutError):
        Enricher(FakeModel(), FakeDetector()).enrich(
            Article("Then Ann left. Then Bob left."), check=check
        )
